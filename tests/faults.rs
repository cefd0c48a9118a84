//! The agent while everything around it goes wrong: disks, files, limits, other processes. Each test is named after
//! what a user would notice, and drives the real binary.
//!
//! A clock that is set back is not among them: the machine's own is nobody's to turn, and the agent's clock is a
//! part of it, which its own tests turn.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]

mod support;

#[path = "faults/busy_files.rs"]
mod busy_files;
#[path = "faults/homes.rs"]
mod homes;
#[path = "faults/journal_destroyed.rs"]
mod journal_destroyed;
#[path = "faults/journal_kit.rs"]
mod journal_kit;
#[path = "faults/journal_lost.rs"]
mod journal_lost;
#[path = "faults/journal_unwritable.rs"]
mod journal_unwritable;
#[path = "faults/kit.rs"]
mod kit;
#[path = "faults/limits.rs"]
mod limits;
#[path = "faults/overflow.rs"]
mod overflow;
#[path = "faults/readers.rs"]
mod readers;
#[path = "faults/reloading.rs"]
mod reloading;
#[path = "faults/restarts.rs"]
mod restarts;
#[path = "faults/service.rs"]
mod service;
#[path = "faults/stopping.rs"]
mod stopping;
#[path = "faults/traps.rs"]
mod traps;
#[path = "faults/unread.rs"]
mod unread;
