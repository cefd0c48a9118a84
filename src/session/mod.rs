//! The client's sessions: which run now, and what was called through a server. Must not know what a drift is, nor what
//! follows from it.
//!
//! A session keeps the servers that it started with (seen on 2.1.329): one that began while an entry was wrong goes on
//! with it after the file has been put right.

mod running;
mod transcripts;

pub use running::{RunningClient, running};
pub use transcripts::{Calls, ToolCall, calls};

use jiff::Timestamp;

/// From when to when something stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first moment.
    pub since: Timestamp,
    /// The last one; `None` while it stands.
    pub until: Option<Timestamp>,
}

impl Window {
    /// Whether that moment lies in it.
    pub fn has(&self, moment: Timestamp) -> bool {
        self.since <= moment && self.until.is_none_or(|until| moment <= until)
    }
}
