//! What came of asking for watches. Knows nothing of how they are set.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// What came of asking for watches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watches {
    /// How many places are heard of from now on and were not before: what happened there until now nobody heard.
    pub added: usize,
    /// Watches that could not be set, as things stand now.
    pub failed: Option<Unwatched>,
    /// The asked-for files of which a change may go unheard. Somebody should look at them now and then.
    pub unwatched: Arc<[PathBuf]>,
}

/// Watches that could not be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwatched {
    /// How many.
    pub count: usize,
    /// The first one's reason, with what to do about it.
    pub reason: String,
}

impl fmt::Display for Unwatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.count == 1 { "place is" } else { "places are" };
        write!(f, "{} {plural} checked on a timer only: {}", self.count, self.reason)
    }
}
