//! Any process tree: judged without a panic, nothing proven without recorded forks, no secret in the document.
#![no_main]

#[path = "../../tests/common/provenance_judge.rs"]
mod provenance_judge;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| provenance_judge::check(bytes));
