//! The client's sessions: which run now, and what was called through a server. Must not know what a drift is, nor what
//! follows from it.
//!
//! A session keeps the servers that it started with (seen on 2.1.329): one that began while an entry was wrong goes on
//! with it after the file has been put right.

mod running;
mod transcripts;

/// More processes are counted and not named in a sentence.
const MOST_NAMED: usize = 8;

pub use running::{Place, running};
pub use transcripts::{Calls, ToolCall, calls};

use crate::model::running_client::RunningClient;
use jiff::Timestamp;

/// What to do about the client's processes that hold what stood, as the end of a sentence; nothing where there are none.
pub fn advice(holding: &[RunningClient]) -> String {
    if holding.is_empty() {
        return String::new();
    }
    let pids: Vec<String> = holding.iter().take(MOST_NAMED).map(|client| client.pid.to_string()).collect();
    let more = match holding.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let processes = if holding.len() == 1 { "process" } else { "processes" };
    format!(
        "; it was loaded meanwhile by the client's {processes} {}{more}: end and start again what runs there",
        pids.join(", ")
    )
}

/// From when to when something stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The first moment.
    pub since: Timestamp,
    /// The last one; `None` while it stands.
    pub until: Option<Timestamp>,
}

impl Window {
    /// Those of the client's processes that were started in it, and so loaded what stood.
    pub fn holding(&self, running: &[RunningClient]) -> Vec<RunningClient> {
        running.iter().filter(|client| self.has(client.started)).cloned().collect()
    }

    /// Whether that moment lies in it.
    pub fn has(&self, moment: Timestamp) -> bool {
        self.since <= moment && self.until.is_none_or(|until| moment <= until)
    }
}
