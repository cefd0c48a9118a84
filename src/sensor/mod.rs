//! Sources of hints that something changed. A hint is never evidence: whoever is told looks for himself.

mod ears;
mod ends;
#[cfg(target_os = "linux")]
mod fanotify;
mod hearing;
pub mod inbox;
mod limits;
pub mod lineage;
mod listening;
mod means;
mod notify;
mod plan;
#[cfg(target_os = "linux")]
pub mod reads;
mod route;
mod symbols;
#[cfg(target_os = "linux")]
mod temporaries;
mod versions;
mod watches;
mod watching;

use crate::model::touch::Touches;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

pub use inbox::Inbox;
pub use listening::Sensor;
pub use means::Means;
pub use versions::Versions;
pub use watches::{Unwatched, Watches};

/// What a sensor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Something may have changed about these files, each named as it was asked for.
    Changed(BTreeSet<PathBuf>),
    /// Versions of these files came to be; each file also [`Hint::Changed`].
    Versions(BTreeMap<PathBuf, Versions>),
    /// Who touched which files, where that can be known; comes with another hint.
    Touched(Touches),
    /// Something may have changed in these directories, each named as it was asked for.
    Elsewhere(BTreeSet<PathBuf>),
    /// Hints were lost, or a directory on the way was moved: everything must be looked at, files and directories.
    Lost,
    /// The sensor cannot do its work, and why.
    Degraded(String),
}
