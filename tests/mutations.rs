//! Mutations of watched files, held against what must be said of each: everything that changes what the client
//! would run, contact, send or trust is drift, everything that does not is silent.
//!
//! Each table starts from a home that was captured, changes one thing, and expects `kind:level` of every drift,
//! the gravest first; nothing where nothing may be said.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail")]

#[path = "mutations/allowed.rs"]
mod allowed;
#[path = "mutations/capture.rs"]
mod capture;
#[path = "mutations/entries.rs"]
mod entries;
#[path = "mutations/files.rs"]
mod files;
#[path = "mutations/home.rs"]
mod home;
#[path = "mutations/scopes.rs"]
mod scopes;
#[path = "mutations/secrets.rs"]
mod secrets;
#[path = "mutations/settings.rs"]
mod settings;
#[path = "mutations/size.rs"]
mod size;
#[path = "mutations/spellings.rs"]
mod spellings;
