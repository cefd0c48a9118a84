//! The sensor on a real file system: what it hears, what it must not hear, and how it fails.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]
#![cfg(target_os = "linux")]

#[path = "sensor/changes.rs"]
mod changes;
#[path = "sensor/ear.rs"]
mod ear;
#[path = "sensor/fanotify.rs"]
mod fanotify;
#[path = "sensor/hostile.rs"]
mod hostile;
#[path = "sensor/limits.rs"]
mod limits;
#[path = "sensor/links.rs"]
mod links;
#[path = "sensor/places.rs"]
mod places;
#[path = "sensor/reads.rs"]
mod reads;
