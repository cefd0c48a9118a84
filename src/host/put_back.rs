//! Giving a save that was displaced its name back, while others go on saving. Must not know what it holds or what
//! displaced it.

use super::pinned::Pinned;
use super::replace::Place;
use super::replace_error::ReplaceError;
use rustix::fs::{RenameFlags, renameat_with};
use rustix::io::Errno;
use std::ffi::OsStr;

/// How often theirs is put back: each time somebody must have saved once more within microseconds.
const TIMES: usize = 1_000;

impl Place {
    /// Gives what has `name`, which stands beside the file, the file's own. Whatever comes back for it is what was
    /// `put_there` before, or newer: then that is given the file's name in turn. What has `name` in the end, if
    /// anything, is done with.
    ///
    /// # Errors
    /// What the system refuses. What has `name` then may be somebody's latest save.
    pub(super) fn put_back(&self, name: &OsStr, put_there: &Pinned) -> Result<(), ReplaceError> {
        let dir = &self.end.dir;
        let mut given = None;
        for _ in 0..TIMES {
            let held = Pinned::at(dir, name)?;
            match self.exchange(name) {
                // Nothing has the file's name: nothing comes back.
                Err(Errno::NOENT) => {
                    match renameat_with(dir, name, dir, &self.end.name, RenameFlags::NOREPLACE) {
                        Err(Errno::EXIST) => continue,
                        other => return Ok(other?),
                    }
                }
                other => other?,
            }
            match Pinned::at(dir, name) {
                Ok(back) if !back.is_unwritten_since(given.as_ref().unwrap_or(put_there)) => {}
                Ok(_) | Err(Errno::NOENT) => return Ok(()),
                Err(errno) => return Err(errno.into()),
            }
            given = Some(held);
        }
        Err(ReplaceError::Overtaken)
    }

    /// Exchanges the file and what has `name` beside it.
    pub(super) fn exchange(&self, name: &OsStr) -> Result<(), Errno> {
        renameat_with(&self.end.dir, name, &self.end.dir, &self.end.name, RenameFlags::EXCHANGE)
    }
}
