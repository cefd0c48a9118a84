//! Getting back to a journal whose files were deleted or replaced while it was open. Must not know who did that.
//!
//! What was deleted is still there for as long as it is open, so that deleting the journal under a running agent
//! loses nothing.

use super::error::JournalError;
use super::keyfile;
use super::open::{DATABASE, Journal, LOG, SHARED};
use super::tables::failed;
use crate::host::draft::Draft;
use crate::host::private_dir::PrivateDir;
use crate::host::private_file;
use crate::host::refusal::Refusal;
use rusqlite::Connection;
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

/// How a journal was got back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reattached {
    /// It was gone, and is there again with all that it held.
    Restored,
    /// Something has its name, and was opened.
    Reopened,
}

impl Journal {
    /// Gets back to the journal after [`Journal::is_detached`]. Where nothing has its name, all that it held is
    /// written there again, with its key; what has its name is never overwritten, but opened.
    pub fn reattach(&mut self) -> Result<Reattached, JournalError> {
        let state = self.path.parent().unwrap_or(&self.path).to_path_buf();
        let is_gone = private_file::identity(&self.path).is_none();
        if is_gone {
            self.restore(&PrivateDir::make(&state)?)?;
        }
        let patience: i64 = self
            .connection
            .pragma_query_value(None, "busy_timeout", |row| row.get(0))
            .map_err(failed(&self.path))?;
        // Closed before the other is opened: closing empties its log into the database where that is still ours.
        let nothing = Connection::open_in_memory().map_err(failed(&self.path))?;
        drop(std::mem::replace(&mut self.connection, nothing));
        *self = Self::open(&state)?;
        self.set_patience(Duration::from_millis(patience.unsigned_abs()))?;
        Ok(if is_gone { Reattached::Restored } else { Reattached::Reopened })
    }

    /// Writes all that is still open to where it was.
    fn restore(&self, dir: &PrivateDir) -> Result<(), JournalError> {
        if !private_file::verify(dir, keyfile::NAME)? {
            keyfile::restore(dir, &self.key)?;
        }
        let draft = Draft::new(dir, DATABASE)?;
        let target = draft.path().as_os_str().as_bytes();
        self.connection.execute("VACUUM INTO CAST(?1 AS TEXT)", [target]).map_err(failed(&self.path))?;
        // A log that is left there would be taken for the new one's.
        if self.attachment.has_its_log() {
            private_file::remove(dir, LOG)?;
            private_file::remove(dir, SHARED)?;
        }
        match draft.publish() {
            // Another process was quicker; its database is opened.
            Ok(()) | Err(Refusal::Exists(_)) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }
}
