//! The nouns: what the product speaks of, with no knowledge of files, threads, clocks or terminals.

pub mod approval;
pub mod command;
pub mod digest;
pub mod drift;
pub mod endpoint;
pub mod entry;
pub mod event;
pub mod install;
pub mod inventory;
pub mod kind;
pub mod level;
pub mod masking;
pub mod process;
pub mod provenance;
pub mod retention;
pub mod secret;
pub mod setting;
pub mod standing;
pub mod subject;
pub mod surface;
pub mod template;
pub mod text;
pub mod value;
pub mod variables;
pub mod vendor;
pub mod verdict;
