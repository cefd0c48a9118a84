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

/// The record of the head, as it stands in the database.
pub(super) enum Recorded {
    /// As it was written.
    Sound(Head),
    /// Somebody changed it.
    Changed,
    /// Somebody deleted it.
    Missing,
}

impl Head {
    /// The end of a chain without events.
    pub(super) const EMPTY: Self = Self { sequence: 0, hash: GENESIS };

    fn mac(self, key: &Key) -> String {
        key.authenticate("journal head", format!("{} {}", self.sequence, self.hash).as_bytes()).to_string()
    }

    /// Records it for the first time.
    pub(super) fn found(self, connection: &Connection, key: &Key) -> rusqlite::Result<()> {
        connection
            .execute(
                "INSERT INTO head (one, seq, hash, mac) VALUES (1, ?1, ?2, ?3)",
                params![self.sequence, self.hash.to_string(), self.mac(key)],
            )
            .map(drop)
    }

    /// Records it in the place of the former one.
    pub(super) fn advance(self, connection: &Connection, key: &Key) -> rusqlite::Result<()> {
        connection
            .prepare_cached("UPDATE head SET seq = ?1, hash = ?2, mac = ?3")?
            .execute(params![self.sequence, self.hash.to_string(), self.mac(key)])
            .map(drop)
    }
}

/// The record as it stands.
pub(super) fn recorded(connection: &Connection, key: &Key) -> rusqlite::Result<Recorded> {
    let row: Option<(i64, String, String)> = connection
        .prepare_cached("SELECT seq, hash, mac FROM head")?
        .query_row([], |row| Ok((row.get(0)?, text(row, 1)?, text(row, 2)?)))
        .optional()?;
    let Some((sequence, hash, mac)) = row else { return Ok(Recorded::Missing) };
    let head = Digest::from_hex(&hash).map(|hash| Head { sequence, hash });
    Ok(match head.filter(|head| head.mac(key) == mac) {
        Some(head) => Recorded::Sound(head),
        None => Recorded::Changed,
    })
}

/// What the next event follows. A record that was tampered with is left as it is, so that it shows for ever, and
/// recording goes on all the same.
pub(super) fn to_follow(connection: &Connection, key: &Key) -> rusqlite::Result<(Head, bool)> {
    let last: Option<(i64, String)> = connection
        .prepare_cached("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, text(row, 1)?)))
        .optional()?;
    let highest = last.as_ref().map_or(0, |(sequence, _)| *sequence).max(last_number(connection, "events")?);
    match recorded(connection, key)? {
        // A row that somebody added behind the head keeps its number and is not followed.
        Recorded::Sound(head) => Ok((Head { sequence: head.sequence.max(highest), hash: head.hash }, true)),
        Recorded::Changed | Recorded::Missing => {
            let hash = last.and_then(|(_, hash)| Digest::from_hex(&hash)).unwrap_or(GENESIS);
            Ok((Head { sequence: highest, hash }, false))
        }
    }
}

impl Journal {
    /// The newest event's number and hash, as recorded; `None` when there never was one, or when the record was
    /// tampered with.
    pub fn head(&self) -> Result<Option<Head>, JournalError> {
        match recorded(&self.connection, &self.key).map_err(failed(&self.path))? {
            Recorded::Sound(head) if head.sequence > 0 => Ok(Some(head)),
            Recorded::Sound(_) | Recorded::Changed | Recorded::Missing => Ok(None),
        }
    }
}
