//! By which means places are watched, and what refused. Knows nothing of how.

use std::fmt;

/// By what a place is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Means {
    /// The kernel tells what happened, and who did it.
    Fanotify,
    /// The system tells what happened.
    Notify,
}

impl fmt::Display for Means {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fanotify => "fanotify",
            Self::Notify => "notify",
        })
    }
}

/// Why a place cannot be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// A limit is reached.
    Full,
    /// It is not there any more: whoever replaced it is heard, or found by the next plan.
    Gone,
    /// Not by these means, on that file system.
    Unsupported,
    /// Anything else.
    Other,
}

/// A refusal, with what to do about it.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) why: Why,
    pub(super) reason: String,
}
