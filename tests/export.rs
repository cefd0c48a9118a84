//! What other systems read: every format over events of every kind, against the schemas that those systems go by, and
//! `mcpwatch export` as a user meets it.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]

#[path = "export/command.rs"]
mod command;
#[path = "export/corpus.rs"]
mod corpus;
#[path = "export/document.rs"]
mod document;
#[path = "export/ecs.rs"]
mod ecs;
#[path = "export/ocsf.rs"]
mod ocsf;
mod support;
