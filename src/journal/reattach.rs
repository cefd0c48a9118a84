//! Getting back to a journal whose files were deleted, moved or replaced while it was open. Must not know who did
//! that, nor who is told.
//!
//! What was taken away is still there for as long as it is open. So all that it held is written to its place again,
//! and what stands there instead is set aside: it is never gone on with, whatever it says of itself.

use super::attached::detached;
use super::error::JournalError;
use super::found::{self, Found};
use super::head::Head;
use super::keyfile;
use super::open::{DATABASE, Journal, LOG, SHARED};
use super::salvage::{self, Lost};
use super::tables::failed;
use crate::host::aside;
use crate::host::draft::Draft;
use crate::host::private_dir::PrivateDir;
use crate::host::private_file;
use jiff::Timestamp;
use rusqlite::config::DbConfig;
use std::path::PathBuf;
use std::time::Duration;

/// How a journal was got back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reattached {
    /// What stood in its place, and was set aside.
    pub found: Option<Found>,
    /// Where the files are now that were open before; `None` when they were deleted, or that cannot be told.
    pub moved_to: Option<PathBuf>,
    /// Its newest event: all up to there was in what was open, and is in what is open now but for what is lost. `None`
    /// when there is no event, or somebody changed the record of it.
    pub head: Option<Head>,
    /// What was committed and could not be got back.
    pub lost: Option<Lost>,
}

impl Journal {
    /// Gets back to the journal after [`Journal::is_detached`]: all that it held is written to its place again, with
    /// its key. What stands there by now is set aside under a name of its own. When this fails, everything that was
    /// open still is.
    pub fn reattach(&mut self, now: Timestamp) -> Result<Reattached, JournalError> {
        let state = self.path.parent().unwrap_or(&self.path).to_path_buf();
        let moved_to = self.attachment.whereabouts().filter(|path| *path != self.path);
        let head = self.head().ok().flatten().or(self.last);
        let dir = PrivateDir::make_closed(&state)?;
        let stamp = aside::stamp(now);
        let name = aside::name_of(DATABASE, &stamp);
        let mut draft = Draft::new(&dir, DATABASE)?;
        if let Err(error) = salvage::copy(&self.connection, draft.path()).map_err(failed(&self.path)) {
            if !error.is_destroyed() {
                return Err(error);
            }
            draft = Draft::new(&dir, DATABASE)?;
            self.salvage(draft.path())?;
        }
        let lost = self.go_on_behind(draft.path())?;
        let ours = private_file::identity(draft.path());

        self.put_key(&dir, &stamp)?;
        // A log that is left there would be taken for the new one's.
        if self.attachment.has_its_log() {
            aside::clear(&dir, LOG, &format!("{name}-wal"))?;
        } else {
            aside::set_aside(&dir, LOG, &format!("{name}-wal"))?;
        }
        aside::clear(&dir, SHARED, &format!("{name}-shm"))?;
        let found = draft.replace(&name)?;
        aside::prune(&dir, &[DATABASE, keyfile::NAME]);
        let found = found.then(|| found::of(self, &dir, &name));

        let patience: i64 = self
            .connection
            .pragma_query_value(None, "busy_timeout", |row| row.get(0))
            .map_err(failed(&self.path))?;
        let mut again = Self::open(&state)?;
        if ours.is_none() || again.attachment.identity() != ours {
            return Err(detached(&self.path));
        }
        again.set_patience(Duration::from_millis(patience.unsigned_abs()))?;
        self.leave();
        again.last = self.last;
        *self = again;
        Ok(Reattached { found, moved_to, head, lost })
    }

    /// Closes without a trace: what has the log's name by now is another's.
    pub(super) fn leave(&mut self) {
        // NOTE(ignored): it cannot fail on an open connection.
        let _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }
}
