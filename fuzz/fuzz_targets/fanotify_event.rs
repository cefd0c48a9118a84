//! Any bytes as events of fanotify: no panic, no event beyond the bytes, one way to read them.
#![no_main]

#[path = "../../tests/common/fanotify_event.rs"]
mod fanotify_event;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| fanotify_event::check(bytes));
