//! The baseline put back: what changes, what does not, and what is refused.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]

mod support;

#[path = "revert/kit.rs"]
mod kit;

#[path = "revert/answering.rs"]
mod answering;
#[path = "revert/file_systems.rs"]
mod file_systems;
#[path = "revert/files.rs"]
mod files;
#[path = "revert/others_homes.rs"]
mod others_homes;
#[path = "revert/sessions.rs"]
mod sessions;
#[path = "revert/steps.rs"]
mod steps;
#[path = "revert/together.rs"]
mod together;
#[path = "revert/typed.rs"]
mod typed;
