//! Events as rows, each numbered in the order in which it was committed. Must not know what they say.

use super::head::Head;
use super::tables::{text, text_if_any};
use crate::model::digest::Digest;
use crate::model::event::Event;
use crate::model::level::Level;
use rusqlite::Row;

/// The columns of an event, in the order in which [`StoredEvent::from_row`] reads them.
pub(super) const COLUMNS: &str = "seq, id, time, action, level, kind, home, document, hash";

/// An event as it stands in the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEvent {
    /// Its number; later events have higher ones, and none is used twice.
    pub sequence: i64,
    /// Its id.
    pub id: String,
    /// When it was seen, RFC 3339.
    pub time: String,
    /// The drift kind or the agent's action.
    pub action: String,
    /// How much it matters.
    pub level: Level,
    /// ECS `event.kind`.
    pub kind: String,
    /// The home it is about.
    pub home: Option<String>,
    /// The document, byte for byte as it was stored.
    pub document: String,
    /// Its hash in the chain, in hexadecimal.
    pub hash: String,
}

impl StoredEvent {
    /// The event that the document holds; `None` when somebody made it no event.
    pub fn event(&self) -> Option<Event> {
        Event::from_document(serde_json::from_str(&self.document).ok()?)
    }

    /// Its place in the chain.
    pub(super) fn head(&self) -> Option<Head> {
        Some(Head { sequence: self.sequence, hash: Digest::from_hex(&self.hash)? })
    }

    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let level = text(row, 4)?;
        Ok(Self {
            sequence: row.get(0)?,
            id: text(row, 1)?,
            time: text(row, 2)?,
            action: text(row, 3)?,
            level: level.parse().unwrap_or(Level::Critical),
            kind: text(row, 5)?,
            home: text_if_any(row, 6)?,
            document: text(row, 7)?,
            hash: text(row, 8)?,
        })
    }
}
