//! The client's credentials file: what is told of it by name and shape, a lost login put back, and never a byte of a token
//! anywhere else.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]

mod support;

#[path = "credentials/guard.rs"]
mod guard;
#[path = "credentials/kit.rs"]
mod kit;
#[path = "credentials/restore.rs"]
mod restore;
