//! Any bytes, read in every shape: no panic, and every shape agrees with the whole.
#![no_main]

#[path = "../../tests/common/json_read.rs"]
mod json_read;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| json_read::check(bytes));
