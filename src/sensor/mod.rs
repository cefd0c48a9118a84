//! Sources of hints that something changed. A hint is never evidence: whoever is told looks for himself.

pub mod inbox;
mod limits;
pub mod lineage;
pub mod notify;
mod plan;
mod route;
mod versions;
mod watches;
mod watching;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub use inbox::Inbox;
pub use versions::Versions;
pub use watches::{Unwatched, Watches};

/// What a sensor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Something may have changed about these files, each named as it was asked for.
    Changed(BTreeSet<PathBuf>),
    /// Versions of these files came to be; each file also [`Hint::Changed`].
    Versions(BTreeMap<PathBuf, Versions>),
    /// Something may have changed in these directories, each named as it was asked for.
    Elsewhere(BTreeSet<PathBuf>),
    /// Hints were lost, or a directory on the way was moved: everything must be looked at, files and directories.
    Lost,
    /// The sensor cannot do its work, and why.
    Degraded(String),
}
