//! Sources of hints that something changed. A hint is never evidence: whoever is told looks for himself.

pub mod notify;

use std::fmt;

/// What a sensor says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// Something that is watched may have changed.
    Changed,
    /// Hints were lost: everything must be looked at again.
    Lost,
    /// The sensor cannot do its work, and why.
    Degraded(String),
}

/// What came of asking for watches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watches {
    /// How many directories were not watched before: what happened in them until now was not heard of.
    pub added: usize,
    /// Those that cannot be watched.
    pub failed: Option<Unwatched>,
}

/// A directory that could not be watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwatched {
    /// How many directories.
    pub count: usize,
    /// The first one's reason, with what to do about it.
    pub reason: String,
}

impl fmt::Display for Unwatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.count == 1 { "directory is" } else { "directories are" };
        write!(f, "{} {plural} checked on a timer only: {}", self.count, self.reason)
    }
}
