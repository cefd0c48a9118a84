//! The only door to the machine: files, clock, accounts, locks. Must not know what a configuration means,
//! nor who asks.
#![allow(
    clippy::disallowed_methods,
    reason = "this is where the machine is reached, so that others need not"
)]

pub mod accounts;
pub mod appended;
pub mod aside;
mod attributes;
pub mod client_lock;
pub mod clock;
pub mod deputy;
pub mod draft;
mod draft_name;
pub mod entry;
#[doc(hidden)]
pub mod fake;
#[cfg(target_os = "linux")]
pub mod fanotify;
pub mod file_bell;
pub mod files;
pub mod fs_identity;
pub mod hardening;
pub mod heap;
pub mod held;
pub mod identity;
#[cfg(target_os = "linux")]
pub mod lease;
pub mod leftovers;
pub mod limits;
pub mod lines;
pub mod lock;
pub mod machine;
pub mod passed;
mod pieces;
mod pinned;
pub mod private_dir;
pub mod private_file;
pub mod proc_connector;
pub mod process;
pub mod program;
pub mod published;
mod put_back;
pub mod read_error;
pub mod reader;
pub mod refusal;
pub mod replace;
pub mod replace_error;
pub mod secret_input;
pub mod send_queue;
pub mod service;
pub mod shown;
pub mod trusted;
pub mod way;
