//! Why something could not be read, one variant a reason. Must not hold any of a file's content.

use super::shown::{shown, typed};
use std::io;
use std::path::{Path, PathBuf};

/// Why a file or a directory could not be read. Each is one sentence that says what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// Nothing lies there (or a part of the path is no directory).
    #[error("{} does not exist", shown(.0))]
    Missing(PathBuf),
    /// A directory lies there.
    #[error("{} is a directory, where a regular file belongs: move it away", shown(.0))]
    Directory(PathBuf),
    /// A named pipe lies there.
    #[error("{} is a named pipe (FIFO), where a regular file belongs: remove it", shown(.0))]
    Fifo(PathBuf),
    /// A device lies there.
    #[error("{} is a device, where a regular file belongs: remove it", shown(.0))]
    Device(PathBuf),
    /// A socket lies there.
    #[error("{} is a socket, where a regular file belongs: remove it", shown(.0))]
    Socket(PathBuf),
    /// Links that lead to each other.
    #[error("{} is a symbolic link that leads nowhere (a loop): remove it", shown(.0))]
    LinkLoop(PathBuf),
    /// We may not.
    #[error("{} may not be read: see its owner and mode with ls -ld {}", shown(.0), typed(.0))]
    NoPermission(PathBuf),
    /// Another process holds a lease on it, so that opening would wait for that process.
    #[error("{} is held by another process (a lease): find it in /proc/locks, then try again", shown(.0))]
    Leased(PathBuf),
    /// More than may be read.
    #[error("{} is larger than the {cap} bytes that are read of such a file: look at what filled it", shown(.path))]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// The most that is read.
        cap: u64,
    },
    /// More names than are listed.
    #[error("{} holds more than {limit} names: look at what filled it", shown(.path))]
    TooMany {
        /// Which directory.
        path: PathBuf,
        /// The most that are listed.
        limit: usize,
    },
    /// This process, or the system, has as many files open as it may.
    #[error("{} cannot be read, too many files are open: raise the limit with ulimit -n, or LimitNOFILE=", shown(.0))]
    TooManyOpen(PathBuf),
    /// It became another file between looking and opening.
    #[error("{} was replaced while it was opened: try again", shown(.0))]
    Replaced(PathBuf),
    /// Anything else the system says.
    #[error("{} cannot be read ({reason}): check the file system it lies on", shown(.path))]
    Other {
        /// Which file.
        path: PathBuf,
        /// The system's words.
        reason: String,
    },
}

impl ReadError {
    /// Names the reason that an error of the system stands for.
    pub(super) fn from_io(path: &Path, error: &io::Error) -> Self {
        use rustix::io::Errno;
        let path = path.to_path_buf();
        match error.raw_os_error().map(Errno::from_raw_os_error) {
            Some(Errno::NOENT | Errno::NOTDIR) => Self::Missing(path),
            Some(Errno::LOOP) => Self::LinkLoop(path),
            Some(Errno::ACCESS | Errno::PERM) => Self::NoPermission(path),
            Some(Errno::AGAIN) => Self::Leased(path),
            Some(Errno::ISDIR) => Self::Directory(path),
            Some(Errno::NXIO) => Self::Socket(path),
            Some(Errno::MFILE | Errno::NFILE) => Self::TooManyOpen(path),
            _ => Self::Other { path, reason: error.to_string() },
        }
    }

    /// Whether nothing lies there, as opposed to something that cannot be read.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Missing(_))
    }
}
