//! Any text searched for variables: nothing is lost, nothing is expanded twice.
#![no_main]

#[path = "../../tests/common/variables_expand.rs"]
mod variables_expand;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| variables_expand::check(bytes));
