//! Why the journal is not used, or did not do what was asked. Must not carry anything out of a row but its
//! number.

use crate::host::refusal::Refusal;
use rusqlite::ErrorCode;
use rusqlite::ffi::{SQLITE_IOERR_SHORT_READ, SQLITE_READONLY_DBMOVED};
use std::path::{Path, PathBuf};

/// Why the journal is not used, or did not do what was asked. Each is one sentence that says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The state directory or a file in it is not as it must be.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A later program wrote it.
    #[error("{} was made by a newer mcpwatch (schema {found}, this one knows {known}): update mcpwatch", .path.display())]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Something else lies there.
    #[error("{} is not a journal of mcpwatch: move it away, or name another --state", .0.display())]
    NotAJournal(PathBuf),
    /// It was truncated or overwritten.
    #[error("{} is damaged: restore it from a backup, or move it away to start a new one", .0.display())]
    Damaged(PathBuf),
    /// The database is gone and its log is still there.
    #[error("{} is there and its database is not: restore {}, or move the log away", .log.display(), .path.display())]
    Orphaned {
        /// The database.
        path: PathBuf,
        /// Its write-ahead log.
        log: PathBuf,
    },
    /// A database without its key.
    #[error(
        "{} is missing, without which {} cannot be used: restore the key from a backup, or move the database away",
        .key.display(), .path.display()
    )]
    KeyMissing {
        /// The key file.
        key: PathBuf,
        /// The database.
        path: PathBuf,
    },
    /// A key file that holds no key.
    #[error("{} is no key: it has {found} bytes where 32 belong: restore it from a backup", .key.display())]
    KeyLength {
        /// The key file.
        key: PathBuf,
        /// Its size.
        found: u64,
    },
    /// Another journal's key.
    #[error("{} does not fit {}: restore the key that this database was made with", .key.display(), .path.display())]
    KeyMismatch {
        /// The key file.
        key: PathBuf,
        /// The database.
        path: PathBuf,
    },
    /// No room.
    #[error("{} cannot be written, the disk is full: make room and try again", .0.display())]
    DiskFull(PathBuf),
    /// It can be read only.
    #[error("{} cannot be written here: check mount and mode of its directory", .0.display())]
    ReadOnly(PathBuf),
    /// Another process holds it.
    #[error("{} is locked by another process, which waiting did not change: see who with fuser {}", .0.display(), .0.display())]
    Locked(PathBuf),
    /// It was deleted or replaced while it was open.
    #[error("{} was deleted or replaced while it was in use: try again, and see mcpwatch events --kind journal-replaced", .0.display())]
    Detached(PathBuf),
    /// Its log is shorter than what was written to it.
    #[error("the log of {} was cut short by somebody: the agent makes up for it while it runs; then see mcpwatch verify", .0.display())]
    CutShort(PathBuf),
    /// The disk failed.
    #[error("{} cannot be read or written, the system reports an error ({reason}): see dmesg and check the disk", .path.display())]
    Io {
        /// The database.
        path: PathBuf,
        /// SQLite's words.
        reason: String,
    },
    /// A sealed value was changed or moved to another row.
    #[error("approval {id} in {} was tampered with: mcpwatch approve --withdraw {id}, then approve anew", .path.display())]
    Tampered {
        /// The approval.
        id: i64,
        /// The database.
        path: PathBuf,
    },
    /// A row that this program did not write.
    #[error("{what} in {} is not as mcpwatch writes it: restore the journal from a backup", .path.display())]
    Unreadable {
        /// Which row.
        what: String,
        /// The database.
        path: PathBuf,
    },
    /// No approval of that number.
    #[error("there is no approval {0}: list them with mcpwatch baseline show")]
    NoApproval(i64),
    /// It is withdrawn already.
    #[error("approval {id} was withdrawn at {at} by {by}: nothing is left to withdraw")]
    Withdrawn {
        /// The approval.
        id: i64,
        /// When.
        at: String,
        /// By whom.
        by: String,
    },
    /// A later approval took its place.
    #[error("approval {id} was superseded by approval {later}: withdraw that one")]
    Superseded {
        /// The approval.
        id: i64,
        /// What took its place.
        later: i64,
    },
    /// An event of that id is there already.
    #[error("event {0} is in the journal already: it is not recorded twice")]
    Duplicate(String),
    /// The system gave no random bytes.
    #[error("the system gives no random bytes ({0}): try again once it is up")]
    NoRandomness(String),
    /// Anything else SQLite says.
    #[error("{} cannot be used ({reason}): check the file system it lies on", .path.display())]
    Other {
        /// The database.
        path: PathBuf,
        /// SQLite's words.
        reason: String,
    },
}

impl JournalError {
    /// Names the reason that an error of SQLite stands for.
    pub(super) fn from_sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_path_buf();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked(path),
            Some(ErrorCode::NotADatabase) => Self::NotAJournal(path),
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(path),
            Some(ErrorCode::DiskFull) => Self::DiskFull(path),
            Some(ErrorCode::ReadOnly) if extended(error) == Some(SQLITE_READONLY_DBMOVED) => {
                Self::Detached(path)
            }
            Some(ErrorCode::ReadOnly) => Self::ReadOnly(path),
            Some(ErrorCode::SystemIoFailure) if extended(error) == Some(SQLITE_IOERR_SHORT_READ) => {
                Self::CutShort(path)
            }
            Some(ErrorCode::SystemIoFailure) => Self::Io { path, reason: error.to_string() },
            _ => Self::Other { path, reason: error.to_string() },
        }
    }

    /// Whether another process holds the journal, so that it may be tried again.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Locked(_))
    }

    /// Whether there is no room.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::DiskFull(_) | Self::Refused(Refusal::DiskFull(_)))
    }

    /// Whether it can be read only.
    pub fn is_read_only(&self) -> bool {
        matches!(self, Self::ReadOnly(_) | Self::Refused(Refusal::ReadOnly(_) | Refusal::NoPermission { .. }))
    }

    /// Whether the database was deleted or replaced, so that it must be opened anew.
    pub fn is_detached(&self) -> bool {
        matches!(self, Self::Detached(_))
    }

    /// Whether somebody destroyed what was written, so that what can be got back must be.
    pub fn is_destroyed(&self) -> bool {
        matches!(self, Self::CutShort(_) | Self::Damaged(_) | Self::NotAJournal(_))
    }

    /// Whether the disk failed.
    pub fn is_io(&self) -> bool {
        matches!(self, Self::Io { .. })
    }
}

fn extended(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code)
}
