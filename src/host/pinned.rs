//! What has a name at one moment, held so that it can be told from what has it later. Must not know what it holds.
//!
//! A file system gives the number of a removed file to the next one that is made, often at once: whoever knows a file
//! by its number alone takes a newer save for an older one. As long as a file is held open, its number is nobody else's.

use rustix::fs::{AtFlags, Mode, OFlags, Stat, fstat, openat, statat};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::os::fd::{AsFd, OwnedFd};

/// A file, directory or anything else that was found under a name.
#[derive(Debug)]
pub(super) struct Pinned {
    /// What keeps its number from being given away; absent where this process may open nothing more.
    _door: Option<OwnedFd>,
    stat: Stat,
}

impl Pinned {
    /// Holds what has the name in that directory, a link as itself.
    ///
    /// # Errors
    /// What the system refuses, above all [`Errno::NOENT`].
    pub(super) fn at(dir: &impl AsFd, name: &OsStr) -> Result<Self, Errno> {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let door = openat(dir, name, flags, Mode::empty()).ok();
        let stat = match &door {
            Some(door) => fstat(door)?,
            None => statat(dir, name, AtFlags::SYMLINK_NOFOLLOW)?,
        };
        Ok(Self { _door: door, stat })
    }

    /// Holds what is open already.
    ///
    /// # Errors
    /// What the system says where it cannot be asked about it.
    pub(super) fn of(open: &impl AsFd) -> Result<Self, Errno> {
        let stat = fstat(open)?;
        Ok(Self { _door: open.as_fd().try_clone_to_owned().ok(), stat })
    }

    /// What it was when it was found.
    pub(super) fn stat(&self) -> &Stat {
        &self.stat
    }

    /// Whether both are one file, whatever was written into it.
    pub(super) fn is(&self, other: &Self) -> bool {
        (self.stat.st_dev, self.stat.st_ino) == (other.stat.st_dev, other.stat.st_ino)
    }

    /// Whether both are one file, into which nobody wrote between the two looks.
    pub(super) fn is_unwritten_since(&self, earlier: &Self) -> bool {
        let state = |stat: &Stat| (stat.st_size, stat.st_mtime, stat.st_mtime_nsec);
        self.is(earlier) && state(&self.stat) == state(&earlier.stat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};

    #[test]
    fn a_number_is_given_to_nobody_else_meanwhile() {
        let root = tempfile::tempdir().unwrap();
        let dir = File::open(root.path()).unwrap();
        let (path, name) = (root.path().join("f"), OsStr::new("f"));
        fs::write(&path, "old").unwrap();
        let first = Pinned::at(&dir, name).unwrap();
        assert!(Pinned::at(&dir, name).unwrap().is_unwritten_since(&first));
        fs::write(&path, "longer").unwrap();
        let written = Pinned::at(&dir, name).unwrap();
        assert!(written.is(&first) && !written.is_unwritten_since(&first));
        for _ in 0..100 {
            fs::remove_file(&path).unwrap();
            fs::write(&path, "old").unwrap();
            assert!(!Pinned::at(&dir, name).unwrap().is(&first));
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(Pinned::at(&dir, name).unwrap_err(), Errno::NOENT);
    }
}
