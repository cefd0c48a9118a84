//! Where the chain ends: the newest event's number and hash, under the key, so that an end that was cut off is
//! missed. Must not know what an event says.

use super::chain::GENESIS;
use super::error::JournalError;
use super::open::Journal;
use super::tables::{failed, last_number, text};
use crate::model::digest::{Digest, Key};
use rusqlite::{Connection, OptionalExtension, params};

/// The end of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The newest event's number; 0 before the first.
    pub sequence: i64,
    /// Its hash.
    pub hash: Digest,
}

/// What is recorded with it.
#[derive(Clone, Copy)]
pub(super) struct Record {
    pub(super) head: Head,
    /// The digest of the approvals.
    pub(super) approvals: Digest,
}

/// The record, as it stands in the database.
pub(super) enum Recorded {
    /// As it was written.
    Sound(Record),
    /// Somebody changed it.
    Changed,
    /// Somebody deleted it.
    Missing,
}

impl Head {
    /// The end of a chain without events.
    pub(super) const EMPTY: Self = Self { sequence: 0, hash: GENESIS };
}

impl Record {
    fn mac(self, key: &Key) -> String {
        let Self { head: Head { sequence, hash }, approvals } = self;
        key.authenticate("journal head", format!("{sequence} {hash} {approvals}").as_bytes()).to_string()
    }

    /// Records it for the first time.
    pub(super) fn found(self, connection: &Connection, key: &Key) -> rusqlite::Result<()> {
        let sql = "INSERT INTO head (one, seq, hash, approvals, mac) VALUES (1, ?1, ?2, ?3, ?4)";
        self.write(connection, key, sql)
    }

    /// Records it in the place of the former one.
    pub(super) fn advance(self, connection: &Connection, key: &Key) -> rusqlite::Result<()> {
        self.write(connection, key, "UPDATE head SET seq = ?1, hash = ?2, approvals = ?3, mac = ?4")
    }

    fn write(self, connection: &Connection, key: &Key, sql: &str) -> rusqlite::Result<()> {
        let Self { head: Head { sequence, hash }, approvals } = self;
        connection
            .prepare_cached(sql)?
            .execute(params![sequence, hash.to_string(), approvals.to_string(), self.mac(key)])
            .map(drop)
    }
}

/// The record as it stands.
pub(super) fn recorded(connection: &Connection, key: &Key) -> rusqlite::Result<Recorded> {
    let row: Option<(i64, [String; 3])> = connection
        .prepare_cached("SELECT seq, hash, approvals, mac FROM head")?
        .query_row([], |row| Ok((row.get(0)?, [text(row, 1)?, text(row, 2)?, text(row, 3)?])))
        .optional()?;
    let Some((sequence, [hash, approvals, mac])) = row else { return Ok(Recorded::Missing) };
    let record = Digest::from_hex(&hash)
        .zip(Digest::from_hex(&approvals))
        .map(|(hash, approvals)| Record { head: Head { sequence, hash }, approvals });
    Ok(match record.filter(|record| record.mac(key) == mac) {
        Some(record) => Recorded::Sound(record),
        None => Recorded::Changed,
    })
}

/// What the next event follows, and the approvals that are to be recorded with it. A record that was tampered with
/// is left as it is, so that it shows for ever, and recording goes on all the same.
pub(super) fn to_follow(connection: &Connection, key: &Key) -> rusqlite::Result<(Head, Option<Digest>)> {
    let last: Option<(i64, String)> = connection
        .prepare_cached("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, text(row, 1)?)))
        .optional()?;
    let highest = last.as_ref().map_or(0, |(sequence, _)| *sequence).max(last_number(connection, "events")?);
    match recorded(connection, key)? {
        // A row that somebody added behind the head keeps its number and is not followed.
        Recorded::Sound(Record { head, approvals }) => {
            Ok((Head { sequence: head.sequence.max(highest), hash: head.hash }, Some(approvals)))
        }
        Recorded::Changed | Recorded::Missing => {
            let hash = last.and_then(|(_, hash)| Digest::from_hex(&hash)).unwrap_or(GENESIS);
            Ok((Head { sequence: highest, hash }, None))
        }
    }
}

impl Journal {
    /// The newest event's number and hash, as recorded; `None` when there never was one, or when the record was
    /// tampered with.
    pub fn head(&self) -> Result<Option<Head>, JournalError> {
        match recorded(&self.connection, &self.key).map_err(failed(&self.path))? {
            Recorded::Sound(Record { head, .. }) if head.sequence > 0 => Ok(Some(head)),
            Recorded::Sound(_) | Recorded::Changed | Recorded::Missing => Ok(None),
        }
    }
}
