//! Whether the database that is open is still the one that has its name. SQLite goes on writing into a file that was
//! deleted, and what is written there is lost.

use super::error::JournalError;
use super::keyfile;
use super::open::Journal;
use crate::host::held::{Beginning, Held};
use crate::host::private_file::{self, Stamp};
use rusqlite::config::DbConfig;
use std::cell::Cell;
use std::path::{Path, PathBuf};

/// With one of these a log of SQLite begins, by the order of bytes in which its sums are made. An empty one with nothing.
const LOG_BEGINS: [[u8; 4]; 2] = [[0x37, 0x7f, 0x06, 0x82], [0x37, 0x7f, 0x06, 0x83]];

/// A file and which one it was.
#[derive(Debug)]
struct Known {
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

/// Which files were opened.
#[derive(Debug)]
pub(super) struct Attachment {
    database: Known,
    /// By which the database is found after it was moved.
    held: Option<Held>,
    /// The log, where changes go to it.
    log: Option<Known>,
    /// What it begins with.
    log_beginning: Option<Beginning>,
    /// The largest that the log was found to be. As long as it is open nobody makes it smaller who means well.
    log_size: Cell<u64>,
    /// The key that lies beside the database, as it was when it was found right.
    key: (PathBuf, Cell<Option<Stamp>>),
    /// What was written there cannot be read any more, whatever files these are.
    is_destroyed: Cell<bool>,
    /// Whether room was made in it, or could not be.
    is_lengthened: Cell<bool>,
}

impl Known {
    fn now(path: PathBuf) -> Self {
        Self { identity: private_file::identity(&path), path }
    }

    fn holds(&self) -> bool {
        self.length().is_some()
    }

    /// How long it is, if it is the one that it was.
    fn length(&self) -> Option<u64> {
        let (identity, length) = private_file::identity_and_length(&self.path)?;
        (Some(identity) == self.identity).then_some(length)
    }
}

impl Attachment {
    /// The files that have these names now.
    pub(super) fn to(database: PathBuf, log: Option<PathBuf>) -> Self {
        let key = database.with_file_name(keyfile::NAME);
        Self {
            held: Held::of(&database),
            key: (key.clone(), Cell::new(private_file::stamp(&key))),
            database: Known::now(database),
            log_beginning: log.as_deref().and_then(Beginning::of),
            log: log.map(Known::now),
            log_size: Cell::new(0),
            is_destroyed: Cell::new(false),
            is_lengthened: Cell::new(false),
        }
    }

    /// Whether each of them still has its name.
    pub(super) fn holds(&self) -> bool {
        !self.is_destroyed.get()
            && self.database.holds()
            && self.log.as_ref().is_none_or(|log| self.is_a_log_still(log))
    }

    /// Whether the log holds at least as much as it did, and begins like a log: else somebody emptied it or wrote over it,
    /// and what was in it is gone.
    fn is_a_log_still(&self, log: &Known) -> bool {
        let Some(size) = log.length() else { return false };
        let before = self.log_size.replace(self.log_size.get().max(size));
        let begins = |log: &Beginning| log.bytes().is_none_or(|bytes: [u8; 4]| LOG_BEGINS.contains(&bytes));
        size >= before && self.log_beginning.as_ref().is_none_or(begins)
    }

    /// It is to be got back, although every file has its name.
    pub(super) fn found_destroyed(&self) {
        self.is_destroyed.set(true);
    }

    /// Where the key lies.
    pub(super) fn key(&self) -> &Path {
        &self.key.0
    }

    /// Whether nobody touched the key.
    pub(super) fn has_its_key(&self) -> bool {
        let stamp = private_file::stamp(&self.key.0);
        stamp.is_some() && stamp == self.key.1.get()
    }

    /// The key that lies there now is the right one.
    pub(super) fn found_its_key(&self) {
        self.key.1.set(private_file::stamp(&self.key.0));
    }

    /// Which file the database is.
    pub(super) fn identity(&self) -> Option<(u64, u64)> {
        self.database.identity
    }

    /// Where the database is now, if it can be opened by a name.
    pub(super) fn database(&self) -> Option<PathBuf> {
        if self.database.holds() { Some(self.database.path.clone()) } else { self.whereabouts() }
    }

    /// Where the database is now, under whatever name; `None` when it was deleted, or that cannot be told.
    pub(super) fn whereabouts(&self) -> Option<PathBuf> {
        self.held.as_ref()?.whereabouts()
    }

    /// The log, and which file it is, the first time that something stands in it and it is shorter than that.
    pub(super) fn log_shorter_than(&self, most: u64) -> Option<(PathBuf, (u64, u64))> {
        let log = self.log.as_ref().filter(|_| !self.is_lengthened.get())?;
        let is_short = (1..most).contains(&log.length()?);
        self.is_lengthened.set(is_short);
        Some((log.path.clone(), log.identity?)).filter(|_| is_short)
    }

    /// Whether the log that was opened still has its name.
    pub(super) fn has_its_log(&self) -> bool {
        self.log.as_ref().is_some_and(Known::holds)
    }
}

impl Drop for Journal {
    /// When the last connection closes, SQLite empties the log into the database and deletes it by its name. Where
    /// another log has that name by now, it is another journal's and is left alone. Where none has it, what is still
    /// open of ours must be emptied, or it is lost.
    fn drop(&mut self) {
        let anothers = |log: &Known| {
            let now = private_file::identity(&log.path);
            now.is_some() && now != log.identity
        };
        if self.attachment.log.as_ref().is_some_and(anothers) {
            // NOTE(ignored): it cannot fail on an open connection.
            let _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        }
    }
}

impl Journal {
    /// Whether the database, or the log that its changes go to first, was deleted, replaced or emptied since it was
    /// opened.
    /// See [`Journal::reattach`] then.
    pub fn is_detached(&self) -> bool {
        !self.attachment.holds()
    }

    /// Lets those who watch the log look again. They hear of a change when it is written, which is before it can be
    /// seen: it is synced first.
    pub(super) fn call_attention(&self) {
        self.attachment.log.iter().for_each(|log| private_file::touch(&log.path));
    }

    pub(super) fn require_attached(&self) -> Result<(), JournalError> {
        if self.is_detached() { Err(detached(&self.path)) } else { Ok(()) }
    }
}

pub(super) fn detached(path: &Path) -> JournalError {
    JournalError::Detached(path.to_path_buf())
}
