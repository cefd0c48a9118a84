//! Who did it, with real package managers, the real client and the real binary: every installer is named with its
//! package and step, and whoever is innocent is not.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]
#![cfg(target_os = "linux")]

mod support;

#[path = "provenance_live/afterwards.rs"]
mod afterwards;
#[path = "provenance_live/credentials.rs"]
mod credentials;
#[path = "provenance_live/innocents.rs"]
mod innocents;
#[path = "provenance_live/kit.rs"]
mod kit;
#[path = "provenance_live/native.rs"]
mod native;
#[path = "provenance_live/node.rs"]
mod node;
