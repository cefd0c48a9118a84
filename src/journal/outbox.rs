//! The events that a sink has not taken yet, in their order and in bounded amounts. Must not know how they are
//! delivered.

use super::error::JournalError;
use super::events::{COLUMNS, StoredEvent};
use super::keyfile;
use super::open::{self, Journal};
use super::tables::{failed, last_number};
use crate::host::private_dir::PrivateDir;
use crate::model::level::Level;
use crate::model::selection::Selection;
use rusqlite::params_from_iter;
use rusqlite::types::Value as Parameter;
use std::path::Path;

/// No more bytes of documents are read at once, unless a single one is longer.
const MOST_BYTES: usize = 1 << 20;

/// What a sink is to get next.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outbox {
    /// The events that it wants, the oldest first.
    pub events: Vec<StoredEvent>,
    /// The number up to which there is nothing else that it wants.
    pub until: i64,
    /// Whether there is more.
    pub more: bool,
}

impl Journal {
    /// Opens the journal of that state directory for delivering what is in it; `None` when there is none, or none
    /// that this program knows. Makes nothing: whoever records makes the journal.
    ///
    /// What is noted here is on the disk a moment later than what is recorded: after a power cut a sink may get some
    /// events again, and nobody who records an event waits for the disk because of it.
    pub fn open_outbox(state: &Path) -> Result<Option<Self>, JournalError> {
        let Some(dir) = PrivateDir::verify(state)? else { return Ok(None) };
        let Some(key) = keyfile::load(&dir)? else { return Ok(None) };
        let journal = open::attach(&dir, key)?;
        let failed = failed(&journal.path);
        journal.connection.pragma_update(None, "synchronous", "NORMAL").map_err(failed)?;
        // A quarter of the usual cache: rows are read once, in their order.
        journal.connection.pragma_update(None, "cache_size", -512).map_err(failed)?;
        Ok(Some(journal))
    }

    /// The next events after that number that are wanted, at most so many.
    pub fn outbox(&self, after: i64, wanted: &Selection, most: usize) -> Result<Outbox, JournalError> {
        let failed = failed(&self.path);
        // Asked first: what is committed meanwhile comes next time.
        let last = last_number(&self.connection, "events").map_err(failed)?;
        let read = || {
            let (condition, mut parameters) = condition(wanted);
            let sql = format!(
                "SELECT {COLUMNS} FROM events WHERE seq > ? AND seq <= ?{condition} ORDER BY seq LIMIT ?"
            );
            parameters.splice(0..0, [after.into(), last.into()]);
            parameters.push(i64::try_from(most).unwrap_or(i64::MAX).into());
            let mut select = self.connection.prepare_cached(&sql)?;
            let mut rows = select.query(params_from_iter(parameters))?;
            let mut outbox = Outbox { until: last.max(after), ..Outbox::default() };
            let mut bytes = 0;
            while let Some(row) = rows.next()? {
                let event = StoredEvent::from_row(row)?;
                bytes += event.document.len();
                if bytes > MOST_BYTES && !outbox.events.is_empty() {
                    outbox.more = true;
                    break;
                }
                outbox.events.push(event);
            }
            outbox.more |= outbox.events.len() >= most;
            if let Some(newest) = outbox.events.last().filter(|_| outbox.more) {
                outbox.until = newest.sequence;
            }
            Ok(outbox)
        };
        read().map_err(failed)
    }

    /// How many events after that number are wanted.
    pub fn pending(&self, after: i64, wanted: &Selection) -> Result<u64, JournalError> {
        let (condition, mut parameters) = condition(wanted);
        parameters.insert(0, after.into());
        let sql = format!("SELECT count(*) FROM events WHERE seq > ?{condition}");
        self.connection
            .prepare_cached(&sql)
            .and_then(|mut select| select.query_row(params_from_iter(parameters), |row| row.get::<_, i64>(0)))
            .map(i64::unsigned_abs)
            .map_err(failed(&self.path))
    }
}

/// The condition that lets through what is wanted.
fn condition(wanted: &Selection) -> (String, Vec<Parameter>) {
    let mut sql = String::new();
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut one_of = |column: &str, words: Vec<String>| {
        sql.push_str(&format!(" AND {column} IN ({})", vec!["?"; words.len()].join(", ")));
        parameters.extend(words.into_iter().map(Parameter::from));
    };
    if let Some(least) = wanted.level {
        let levels = Level::ALL.into_iter().filter(|level| *level >= least);
        one_of("level", levels.map(|level| level.as_str().to_owned()).collect());
    }
    if !wanted.kinds.is_empty() {
        one_of("action", wanted.kinds.clone());
    }
    (sql, parameters)
}
