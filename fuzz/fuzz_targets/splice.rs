//! Any document, changed at any path: what is given out is sound.
#![no_main]

#[path = "../../tests/common/splice.rs"]
mod splice;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| splice::check(bytes));
