//! Why a file was not replaced, in words that say what to do. Must not know what it holds.

use super::accounts::name_of;
use super::attributes::Lost;
use super::shown::shown;
use super::way::Blocked;
use rustix::io::Errno;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a file was not replaced. It is as it was.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReplaceError {
    /// It is gone.
    #[error("the file is not there")]
    Missing,
    /// A link on the way to it is somebody else's.
    #[error("the way to it leads over {}, a symbolic link that somebody else made", shown(.0))]
    ForeignLink(PathBuf),
    /// A loop of links.
    #[error("the way to it is a loop of symbolic links")]
    Loop,
    /// A directory, a pipe, a socket or a device.
    #[error("it is no regular file")]
    NotRegular,
    /// Somebody else's.
    #[error("it belongs to {}", name_of(*.0))]
    Owner(u32),
    /// It has other names, which would keep the old content.
    #[error("it has more than one hard link: the other names would keep what it says now")]
    HardLinks,
    /// Too large to be read.
    #[error("it is larger than {} MiB (max_file_size)", .0 >> 20)]
    TooLarge(u64),
    /// Others saved faster than we did.
    #[error("it was changed again and again while it was being replaced")]
    Overtaken,
    /// Mode, owner, access list or attributes cannot be kept.
    #[error("its {0} cannot be kept ({1})")]
    Attributes(&'static str, String),
    /// No room.
    #[error("there is no room on the disk beside it")]
    DiskFull,
    /// The owner's share is used up.
    #[error("the quota of its owner is used up")]
    Quota,
    /// Nothing can be written there.
    #[error("it lies on a read-only file system")]
    ReadOnly,
    /// We may not.
    #[error("its directory may not be written to ({0})")]
    Denied(String),
    /// The system has no random bytes.
    #[error("the system gave no random bytes for a name that nobody can guess")]
    NoRandomness,
    /// Anything else.
    #[error("the system refused ({0})")]
    System(String),
}

impl ReplaceError {
    pub(super) fn from_io(error: io::Error) -> Self {
        match Errno::from_io_error(&error) {
            Some(errno) => errno.into(),
            None => Self::System(error.to_string()),
        }
    }
}

impl From<Errno> for ReplaceError {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::NOENT => Self::Missing,
            Errno::LOOP => Self::Overtaken,
            Errno::NOSPC => Self::DiskFull,
            Errno::DQUOT => Self::Quota,
            Errno::ROFS => Self::ReadOnly,
            Errno::ACCESS | Errno::PERM => Self::Denied(errno.to_string()),
            other => Self::System(other.to_string()),
        }
    }
}

impl From<Blocked> for ReplaceError {
    fn from(blocked: Blocked) -> Self {
        match blocked {
            Blocked::Missing => Self::Missing,
            Blocked::ForeignLink(link) => Self::ForeignLink(link),
            Blocked::Loop => Self::Loop,
            Blocked::Refused(errno) => errno.into(),
        }
    }
}

impl From<Lost> for ReplaceError {
    fn from(lost: Lost) -> Self {
        match lost {
            Lost::Owner(errno) => Self::Attributes("owner or group", errno.to_string()),
            Lost::Mode(errno) => Self::Attributes("mode", errno.to_string()),
            Lost::Attributes(Errno::NOSPC) => Self::DiskFull,
            Lost::Attributes(Errno::DQUOT) => Self::Quota,
            Lost::Attributes(errno) => {
                Self::Attributes("access list or extended attributes", errno.to_string())
            }
        }
    }
}
