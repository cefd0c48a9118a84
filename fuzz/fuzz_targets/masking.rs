//! Any words around a secret: nothing is lost, and the secret is never shown.
#![no_main]

#[path = "../../tests/common/masking.rs"]
mod masking;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| masking::check(bytes));
