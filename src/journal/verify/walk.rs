//! Walking along the chain, row by row, and comparing each with what was stored. Must not know where rows come from.

use super::{Break, Fault, Place, Sought};
use crate::journal::chain;
use crate::journal::checkpoints::Checkpoint;
use crate::journal::head::{Head, Record, Recorded};
use crate::model::digest::{Digest, Key};
use crate::model::event::Event;
use rusqlite::Row;
use rusqlite::types::ValueRef;
use std::collections::BTreeMap;

/// A row as bytes, since nobody promises that what was tampered with is text.
pub(super) struct Bytes<'r> {
    pub(super) sequence: i64,
    pub(super) id: &'r [u8],
    columns: [(&'static str, Option<&'r [u8]>); 6],
    document: &'r [u8],
    hash: &'r [u8],
}

impl<'r> Bytes<'r> {
    pub(super) fn of(row: &'r Row<'_>) -> rusqlite::Result<Self> {
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
pub(super) struct Walk<'k> {
    key: &'k Key,
    /// Where the chain begins: numbers up to this one are not in it, but may have been kept.
    begin: i64,
    kept: BTreeMap<i64, Digest>,
    sought: Option<&'k str>,
    matches: u64,
    found: Option<(Place, u64)>,
    pub(super) events: u64,
    pub(super) first: Option<Place>,
    pub(super) last: Option<Place>,
    pub(super) head: Head,
}

impl<'k> Walk<'k> {
    pub(super) fn new(key: &'k Key, checkpoint: Option<&Checkpoint>, sought: Option<&'k str>) -> Self {
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

    /// Begins behind that event, without a look at what stands before it.
    pub(super) fn skip_to(&mut self, head: Head) {
        self.kept.clear();
        self.head = head;
    }

    /// Takes the next row.
    pub(super) fn step(&mut self, row: &Bytes<'_>) -> Result<(), Fault> {
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

    /// Whether the chain ends where it should.
    pub(super) fn end(&self, recorded: &Recorded, approvals: Digest) -> Result<(), Break> {
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

    /// What became of the hash that was asked for.
    pub(super) fn found(&self, dropped: &[Checkpoint]) -> Option<Sought> {
        let sought = self.sought?;
        let checkpoint = || dropped.iter().find(|checkpoint| checkpoint.hash.to_string().starts_with(sought));
        Some(match (&self.found, self.matches) {
            (_, 2..) => Sought::Ambiguous,
            (Some((event, at)), _) => Sought::Found { event: event.clone(), followed: self.events - at },
            (None, _) => checkpoint().cloned().map_or(Sought::Unknown, Sought::Dropped),
        })
    }
}
