//! A document of any bytes in every format: one line, nothing hidden, bounded.
#![no_main]

#[path = "../../tests/common/export_lines.rs"]
mod export_lines;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| export_lines::check(bytes));
