//! Any two texts compared and printed: both can be read off, no terminal obeys them.
#![no_main]

#[path = "../../tests/common/text_shown.rs"]
mod text_shown;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| text_shown::check(bytes));
