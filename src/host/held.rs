//! A hold on a file, through which it can be told where the file is now, whoever moved it. Opens nothing, so that it
//! neither reads nor keeps a lock. Must not know what the file holds.

use std::path::{Path, PathBuf};

/// A hold on what had a name when it was made.
#[derive(Debug)]
pub struct Held {
    #[cfg(target_os = "linux")]
    handle: rustix::fd::OwnedFd,
}

#[cfg(target_os = "linux")]
impl Held {
    /// Takes hold of what has that name; a link is not followed.
    pub fn of(path: &Path) -> Option<Self> {
        use rustix::fs::{Mode, OFlags};
        // Closing a handle that only names a file ends no lock that the process has on it.
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::open(path, flags, Mode::empty()).ok().map(|handle| Self { handle })
    }

    /// Where it is now; `None` when it was deleted, or is out of sight.
    pub fn whereabouts(&self) -> Option<PathBuf> {
        use std::os::fd::AsRawFd as _;
        let held = rustix::fs::fstat(&self.handle).ok()?;
        let path = std::fs::read_link(format!("/proc/self/fd/{}", self.handle.as_raw_fd())).ok()?;
        // A deleted file has a name there, too, which may be another's.
        (super::private_file::identity(&path) == Some((held.st_dev, held.st_ino))).then_some(path)
    }
}

/// The beginning of a file that others write to, looked at again and again.
#[derive(Debug)]
pub struct Beginning(std::fs::File);

impl Beginning {
    /// Of the file that has that name now; a link is not followed.
    pub fn of(path: &Path) -> Option<Self> {
        use rustix::fs::{Mode, OFlags};
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        rustix::fs::open(path, flags, Mode::empty()).ok().map(|file| Self(file.into()))
    }

    /// The first bytes; `None` when there are not so many, or they cannot be read.
    pub fn bytes<const N: usize>(&self) -> Option<[u8; N]> {
        use std::os::unix::fs::FileExt as _;
        let mut bytes = [0; N];
        self.0.read_exact_at(&mut bytes, 0).ok().map(|()| bytes)
    }
}

#[cfg(not(target_os = "linux"))]
impl Held {
    /// Takes hold of what has that name; not on this system.
    pub fn of(_path: &Path) -> Option<Self> {
        None
    }

    /// Where it is now.
    pub fn whereabouts(&self) -> Option<PathBuf> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_beginning_is_what_stands_there_now() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        fs::write(&path, b"ab").unwrap();
        let beginning = Beginning::of(&path).unwrap();
        assert_eq!((beginning.bytes(), beginning.bytes::<3>()), (Some(*b"ab"), None));
        fs::write(&path, b"xyz").unwrap();
        assert_eq!(beginning.bytes(), Some(*b"xyz"));
        assert!(Beginning::of(&root.path().join("none")).is_none());
    }

    #[test]
    fn a_file_is_found_wherever_it_was_moved_until_it_is_gone() {
        let root = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(root.path()).unwrap();
        let dir = |name: &str| root.join(name);
        fs::create_dir(dir("a")).unwrap();
        fs::write(dir("a").join("file"), b"x").unwrap();
        let held = Held::of(&dir("a").join("file")).unwrap();
        assert_eq!(held.whereabouts(), Some(dir("a").join("file")));
        fs::rename(dir("a"), dir("b")).unwrap();
        assert_eq!(held.whereabouts(), Some(dir("b").join("file")));
        fs::remove_file(dir("b").join("file")).unwrap();
        assert_eq!(held.whereabouts(), None);
        fs::write(dir("b").join("file (deleted)"), b"another").unwrap();
        assert_eq!(held.whereabouts(), None);
        assert!(Held::of(&dir("none")).is_none());
    }
}
