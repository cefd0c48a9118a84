//! What became of a drift. Must not know how that was found out.

use jiff::Timestamp;

/// What became of a drift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The event is of no drift.
    None,
    /// It stood when an agent last looked.
    Stands {
        /// Since when.
        since: Timestamp,
        /// When an agent last said that it lived.
        alive: Option<Timestamp>,
    },
    /// It ended.
    Ended {
        /// When, RFC 3339.
        time: String,
        /// The event that says so.
        sequence: i64,
    },
    /// No event tells.
    Unknown,
}
