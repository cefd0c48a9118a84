//! Committing what happened and what stands, together: all of it or nothing, and once however often it is tried.
//! Must not know what the events say.

use super::attached::detached;
use super::chain;
use super::error::JournalError;
use super::events::{COLUMNS, StoredEvent};
use super::head::{self, Head, Record};
use super::open::Journal;
use super::standing::{self, StandingChange};
use super::tables::failed;
use crate::model::digest::{Digest, Key};
use crate::model::event::Event;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::borrow::Borrow;
use std::path::Path;

/// What is committed together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// What happened, in its order.
    pub events: Vec<Event>,
    /// What stands now, and what no longer does.
    pub standing: Vec<StandingChange>,
}

impl Journal {
    /// Commits a batch: all of it or nothing; when this returns, it is on the disk. An event that is in the journal
    /// already is not recorded twice but given as it stands there, so that a batch may be tried again.
    pub fn commit(&mut self, batch: impl Borrow<Batch>) -> Result<Vec<StoredEvent>, JournalError> {
        self.commit_in_place(&mut batch.borrow().clone())
    }

    /// The same for whoever tells what was committed: makes its events what stands in the journal. When this fails, they
    /// are what they were.
    pub fn commit_in_place(&mut self, batch: &mut Batch) -> Result<Vec<StoredEvent>, JournalError> {
        let key = self.key.clone();
        let last = self.last.map_or(0, |last| last.sequence);
        let committed = self.write(|transaction, path| {
            let stored = record_after(last, transaction, &key, &mut batch.events, path)?;
            batch.standing.iter().try_for_each(|change| standing::change(transaction, &key, change, path))?;
            Ok(stored)
        });
        match &committed {
            Ok(stored) => {
                let head = stored.last().and_then(StoredEvent::head);
                let is_newer = |head: &Head| self.last.is_none_or(|last| head.sequence > last.sequence);
                self.last = head.filter(is_newer).or(self.last);
            }
            Err(_) => batch.events.iter_mut().for_each(unlink),
        }
        committed
    }

    /// Records one event. When this returns, it is on the disk.
    pub fn append(&mut self, event: Event) -> Result<StoredEvent, JournalError> {
        let path = self.path.clone();
        self.append_all(vec![event])?
            .pop()
            .ok_or_else(|| JournalError::Other { path, reason: "nothing was recorded".to_owned() })
    }

    /// Records events in their order: all of them or none.
    pub fn append_all(&mut self, events: Vec<Event>) -> Result<Vec<StoredEvent>, JournalError> {
        self.commit(Batch { events, standing: Vec::new() })
    }

    /// Runs `change` in a transaction that nobody else writes beside, and commits it when it succeeds.
    pub(super) fn write<T>(
        &mut self,
        change: impl FnOnce(&Transaction<'_>, &Path) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let written = self.write_attached(change);
        if written.as_ref().is_err_and(JournalError::is_destroyed) {
            self.attachment.found_destroyed();
        }
        // What goes wrong while it is taken away is no fault of the disk.
        if written.is_err() { self.require_attached().and(written) } else { written }
    }

    fn write_attached<T>(
        &mut self,
        change: impl FnOnce(&Transaction<'_>, &Path) -> Result<T, JournalError>,
    ) -> Result<T, JournalError> {
        let failed = failed(&self.path);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        // Not before: whoever sets the journal aside in good order holds it meanwhile.
        if !self.attachment.holds() {
            return Err(detached(&self.path));
        }
        let changed = change(&transaction, &self.path)?;
        transaction.commit().map_err(failed)?;
        Ok(changed)
    }
}

/// Appends events to the chain, in the caller's transaction, and makes them what stands there.
pub(super) fn record(
    connection: &Connection,
    key: &Key,
    events: &mut [Event],
    path: &Path,
) -> Result<Vec<StoredEvent>, JournalError> {
    record_after(0, connection, key, events, path)
}

/// The same for whoever knows that an event of the number `last` was there: none may get its number again.
fn record_after(
    last: i64,
    connection: &Connection,
    key: &Key,
    events: &mut [Event],
    path: &Path,
) -> Result<Vec<StoredEvent>, JournalError> {
    let failed = failed(path);
    if events.is_empty() {
        return Ok(Vec::new());
    }
    let (mut head, approvals) = head::to_follow(connection, key).map_err(failed)?;
    if head.sequence < last {
        return Err(JournalError::CutShort(path.to_path_buf()));
    }
    let mut stored = Vec::with_capacity(events.len());
    let mut is_new = false;
    for event in events {
        if let Some(known) = known(connection, event).map_err(failed)? {
            if (known.time.as_str(), known.action.as_str()) != (event.time(), event.action()) {
                return Err(JournalError::Duplicate(known.id));
            }
            // As it stands: what is no event any more is told as it was made.
            *event = known.event().unwrap_or_else(|| event.clone());
            stored.push(known);
            continue;
        }
        let (row, hash) = link(event, key, head);
        insert(connection, &row).map_err(failed)?;
        head = Head { sequence: row.sequence, hash };
        is_new = true;
        stored.push(row);
    }
    if let Some(approvals) = approvals.filter(|_| is_new) {
        Record { head, approvals }.advance(connection, key).map_err(failed)?;
    }
    Ok(stored)
}

fn known(connection: &Connection, event: &Event) -> rusqlite::Result<Option<StoredEvent>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM events WHERE id = ?1"))?
        .query_row([event.id()], StoredEvent::from_row)
        .optional()
}

/// Gives an event its number and its place in the chain.
fn link(event: &mut Event, key: &Key, head: Head) -> (StoredEvent, Digest) {
    let sequence = head.sequence.saturating_add(1);
    event.set("event.sequence", sequence);
    let (document, hash) = chain::link(event, key, head.hash, sequence);
    let row = StoredEvent {
        sequence,
        id: event.id().to_owned(),
        time: event.time().to_owned(),
        action: event.action().to_owned(),
        level: event.level(),
        kind: event.kind().to_owned(),
        home: event.home().map(str::to_owned),
        document,
        hash: hash.to_string(),
    };
    (row, hash)
}

/// Takes its number and its place from an event.
fn unlink(event: &mut Event) {
    event.remove("event.sequence");
    chain::unlink(event);
}

fn insert(connection: &Connection, row: &StoredEvent) -> rusqlite::Result<()> {
    let sql = format!("INSERT INTO events ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    connection
        .prepare_cached(&sql)?
        .execute(params![
            row.sequence,
            row.id,
            row.time,
            row.action,
            row.level.as_str(),
            row.kind,
            row.home,
            row.document,
            row.hash
        ])
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Verification;
    use crate::model::event::{AgentAction, Context, HostFacts};
    use crate::model::level::Level;
    use jiff::Timestamp;

    fn event(id: &str) -> Event {
        let key = Key::from_bytes([0; 32]);
        let host = HostFacts::default();
        let context = Context { time: Timestamp::UNIX_EPOCH, host: &host, home: None, user: None, key: &key };
        Event::agent(id.into(), AgentAction::AgentGap, Level::Low, &"long ".repeat(100), &context)
    }

    fn journal() -> (tempfile::TempDir, Journal) {
        let root = tempfile::tempdir().unwrap();
        let journal = Journal::open(&root.path().join("state")).unwrap();
        (root, journal)
    }

    fn is_whole(journal: &Journal) -> bool {
        matches!(journal.verify(None).unwrap(), Verification::Whole(_))
    }

    #[test]
    fn a_full_disk_loses_nothing_and_is_named() {
        let (_root, mut journal) = journal();
        let pages: i64 = journal.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        let limit = |journal: &Journal, pages: i64| {
            let set = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
            journal.connection.pragma_update_and_check(None, "max_page_count", pages, set).unwrap();
        };
        limit(&journal, pages + 4);
        let mut stored = 0;
        let refused = loop {
            let batch = Batch {
                events: vec![event(&format!("{stored}a")), event(&format!("{stored}b"))],
                ..Batch::default()
            };
            match journal.commit(&batch) {
                Ok(events) => stored += events.len() as u64,
                Err(error) => break (batch, error),
            }
        };
        assert!(refused.1.is_full() && refused.1.to_string().contains("make room"), "{}", refused.1);
        assert_eq!(journal.count().unwrap(), stored);
        assert!(is_whole(&journal));
        limit(&journal, pages + 100);
        journal.commit(&refused.0).unwrap();
        assert_eq!(journal.count().unwrap(), stored + 2);
        assert!(is_whole(&journal));
    }

    #[test]
    fn what_may_not_be_written_is_named() {
        let (_root, mut journal) = journal();
        journal.connection.pragma_update(None, "query_only", true).unwrap();
        let refused = journal.append(event("a")).unwrap_err();
        assert!(refused.is_read_only() && refused.to_string().contains("check mount and mode"), "{refused}");
    }
}
