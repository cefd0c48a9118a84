//! Any bytes, read as a template: refused with a place for every problem, or a template that takes its own servers.
#![no_main]

#[path = "../../tests/common/template_parse.rs"]
mod template_parse;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| template_parse::check(bytes));
