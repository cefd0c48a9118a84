//! Any bytes, loaded as a rule or an exception and held against an event.
#![no_main]

#[path = "../../tests/common/rules_load.rs"]
mod rules_load;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| rules_load::check(bytes));
