//! Who did it, as a pure function from what was seen. Must not read anything, ask for the time or know how the facts
//! were gathered.

mod actor;
pub mod broker;
mod candidates;
mod facts;
mod installs;
mod judge;
mod managers;
mod manifest;
mod program;
mod writer;

pub use self::candidates::{DEFAULT_WINDOW, Subject, candidates};
pub use self::facts::{ClientCheck, Facts, Handover, Identity, Manifest, Through, Writer};
pub use self::installs::{install_of, runs_install, runs_manager, runs_manager_now};
pub use self::judge::judge;
pub use self::manifest::{MANIFESTS, parse as parse_manifest, parse_record};
