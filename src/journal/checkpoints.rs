//! Where the chain begins since its oldest events were dropped. Must not decide what is dropped.
//!
//! Each checkpoint is bound under the key to the one before it, and the newest to the first event that is left; so
//! none can be changed, taken out or put in.

use super::tables::text;
use crate::model::digest::{Digest, Key};
use rusqlite::{Connection, Row, params};
use serde_json::json;

/// Events that were dropped, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The number of the last one.
    pub sequence: i64,
    /// Its hash.
    pub hash: Digest,
    /// How many they were.
    pub events: u64,
    /// The time of the first, RFC 3339.
    pub since: String,
    /// The time of the last, RFC 3339.
    pub until: String,
    /// When they were dropped, RFC 3339.
    pub at: String,
    /// The first of them that was not as mcpwatch wrote it, if one was not.
    pub broken: Option<i64>,
    /// Events up to there that stayed, each with the hash before it.
    pub(super) kept: Vec<(i64, Digest)>,
}

/// A checkpoint as it stands, and whether it is as it was written.
pub(super) struct Recorded {
    /// Its number, also where the rest cannot be trusted.
    pub(super) sequence: i64,
    /// `None` when somebody changed it or what stood before it.
    pub(super) checkpoint: Option<Checkpoint>,
    /// Its authentication code.
    pub(super) mac: String,
}

const COLUMNS: &str = "seq, hash, events, since, until, at, broken, kept, mac";

impl Checkpoint {
    fn kept_text(&self) -> String {
        let kept: Vec<_> = self.kept.iter().map(|(seq, hash)| json!([seq, hash.to_string()])).collect();
        json!(kept).to_string()
    }

    fn mac(&self, key: &Key, before: &str) -> String {
        let said = json!([
            self.sequence,
            self.hash.to_string(),
            self.events,
            self.since,
            self.until,
            self.at,
            self.broken,
            self.kept_text(),
            before
        ]);
        key.authenticate("journal checkpoint", said.to_string().as_bytes()).to_string()
    }

    /// Records it after the one with that authentication code (empty for the first).
    pub(super) fn record(&self, connection: &Connection, key: &Key, before: &str) -> rusqlite::Result<()> {
        let events = i64::try_from(self.events).unwrap_or(i64::MAX);
        let sql = format!("INSERT INTO checkpoints ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
        connection
            .execute(
                &sql,
                params![
                    self.sequence,
                    self.hash.to_string(),
                    events,
                    self.since,
                    self.until,
                    self.at,
                    self.broken,
                    self.kept_text(),
                    self.mac(key, before)
                ],
            )
            .map(drop)
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let kept = text(row, 7)?;
        let kept: Option<Vec<(i64, String)>> = serde_json::from_str(&kept).ok();
        let kept = kept.and_then(|kept| {
            kept.into_iter().map(|(seq, hash)| Some((seq, Digest::from_hex(&hash)?))).collect()
        });
        let (Some(hash), Some(kept)) = (Digest::from_hex(&text(row, 1)?), kept) else {
            return Ok(None);
        };
        Ok(Some(Self {
            sequence: row.get(0)?,
            hash,
            events: row.get::<_, i64>(2)?.unsigned_abs(),
            since: text(row, 3)?,
            until: text(row, 4)?,
            at: text(row, 5)?,
            broken: row.get(6)?,
            kept,
        }))
    }
}

/// Every checkpoint, the oldest first.
pub(super) fn recorded(connection: &Connection, key: &Key) -> rusqlite::Result<Vec<Recorded>> {
    let mut select = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM checkpoints ORDER BY seq"))?;
    let mut rows = select.query([])?;
    let mut found = Vec::new();
    let mut before = String::new();
    while let Some(row) = rows.next()? {
        let mac = text(row, 8)?;
        let checkpoint = Checkpoint::from_row(row)?.filter(|checkpoint| checkpoint.mac(key, &before) == mac);
        before.clone_from(&mac);
        found.push(Recorded { sequence: row.get(0)?, checkpoint, mac });
    }
    Ok(found)
}
