//! Recomputing the chain, row by row in one snapshot, and finding the first thing in it that is not as it was written.
//! Must not know who asks or how the answer looks.

mod fault;

pub use self::fault::Fault;

use super::approval_state;
use super::chain;
use super::checkpoints::{self, Checkpoint};
use super::error::JournalError;
use super::head::{self, Head, Record, Recorded};
use super::open::Journal;
use super::tables::failed;
use crate::model::digest::{Digest, Key};
use crate::model::event::Event;
use rusqlite::Row;
use rusqlite::types::ValueRef;
use std::collections::BTreeMap;

/// What verifying came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// Nothing was changed.
    Whole(Box<Verified>),
    /// Something was.
    Broken(Break),
}

/// A chain that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many events it holds.
    pub events: u64,
    /// The oldest.
    pub first: Option<Place>,
    /// The newest.
    pub last: Option<Place>,
    /// Its end.
    pub head: Head,
    /// What was dropped from its beginning, the oldest first.
    pub dropped: Vec<Checkpoint>,
    /// What became of the hash that was asked for.
    pub sought: Option<Sought>,
}

/// One event's place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its number.
    pub sequence: i64,
    /// Its id.
    pub id: String,
    /// When it was seen, RFC 3339.
    pub time: String,
}

/// Where a hash stands in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sought {
    /// It is this event's.
    Found {
        /// The event.
        event: Place,
        /// How many came after it.
        followed: u64,
    },
    /// It was the last event's of those that were dropped then.
    Dropped(Checkpoint),
    /// Several begin like this.
    Ambiguous,
    /// It stands nowhere.
    Unknown,
}

/// The first thing that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The number of the event at which it shows.
    pub sequence: Option<i64>,
    /// That event's id, where it is there to be read.
    pub id: Option<String>,
    /// What is wrong.
    pub fault: Fault,
}

impl Journal {
    /// Recomputes the whole chain. `sought` is a hash, or the beginning of one, to look for on the way, in lower
    /// case. Works while somebody writes, and takes little memory however long the journal is.
    pub fn verify(&self, sought: Option<&str>) -> Result<Verification, JournalError> {
        self.walk(sought).map_err(failed(&self.path))
    }

    fn walk(&self, sought: Option<&str>) -> rusqlite::Result<Verification> {
        // One transaction, so that all that is read was there at the same time.
        let snapshot = self.connection.unchecked_transaction()?;
        let mut dropped = Vec::new();
        for recorded in checkpoints::recorded(&snapshot, &self.key)? {
            let broken_there = |fault| Break { sequence: Some(recorded.sequence), id: None, fault };
            match recorded.checkpoint {
                None => return Ok(Verification::Broken(broken_there(Fault::Checkpoint))),
                Some(Checkpoint { broken: Some(sequence), at, .. }) => {
                    let fault = Fault::Dropped { at };
                    return Ok(Verification::Broken(Break { sequence: Some(sequence), id: None, fault }));
                }
                Some(checkpoint) => dropped.push(checkpoint),
            }
        }
        let mut walk = Walk::new(&self.key, dropped.last(), sought);
        let mut select = snapshot.prepare(
            "SELECT seq, id, time, action, level, kind, home, document, hash FROM events ORDER BY seq",
        )?;
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let row = Bytes::of(row)?;
            if let Err(fault) = walk.step(&row) {
                let id = str::from_utf8(row.id).ok().map(str::to_owned);
                return Ok(Verification::Broken(Break { sequence: Some(row.sequence), id, fault }));
            }
        }
        let approvals = approval_state::digest(&snapshot, &self.key)?;
        if let Err(broken) = walk.end(&head::recorded(&snapshot, &self.key)?, approvals) {
            return Ok(Verification::Broken(broken));
        }
        let found = walk.found(&dropped);
        let Walk { events, first, last, head, .. } = walk;
        Ok(Verification::Whole(Box::new(Verified { events, first, last, head, dropped, sought: found })))
    }
}

/// A row as bytes, since nobody promises that what was tampered with is text.
struct Bytes<'r> {
    sequence: i64,
    id: &'r [u8],
    columns: [(&'static str, Option<&'r [u8]>); 6],
    document: &'r [u8],
    hash: &'r [u8],
}

impl<'r> Bytes<'r> {
    fn of(row: &'r Row<'_>) -> rusqlite::Result<Self> {
        let bytes = |at| row.get_ref(at).map(text);
        Ok(Self {
            sequence: row.get(0)?,
            id: bytes(1)?.unwrap_or_default(),
            columns: [
                ("id", bytes(1)?),
                ("time", bytes(2)?),
                ("action", bytes(3)?),
                ("level", bytes(4)?),
                ("kind", bytes(5)?),
                ("home", bytes(6)?),
            ],
            document: bytes(7)?.unwrap_or_default(),
            hash: bytes(8)?.unwrap_or_default(),
        })
    }
}

fn text(value: ValueRef<'_>) -> Option<&[u8]> {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(bytes),
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => None,
    }
}

/// What is known on the way.
struct Walk<'k> {
    key: &'k Key,
    /// Where the chain begins: numbers up to this one are not in it, but may have been kept.
    begin: i64,
    kept: BTreeMap<i64, Digest>,
    sought: Option<&'k str>,
    matches: u64,
    found: Option<(Place, u64)>,
    events: u64,
    first: Option<Place>,
    last: Option<Place>,
    head: Head,
}

impl<'k> Walk<'k> {
    fn new(key: &'k Key, checkpoint: Option<&Checkpoint>, sought: Option<&'k str>) -> Self {
        let head = checkpoint
            .map_or(Head::EMPTY, |checkpoint| Head { sequence: checkpoint.sequence, hash: checkpoint.hash });
        Self {
            key,
            begin: head.sequence,
            kept: checkpoint.map(|checkpoint| checkpoint.kept.iter().copied().collect()).unwrap_or_default(),
            sought,
            matches: 0,
            found: None,
            events: 0,
            first: None,
            last: None,
            head,
        }
    }

    fn step(&mut self, row: &Bytes<'_>) -> Result<(), Fault> {
        let hash = str::from_utf8(row.hash).ok().and_then(Digest::from_hex).ok_or(Fault::Changed)?;
        if row.sequence <= self.begin {
            let previous = self.kept.remove(&row.sequence).ok_or(Fault::Added)?;
            self.check(row, previous, hash, row.sequence)?;
        } else {
            self.none_kept_is_missing()?;
            self.check(row, self.head.hash, hash, self.head.sequence)?;
            self.head = Head { sequence: row.sequence, hash };
        }
        self.events += 1;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let place = || Place {
            sequence: row.sequence,
            id: text(row.id),
            time: row
                .columns
                .iter()
                .find(|(name, _)| *name == "time")
                .and_then(|(_, time)| *time)
                .map_or_else(String::new, text),
        };
        if self.sought.is_some_and(|sought| row.hash.starts_with(sought.as_bytes())) {
            self.matches += 1;
            self.found = Some((place(), self.events));
        }
        if self.first.is_none() {
            self.first = Some(place());
        }
        self.last = Some(place());
        Ok(())
    }

    fn check(&self, row: &Bytes<'_>, previous: Digest, hash: Digest, before: i64) -> Result<(), Fault> {
        let event = || Event::from_document(serde_json::from_slice(row.document).ok()?);
        let hash = hash.to_string();
        let follows = |previous| chain::follows(self.key, previous, row.sequence, row.document, &hash);
        if !follows(previous) {
            let stated = event().as_ref().and_then(chain::stated_previous);
            let is_genuine = match stated {
                Some(stated) => follows(stated),
                // What was stored before there was a chain does not say what it follows.
                None => row.sequence > before.saturating_add(1),
            };
            return Err(match is_genuine {
                true if row.sequence > before.saturating_add(1) => {
                    Fault::Missing { first: before.saturating_add(1), last: row.sequence - 1 }
                }
                true => Fault::OutOfPlace,
                false => Fault::Changed,
            });
        }
        let event = event().ok_or(Fault::Changed)?;
        let said = [
            Some(event.id()),
            Some(event.time()),
            Some(event.action()),
            Some(event.level().as_str()),
            Some(event.kind()),
            event.home(),
        ];
        match row.columns.iter().zip(said).find(|((_, kept), said)| *kept != said.map(str::as_bytes)) {
            Some(((column, _), _)) => Err(Fault::Column(column)),
            None => Ok(()),
        }
    }

    fn none_kept_is_missing(&self) -> Result<(), Fault> {
        match self.kept.first_key_value() {
            Some((sequence, _)) => Err(Fault::Missing { first: *sequence, last: *sequence }),
            None => Ok(()),
        }
    }

    fn end(&self, recorded: &Recorded, approvals: Digest) -> Result<(), Break> {
        let at = |sequence, fault| Err(Break { sequence, id: None, fault });
        if let Some((sequence, _)) = self.kept.first_key_value() {
            return at(Some(*sequence), Fault::Missing { first: *sequence, last: *sequence });
        }
        match recorded {
            Recorded::Sound(record) if record.head == self.head && record.approvals == approvals => Ok(()),
            Recorded::Sound(record) if record.head == self.head => at(None, Fault::Approvals),
            Recorded::Sound(Record { head, .. }) if head.sequence > self.head.sequence => {
                let first = self.head.sequence.saturating_add(1);
                at(Some(first), Fault::CutOff { first, last: head.sequence })
            }
            Recorded::Sound(_) | Recorded::Changed => at(None, Fault::HeadChanged),
            Recorded::Missing => at(None, Fault::HeadMissing),
        }
    }

    fn found(&self, dropped: &[Checkpoint]) -> Option<Sought> {
        let sought = self.sought?;
        let checkpoint = || dropped.iter().find(|checkpoint| checkpoint.hash.to_string().starts_with(sought));
        Some(match (&self.found, self.matches) {
            (_, 2..) => Sought::Ambiguous,
            (Some((event, at)), _) => Sought::Found { event: event.clone(), followed: self.events - at },
            (None, _) => checkpoint().cloned().map_or(Sought::Unknown, Sought::Dropped),
        })
    }
}
