//! Any bytes, read as a configuration file: every problem has a place in the text.
#![no_main]

#[path = "../../tests/common/config_parse.rs"]
mod config_parse;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| config_parse::check(bytes));
