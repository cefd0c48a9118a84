//! Recording events, each numbered in the order in which it was committed. Must not know what they say.

use super::error::JournalError;
use super::open::Journal;
use super::tables::{failed, next_number};
use crate::model::event::Event;
use crate::model::level::Level;
use rusqlite::{ErrorCode, Row, TransactionBehavior, params};

/// The columns of an event, in the order in which [`StoredEvent::from_row`] reads them.
pub(super) const COLUMNS: &str = "seq, id, time, action, level, kind, home, document";

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
}

impl StoredEvent {
    /// The event that the document holds; `None` when somebody made it no event.
    pub fn event(&self) -> Option<Event> {
        Event::from_document(serde_json::from_str(&self.document).ok()?)
    }

    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let level: String = row.get(4)?;
        Ok(Self {
            sequence: row.get(0)?,
            id: row.get(1)?,
            time: row.get(2)?,
            action: row.get(3)?,
            level: level.parse().unwrap_or(Level::Critical),
            kind: row.get(5)?,
            home: row.get(6)?,
            document: row.get(7)?,
        })
    }
}

impl Journal {
    /// Records one event. When this returns, it is on the disk.
    pub fn append(&mut self, event: Event) -> Result<StoredEvent, JournalError> {
        let path = self.path.clone();
        self.append_all(vec![event])?
            .pop()
            .ok_or_else(|| JournalError::Other { path, reason: "nothing was recorded".to_owned() })
    }

    /// Records events in their order: all of them or none.
    pub fn append_all(&mut self, events: Vec<Event>) -> Result<Vec<StoredEvent>, JournalError> {
        let failed = failed(&self.path);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let first = next_number(&transaction, "events").map_err(failed)?;
        let mut stored = Vec::with_capacity(events.len());
        for (sequence, mut event) in (first..).zip(events) {
            event.set("event.sequence", sequence);
            let row = StoredEvent {
                sequence,
                id: event.id().to_owned(),
                time: event.time().to_owned(),
                action: event.action().to_owned(),
                level: event.level(),
                kind: event.kind().to_owned(),
                home: event.home().map(str::to_owned),
                document: event.into_document().to_string(),
            };
            let sql = format!("INSERT INTO events ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
            let mut insert = transaction.prepare_cached(&sql).map_err(failed)?;
            let level = row.level.as_str();
            insert
                .execute(params![
                    row.sequence,
                    row.id,
                    row.time,
                    row.action,
                    level,
                    row.kind,
                    row.home,
                    row.document
                ])
                .map_err(|error| match error.sqlite_error_code() {
                    Some(ErrorCode::ConstraintViolation) => JournalError::Duplicate(row.id.clone()),
                    _ => failed(error),
                })?;
            stored.push(row);
        }
        transaction.commit().map_err(failed)?;
        Ok(stored)
    }
}
