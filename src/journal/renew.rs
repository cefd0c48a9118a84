//! Setting a journal aside whose chain is broken, and beginning a new one with what can be taken over. Must not know
//! why it is broken, nor who asks.
//!
//! Nothing is put right: the old one stays as it is, under another name, for whoever looks into it.

use super::approval_state;
use super::attached::detached;
use super::commit::record;
use super::error::JournalError;
use super::head::{self, Head, Record, Recorded};
use super::open::{self, DATABASE, Journal, LOG, SHARED};
use super::sealed;
use super::sinks;
use super::standing;
use super::tables::{failed, last_number};
use crate::host::aside;
use crate::host::draft::Draft;
use crate::host::private_dir::PrivateDir;
use crate::host::private_file;
use crate::model::event::Event;
use jiff::Timestamp;
use rusqlite::Connection;
use std::path::{Path, PathBuf};

/// Under this name what was broken is set aside; it is never pruned.
const BROKEN: &str = "journal-broken.db";

/// What became of a journal that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renewed {
    /// Where it is now.
    pub path: PathBuf,
    /// Where its chain ended, by its own record; `None` when that was changed.
    pub head: Option<Head>,
    /// The highest number that one of its events had: the new one goes on after it.
    pub last: i64,
    /// How many approvals were taken over; `None` when it cannot be proven which of them hold, so that none was.
    pub approvals: Option<u64>,
    /// How many standing drifts were taken over.
    pub standing: u64,
}

impl Journal {
    /// How many journals were set aside in that state directory, and are still there.
    pub fn set_aside(state: &Path) -> usize {
        let dir = PrivateDir::verify(state).ok().flatten();
        dir.map_or(0, |dir| aside::count(&dir, DATABASE) + aside::count(&dir, BROKEN))
    }

    /// Sets this journal aside and begins a new one in its place, under the same key, with its approvals and standing
    /// drifts, and with the event that `first` makes of it. No agent may run meanwhile.
    pub fn renew(
        self,
        now: Timestamp,
        first: impl FnOnce(&Renewed) -> Event,
    ) -> Result<(Self, Renewed), JournalError> {
        let state = self.path.parent().unwrap_or(&self.path).to_path_buf();
        let dir = PrivateDir::make(&state)?;
        let failed = failed(&self.path);
        // What is still in the log goes into the database, if nobody reads it just now.
        _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        // Nobody else writes until the new one is there; who waited for that looks again.
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(failed)?;
        if self.is_detached() {
            return Err(detached(&self.path));
        }
        let name = aside::name_of(BROKEN, &aside::stamp(now));
        let draft = Draft::new(&dir, DATABASE)?;
        let mut renewed = None;
        let mut refused = None;
        open::make(draft.path(), &self.key, |new| {
            let made = renewed.insert(self.take_over(new, dir.join(&name))?);
            refused = record(new, &self.key, &mut [first(made)], &self.path).err();
            Ok(())
        })
        .map_err(failed)?;
        if let Some(refused) = refused {
            return Err(refused);
        }
        aside::also(&dir, DATABASE, &name);
        // A log that is left there would be taken for the new one's.
        match private_file::size(&dir, LOG)? {
            Some(0) | None => aside::clear(&dir, LOG, &format!("{name}-wal"))?,
            Some(_) => aside::set_aside(&dir, LOG, &format!("{name}-wal")).map(drop)?,
        }
        aside::clear(&dir, SHARED, &format!("{name}-shm"))?;
        draft.replace(&name)?;
        let mut old = self;
        old.leave();
        drop(old);
        let new = Self::open(&state)?;
        let renewed = renewed.ok_or_else(|| detached(&new.path))?;
        Ok((new, renewed))
    }

    fn take_over(&self, new: &Connection, path: PathBuf) -> rusqlite::Result<Renewed> {
        let old = &self.connection;
        let recorded = match head::recorded(old, &self.key)? {
            Recorded::Sound(Record { head, .. }) => Some(head),
            Recorded::Changed | Recorded::Missing => None,
        };
        let highest: i64 = old.query_row("SELECT ifnull(max(seq), 0) FROM events", [], |row| row.get(0))?;
        let last = highest.max(last_number(old, "events")?).max(recorded.map_or(0, |head| head.sequence));
        let approvals = approval_state::take_over(old, new, &self.key)?;
        let standing = standing::take_over(old, new, &self.key)?;
        sealed::take_over(old, new)?;
        sinks::take_over(old, new, &self.key)?;
        // No number is used twice, neither of an event nor of an approval.
        for (table, number) in [("events", last), ("approvals", last_number(old, "approvals")?)] {
            new.execute("DELETE FROM sqlite_sequence WHERE name = ?1", [table])?;
            new.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", (table, number))?;
        }
        Ok(Renewed { path, head: recorded.filter(|head| head.sequence > 0), last, approvals, standing })
    }
}
