//! The journal as another process sees it. Knows its table of events and when something was committed.

use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// Where the index of SQLite's log keeps the number that each commit changes.
const CHANGES: u64 = 8;

/// A reader of its own.
pub(crate) struct Journal {
    connection: Connection,
    index: File,
    changes: u32,
    seen: i64,
}

impl Journal {
    /// Opens it. What stands there by now counts as seen.
    pub(crate) fn open(state: &Path) -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(state.join("journal.db"), flags).expect("the journal");
        connection.busy_timeout(Duration::from_secs(5)).expect("a time to wait");
        let mut journal = Self {
            index: File::open(state.join("journal.db-shm")).expect("the log's index"),
            connection,
            changes: 0,
            seen: 0,
        };
        journal.seen = journal.last();
        journal.changes = journal.counter();
        journal
    }

    /// Events that were not seen yet.
    pub(crate) fn new_events(&mut self) -> Vec<Value> {
        self.changes = self.counter();
        let sql = "SELECT seq, document FROM events WHERE seq > ?1 ORDER BY seq";
        let mut query = self.connection.prepare_cached(sql).expect("a query");
        let rows = query.query_map([self.seen], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
        let rows: Vec<(i64, String)> = rows.map(|row| row.expect("a row")).collect();
        drop(query);
        self.seen = rows.last().map_or(self.seen, |(sequence, _)| *sequence);
        rows.iter().map(|(_, document)| serde_json::from_str(document).expect("an event")).collect()
    }

    /// From the start again: the next call gives every event.
    pub(crate) fn rewind(mut self) -> Self {
        self.seen = 0;
        self
    }

    /// Spins until an event is committed; says when. `None` when there is none in time.
    ///
    /// The log's index is looked at, which costs one `pread` and takes no lock that the agent could feel. The
    /// moment counts at which it changed; only then, and untimed, it is asked whether it was an event.
    pub(crate) fn commit_after(&mut self, deadline: Instant) -> Option<Instant> {
        loop {
            let changes = self.counter();
            let now = Instant::now();
            if changes != self.changes {
                self.changes = changes;
                if self.last() > self.seen {
                    return Some(now);
                }
            } else if now > deadline {
                return None;
            }
            std::thread::yield_now();
        }
    }

    /// Whether SQLite finds the file sound.
    pub(crate) fn is_sound(&self) -> bool {
        let answer = self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0));
        answer.is_ok_and(|answer| answer == "ok")
    }

    fn last(&self) -> i64 {
        let mut query = self.connection.prepare_cached("SELECT max(seq) FROM events").expect("a query");
        query.query_row([], |row| row.get::<_, Option<i64>>(0)).expect("an answer").unwrap_or(0)
    }

    fn counter(&self) -> u32 {
        let mut bytes = [0; 4];
        self.index.read_exact_at(&mut bytes, CHANGES).expect("the log's index");
        u32::from_ne_bytes(bytes)
    }
}
