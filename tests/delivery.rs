//! Delivery as a user meets it: events go out through the real agent to receivers that work, die, dawdle and lie.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]

#[path = "export/corpus.rs"]
#[allow(dead_code, reason = "these tests need a part of it")]
mod corpus;
mod support;

#[path = "delivery/deaths.rs"]
mod deaths;
#[path = "delivery/files.rs"]
mod files;
#[path = "delivery/http.rs"]
mod http;
#[path = "delivery/journald.rs"]
mod journald;
#[path = "delivery/kit.rs"]
mod kit;
#[path = "delivery/local.rs"]
mod local;
#[path = "delivery/otlp.rs"]
mod otlp;
#[path = "delivery/receiver.rs"]
mod receiver;
#[path = "delivery/rsyslog.rs"]
mod rsyslog;
#[path = "delivery/tls.rs"]
mod tls;
#[path = "delivery/trouble.rs"]
mod trouble;
#[path = "delivery/unrecorded.rs"]
mod unrecorded;
