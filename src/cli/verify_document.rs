//! What `verify --format json` prints. Its keys are a promise; it knows nothing of how they are found out.

use crate::journal::{Checkpoint, Place, Renewed, Sought, Verification};
use serde::Serialize;

/// The one object.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    /// Whether nothing was changed.
    whole: bool,
    /// How many events there are; absent values are `null`.
    events: Option<u64>,
    /// The oldest.
    first: Option<PlaceRow>,
    /// The newest.
    last: Option<PlaceRow>,
    /// The hash of the newest.
    head: Option<String>,
    /// What was dropped, the oldest first.
    dropped: Vec<DroppedRow>,
    /// What became of the hash of `--head`.
    sought: Option<SoughtRow>,
    /// The first thing that was changed.
    broken: Option<BreakRow>,
    /// What became of it with `--set-aside`.
    set_aside: Option<SetAsideRow>,
}

#[derive(Debug, Serialize)]
struct PlaceRow {
    sequence: i64,
    id: String,
    time: String,
}

#[derive(Debug, Serialize)]
struct DroppedRow {
    sequence: i64,
    hash: String,
    events: u64,
    since: String,
    until: String,
    at: String,
}

#[derive(Debug, Serialize)]
struct SoughtRow {
    hash: String,
    /// `found`, `dropped`, `ambiguous` or `unknown`.
    state: &'static str,
    event: Option<PlaceRow>,
    followed: Option<u64>,
}

#[derive(Debug, Serialize)]
struct BreakRow {
    sequence: Option<i64>,
    id: Option<String>,
    fault: &'static str,
    message: String,
}

#[derive(Debug, Serialize)]
struct SetAsideRow {
    path: String,
    head: Option<String>,
    /// How many were taken over; `null` when none was, since it cannot be proven which of them hold.
    approvals: Option<u64>,
    standing: u64,
}

impl Document {
    /// The same, when it was set aside.
    pub(crate) fn set_aside(mut self, renewed: Option<&Renewed>) -> Self {
        self.set_aside = renewed.map(|renewed| SetAsideRow {
            path: renewed.path.display().to_string(),
            head: renewed.head.map(|head| head.hash.to_string()),
            approvals: renewed.approvals,
            standing: renewed.standing,
        });
        self
    }

    /// What verifying came to, when this hash was asked for.
    pub(crate) fn of(verification: &Verification, hash: Option<&str>) -> Self {
        match verification {
            Verification::Whole(whole) => Self {
                whole: true,
                events: Some(whole.events),
                first: whole.first.as_ref().map(PlaceRow::of),
                last: whole.last.as_ref().map(PlaceRow::of),
                head: (whole.head.sequence > 0).then(|| whole.head.hash.to_string()),
                dropped: whole.dropped.iter().map(DroppedRow::of).collect(),
                sought: whole.sought.as_ref().zip(hash).map(|(sought, hash)| SoughtRow::of(sought, hash)),
                broken: None,
                set_aside: None,
            },
            Verification::Broken(broken) => Self {
                whole: false,
                events: None,
                first: None,
                last: None,
                head: None,
                dropped: Vec::new(),
                sought: None,
                broken: Some(BreakRow {
                    sequence: broken.sequence,
                    id: broken.id.clone(),
                    fault: broken.fault.as_str(),
                    message: broken.fault.to_string(),
                }),
                set_aside: None,
            },
        }
    }
}

impl PlaceRow {
    fn of(place: &Place) -> Self {
        Self { sequence: place.sequence, id: place.id.clone(), time: place.time.clone() }
    }
}

impl DroppedRow {
    fn of(checkpoint: &Checkpoint) -> Self {
        Self {
            sequence: checkpoint.sequence,
            hash: checkpoint.hash.to_string(),
            events: checkpoint.events,
            since: checkpoint.since.clone(),
            until: checkpoint.until.clone(),
            at: checkpoint.at.clone(),
        }
    }
}

impl SoughtRow {
    fn of(sought: &Sought, hash: &str) -> Self {
        let (state, event, followed) = match sought {
            Sought::Found { event, followed } => ("found", Some(PlaceRow::of(event)), Some(*followed)),
            Sought::Dropped(_) => ("dropped", None, None),
            Sought::Ambiguous => ("ambiguous", None, None),
            Sought::Unknown => ("unknown", None, None),
        };
        Self { hash: hash.to_owned(), state, event, followed }
    }
}
