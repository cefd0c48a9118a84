//! Any bytes in any file of a home: no panic, and what was captured is silent.
#![no_main]

#[path = "../../tests/common/home_check.rs"]
mod home_check;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| home_check::check(bytes));
