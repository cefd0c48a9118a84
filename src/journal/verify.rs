//! Recomputing the chain, row by row in one snapshot, and finding the first thing in it that is not as it was written.
//! Must not know who asks or how the answer looks.

mod fault;
mod walk;

pub use self::fault::Fault;

use super::approval_state;
use super::checkpoints::{self, Checkpoint};
use super::error::JournalError;
use super::head::{self, Head};
use super::open::Journal;
use super::tables::{failed, text};
use crate::model::digest::Digest;
use rusqlite::{Connection, OptionalExtension};
use walk::{Bytes, Walk};

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
        self.walk(sought, None).map_err(failed(&self.path))
    }

    /// The same for so many of the newest events, the record of the end, the checkpoints and the approvals: what stands
    /// before those events is not looked at, so that the time is bounded. [`Verified::events`] says how many they were.
    pub fn verify_newest(&self, most: u32) -> Result<Verification, JournalError> {
        self.walk(None, Some(most)).map_err(failed(&self.path))
    }

    fn walk(&self, sought: Option<&str>, newest: Option<u32>) -> rusqlite::Result<Verification> {
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
        let mut after = i64::MIN;
        if let Some((sequence, hash)) =
            newest.map(|most| before_newest(&snapshot, most)).transpose()?.flatten()
            && sequence > walk.head.sequence
        {
            let Some(hash) = Digest::from_hex(&hash) else {
                let broken = Break { sequence: Some(sequence), id: None, fault: Fault::Changed };
                return Ok(Verification::Broken(broken));
            };
            walk.skip_to(Head { sequence, hash });
            after = sequence;
        }
        let mut select = snapshot.prepare(
            "SELECT seq, id, time, action, level, kind, home, document, hash FROM events WHERE seq > ?1 ORDER BY seq",
        )?;
        let mut rows = select.query([after])?;
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

/// Number and hash of the event before so many of the newest; `None` when there are no more.
fn before_newest(connection: &Connection, most: u32) -> rusqlite::Result<Option<(i64, String)>> {
    connection
        .prepare("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1 OFFSET ?1")?
        .query_row([most], |row| Ok((row.get(0)?, text(row, 1)?)))
        .optional()
}
