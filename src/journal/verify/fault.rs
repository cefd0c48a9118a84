//! What can be wrong with a chain, in words. Must not know how it was found.

use std::fmt;

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The event's document, number or hash is another than was stored.
    Changed,
    /// A column says other than the document.
    Column(&'static str),
    /// The event is as it was stored, and what stood before it is gone.
    Missing {
        /// The number of the first that is gone.
        first: i64,
        /// And of the last.
        last: i64,
    },
    /// The event is as it was stored, and follows another than it did.
    OutOfPlace,
    /// Somebody else put it there.
    Added,
    /// The newest events are gone.
    CutOff {
        /// The number of the first that is gone.
        first: i64,
        /// And of the last.
        last: i64,
    },
    /// The record of where the chain ends was changed.
    HeadChanged,
    /// It is gone.
    HeadMissing,
    /// The record of what was dropped up to there, or the one before it, was changed or deleted.
    Checkpoint,
    /// The approvals are others than were recorded with the head.
    Approvals,
    /// It had been changed before it was dropped.
    Dropped {
        /// When it was dropped, RFC 3339.
        at: String,
    },
}

impl Fault {
    /// A word for programs, which stays.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Column(_) => "column-changed",
            Self::Missing { .. } => "missing",
            Self::OutOfPlace => "out-of-place",
            Self::Added => "added",
            Self::CutOff { .. } => "cut-off",
            Self::HeadChanged => "head-changed",
            Self::HeadMissing => "head-missing",
            Self::Checkpoint => "checkpoint-changed",
            Self::Approvals => "approvals-changed",
            Self::Dropped { .. } => "dropped-changed",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("its document, number or hash is not what mcpwatch stored"),
            Self::Column(column) => write!(f, "its column \"{column}\" says other than its document"),
            Self::Missing { first, last } => {
                let were = if first == last { "it was" } else { "they were" };
                write!(f, "{} missing, and no checkpoint says that {were} dropped", events(*first, *last))
            }
            Self::OutOfPlace => f.write_str("it does not follow the event that now stands before it"),
            Self::Added => f.write_str("mcpwatch did not put it there"),
            Self::CutOff { first, last } => {
                write!(f, "{} missing: the newest events were cut off", events(*first, *last))
            }
            Self::HeadChanged => f.write_str("the record of the newest event does not fit the events"),
            Self::HeadMissing => f.write_str("the record of the newest event is missing"),
            Self::Checkpoint => {
                f.write_str("the checkpoint up to there, or the one before it, was changed or deleted")
            }
            Self::Approvals => f.write_str("an approval was added, changed or deleted in the database"),
            Self::Dropped { at } => write!(f, "it was not what mcpwatch stored when it was dropped at {at}"),
        }
    }
}

fn events(first: i64, last: i64) -> String {
    if first == last { format!("event {first} is") } else { format!("events {first} to {last} are") }
}
