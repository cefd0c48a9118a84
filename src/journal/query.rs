//! Finding events. Reads a page at a time, so that a long journal needs no memory and holds up no writer.

use super::error::JournalError;
use super::events::{COLUMNS, StoredEvent};
use super::open::Journal;
use super::tables::{failed, last_number};
use crate::model::event::{AgentAction, time_text};
use crate::model::level::Level;
use jiff::Timestamp;
use rusqlite::types::Value as Parameter;
use rusqlite::{OptionalExtension, params_from_iter};
use std::ops::ControlFlow;

/// Rows that are read at once.
const PAGE: usize = 500;

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Seen at that time or later.
    pub since: Option<Timestamp>,
    /// Of that level or above.
    pub level: Option<Level>,
    /// Of that drift kind, action of the agent, or ECS `event.kind`.
    pub kind: Option<String>,
    /// About that home.
    pub home: Option<String>,
    /// With a higher number.
    pub after_sequence: Option<i64>,
    /// At most so many.
    pub limit: Option<usize>,
    /// The newest first, instead of the oldest.
    pub newest_first: bool,
}

impl Journal {
    /// Hands over the events that the filter lets through, one by one, until there are no more or `each` breaks.
    pub fn each_event(
        &self,
        filter: &EventFilter,
        mut each: impl FnMut(StoredEvent) -> ControlFlow<()>,
    ) -> Result<(), JournalError> {
        let Some(mut above) = self.lower_bound(filter)? else { return Ok(()) };
        let mut below = i64::MAX;
        let mut left = filter.limit.unwrap_or(usize::MAX);
        while left > 0 {
            let wanted = left.min(PAGE);
            let page = self.page(filter, above, below, wanted)?;
            let is_last = page.len() < wanted;
            for event in page {
                left -= 1;
                if filter.newest_first {
                    below = event.sequence;
                } else {
                    above = event.sequence;
                }
                if each(event).is_break() {
                    return Ok(());
                }
            }
            if is_last {
                break;
            }
        }
        Ok(())
    }

    /// The events that the filter lets through, all at once: give it a limit.
    pub fn events(&self, filter: &EventFilter) -> Result<Vec<StoredEvent>, JournalError> {
        let mut events = Vec::new();
        self.each_event(filter, |event| {
            events.push(event);
            ControlFlow::Continue(())
        })?;
        Ok(events)
    }

    /// The event of that id or number.
    pub fn event(&self, id_or_sequence: &str) -> Result<Option<StoredEvent>, JournalError> {
        let sequence: i64 = id_or_sequence.parse().unwrap_or(-1);
        self.connection
            .prepare_cached(&format!("SELECT {COLUMNS} FROM events WHERE id = ?1 OR seq = ?2"))
            .and_then(|mut select| {
                select.query_row((id_or_sequence, sequence), StoredEvent::from_row).optional()
            })
            .map_err(failed(&self.path))
    }

    /// The events whose ids begin like that, the oldest first, at most so many.
    pub fn events_with_id(&self, prefix: &str, limit: usize) -> Result<Vec<StoredEvent>, JournalError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let sql = format!("SELECT {COLUMNS} FROM events WHERE id >= ?1 AND id < ?2 ORDER BY seq LIMIT ?3");
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut select| {
                select
                    .query_map((prefix, format!("{prefix}\u{10ffff}"), limit), StoredEvent::from_row)?
                    .collect()
            })
            .map_err(failed(&self.path))
    }

    /// The first event after that number which tells that the drift of that id ended.
    pub fn end_of_drift(&self, drift_id: &str, after: i64) -> Result<Option<StoredEvent>, JournalError> {
        let ended = AgentAction::DriftEnded.as_str();
        // The text is searched for first: reading every document as JSON takes far longer.
        let sql = format!(
            "SELECT {COLUMNS} FROM events WHERE seq > ?1 AND action = ?2 AND instr(document, ?3) > 0 ORDER BY seq"
        );
        let find = || {
            let mut select = self.connection.prepare_cached(&sql)?;
            let mut rows = select.query((after, ended, drift_id))?;
            while let Some(row) = rows.next()? {
                let stored = StoredEvent::from_row(row)?;
                if stored.event().is_some_and(|event| event.drift_id() == Some(drift_id)) {
                    return Ok(Some(stored));
                }
            }
            Ok(None)
        };
        find().map_err(failed(&self.path))
    }

    /// How many events there are.
    pub fn count(&self) -> Result<u64, JournalError> {
        self.connection
            .query_row("SELECT count(*) FROM events", [], |row| row.get::<_, i64>(0))
            .map(|count| count.unsigned_abs())
            .map_err(failed(&self.path))
    }

    /// The newest event.
    pub fn last(&self) -> Result<Option<StoredEvent>, JournalError> {
        let newest = EventFilter { limit: Some(1), newest_first: true, ..EventFilter::default() };
        Ok(self.events(&newest)?.pop())
    }

    /// The highest number that an event ever had; 0 when there was none. For following: ask again, and read
    /// what came after.
    pub fn last_sequence(&self) -> Result<i64, JournalError> {
        last_number(&self.connection, "events").map_err(failed(&self.path))
    }

    /// A number that changes when another process commits; cheaper than any query.
    pub fn data_version(&self) -> Result<i64, JournalError> {
        self.connection.pragma_query_value(None, "data_version", |row| row.get(0)).map_err(failed(&self.path))
    }

    /// The number after which events may pass; `None` when none can. The index on time is used once, here.
    fn lower_bound(&self, filter: &EventFilter) -> Result<Option<i64>, JournalError> {
        let after = filter.after_sequence.unwrap_or(0);
        let Some(since) = filter.since else { return Ok(Some(after)) };
        let first: Option<i64> = self
            .connection
            .query_row(
                "SELECT min(seq) FROM events INDEXED BY events_by_time WHERE time >= ?1",
                [time_text(since)],
                |row| row.get(0),
            )
            .map_err(failed(&self.path))?;
        Ok(first.map(|first| after.max(first - 1)))
    }

    fn page(
        &self,
        filter: &EventFilter,
        above: i64,
        below: i64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, JournalError> {
        // The unary plus keeps SQLite from walking the index on time and sorting every page anew.
        let mut sql = format!("SELECT {COLUMNS} FROM events WHERE seq > ? AND seq < ?");
        let mut parameters = vec![Parameter::from(above), Parameter::from(below)];
        if let Some(since) = filter.since {
            sql.push_str(" AND +time >= ?");
            parameters.push(time_text(since).into());
        }
        if let Some(level) = filter.level {
            let words: Vec<&str> =
                Level::ALL.into_iter().filter(|l| *l >= level).map(Level::as_str).collect();
            sql.push_str(&format!(" AND level IN ({})", vec!["?"; words.len()].join(", ")));
            parameters.extend(words.into_iter().map(|word| Parameter::from(word.to_owned())));
        }
        if let Some(kind) = &filter.kind {
            sql.push_str(" AND ? IN (action, kind)");
            parameters.push(kind.clone().into());
        }
        if let Some(home) = &filter.home {
            sql.push_str(" AND home = ?");
            parameters.push(home.clone().into());
        }
        sql.push_str(if filter.newest_first {
            " ORDER BY seq DESC LIMIT ?"
        } else {
            " ORDER BY seq LIMIT ?"
        });
        parameters.push(i64::try_from(limit).unwrap_or(i64::MAX).into());
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut select| {
                select.query_map(params_from_iter(parameters), StoredEvent::from_row)?.collect()
            })
            .map_err(failed(&self.path))
    }
}
