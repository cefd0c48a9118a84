//! Any bytes, read as every receipt of a package manager: no panic, and every problem has its file.
#![no_main]

#[path = "../../tests/common/receipt_parse.rs"]
mod receipt_parse;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| receipt_parse::check(bytes));
