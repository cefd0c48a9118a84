//! Whether the database that is open is still the one that has its name. SQLite goes on writing into a file that was
//! deleted, and what is written there is lost.

use super::error::JournalError;
use super::open::Journal;
use crate::host::private_file;
use std::path::{Path, PathBuf};

/// A file and which one it was.
#[derive(Debug)]
struct Known {
    path: PathBuf,
    identity: Option<(u64, u64)>,
}

/// Which files were opened.
#[derive(Debug)]
pub(super) struct Attachment(Vec<Known>);

impl Attachment {
    /// The files that have these names now.
    pub(super) fn to(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        let known = |path: PathBuf| Known { identity: private_file::identity(&path), path };
        Self(paths.into_iter().map(known).collect())
    }

    /// Whether each of them still has its name.
    pub(super) fn holds(&self) -> bool {
        self.0
            .iter()
            .all(|known| known.identity.is_some() && private_file::identity(&known.path) == known.identity)
    }
}

impl Journal {
    /// Whether the database, or the log that its changes go to first, was deleted or replaced since it was opened.
    /// Open it again then; what is in the deleted one cannot be had back.
    pub fn is_detached(&self) -> bool {
        !self.attachment.holds()
    }

    pub(super) fn require_attached(&self) -> Result<(), JournalError> {
        if self.is_detached() { Err(detached(&self.path)) } else { Ok(()) }
    }
}

pub(super) fn detached(path: &Path) -> JournalError {
    JournalError::Detached(path.to_path_buf())
}
