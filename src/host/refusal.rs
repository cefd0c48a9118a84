//! Why a file or directory of our own is not used. Must not know what is kept in it.

use super::accounts::name_of;
use super::read_error::ReadError;
use super::shown::{shown, typed};
use std::io;
use std::path::{Path, PathBuf};

/// Why something of our own is not used, or could not be made. Each is one sentence that says what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A symbolic link where none may be.
    #[error("{} is a symbolic link, which could lead elsewhere tomorrow: put the real thing there", shown(.0))]
    Link(PathBuf),
    /// No directory where one belongs.
    #[error("{} is not a directory: move it away or name another place", shown(.0))]
    NotDirectory(PathBuf),
    /// No regular file where one belongs.
    #[error("{} is not a regular file: move it away", shown(.0))]
    NotFile(PathBuf),
    /// Somebody else's.
    #[error(
        "{} belongs to {}, not to {}: run as its owner, or chown {} {}",
        shown(.path), name_of(*.owner), name_of(*.wanted), name_of(*.wanted), typed(.path)
    )]
    NotOurs {
        /// What.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Whose it should be.
        wanted: u32,
    },
    /// Others can look into it.
    #[error("{} is open to others (mode {mode:04o}): chmod {wanted:04o} {}", shown(.path), typed(.path))]
    TooOpen {
        /// What.
        path: PathBuf,
        /// Its mode.
        mode: u32,
        /// What its mode should be.
        wanted: u32,
    },
    /// Others can write what we trust.
    #[error(
        "{} can be written by others than its owner (mode {mode:04o}): chmod go-w {}",
        shown(.path), typed(.path)
    )]
    Writable {
        /// What.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is there already.
    #[error("{} is there already: it is not overwritten", shown(.0))]
    Exists(PathBuf),
    /// No room.
    #[error("{} cannot be written, the disk is full: make room and try again", shown(.0))]
    DiskFull(PathBuf),
    /// A file system without writing.
    #[error("{} lies on a read-only file system: mount it writable, or name another place", shown(.0))]
    ReadOnly(PathBuf),
    /// We may not.
    #[error("{} may not be used by {user}: see ls -ld {}", shown(.path), typed(.path))]
    NoPermission {
        /// What.
        path: PathBuf,
        /// Who we are.
        user: String,
    },
    /// It could not be read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// Anything else the system says.
    #[error("{} cannot be used ({reason}): check the file system it lies on", shown(.path))]
    Other {
        /// What.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
}

impl Refusal {
    /// Names the reason that an error of the system stands for.
    pub(super) fn from_io(path: &Path, error: &io::Error) -> Self {
        use rustix::io::Errno;
        let path = path.to_path_buf();
        match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::LOOP) => Self::Link(path),
            Some(Errno::NOTDIR) => Self::NotDirectory(path),
            Some(Errno::ISDIR) => Self::NotFile(path),
            Some(Errno::EXIST) => Self::Exists(path),
            Some(Errno::NOSPC | Errno::DQUOT) => Self::DiskFull(path),
            Some(Errno::ROFS) => Self::ReadOnly(path),
            Some(Errno::ACCESS | Errno::PERM) => {
                Self::NoPermission { path, user: name_of(super::accounts::own_uid()) }
            }
            _ => Self::Other { path, reason: error.to_string() },
        }
    }
}
