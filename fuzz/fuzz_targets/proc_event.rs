//! Any bytes as a message of the process connector: no panic, one whole message or none.
#![no_main]

#[path = "../../tests/common/proc_event.rs"]
mod proc_event;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| proc_event::check(bytes));
