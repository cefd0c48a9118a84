//! How long events are kept, and how much room they may take. Must not know how they are dropped.

use std::time::Duration;

/// What is kept of the journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Events that are older may go.
    pub keep: Duration,
    /// While the journal takes more bytes than this, the oldest events go.
    pub max_size: u64,
    /// What a sink has not taken yet stays beyond both limits, until the journal takes more bytes than this.
    pub max_undelivered: u64,
}

impl Default for Retention {
    /// A year, and half a gibibyte; two where a sink is behind.
    fn default() -> Self {
        Self { keep: Duration::from_secs(365 * 86_400), max_size: 512 << 20, max_undelivered: 2 << 30 }
    }
}
