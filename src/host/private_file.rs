//! Small files that only their owner can read: made once, whole, and durable. Must not know what they hold.

use super::draft::Draft;
use super::private_dir::{PrivateDir, require_ours};
use super::refusal::Refusal;
use rustix::fs::{AtFlags, CWD, Mode, OFlags, Timespec, Timestamps, UTIME_NOW};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What a private file's mode is.
pub(super) const PRIVATE: u32 = 0o600;

/// Where less than this is free, no room is taken that may not be needed.
const PLENTY: u64 = 256 << 20;

/// Whether that file of the directory is there; one that is there must be ours, regular and closed to others.
pub fn verify(dir: &PrivateDir, name: &str) -> Result<bool, Refusal> {
    Ok(size(dir, name)?.is_some())
}

/// The size of that file, verified as by [`verify`]; `None` when there is none.
pub fn size(dir: &PrivateDir, name: &str) -> Result<Option<u64>, Refusal> {
    let path = dir.join(name);
    let metadata = match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| Refusal::from_io(&path, &error))?,
    };
    if metadata.is_symlink() {
        return Err(Refusal::Link(path));
    }
    if !metadata.is_file() {
        return Err(Refusal::NotFile(path));
    }
    require_ours(&path, &metadata, PRIVATE)?;
    Ok(Some(metadata.len()))
}

/// Reads that file, at most `cap` bytes of it; `None` when there is none.
pub fn read(dir: &PrivateDir, name: &str, cap: u64) -> Result<Option<Vec<u8>>, Refusal> {
    if !verify(dir, name)? {
        return Ok(None);
    }
    let path = dir.join(name);
    let failed = |error: io::Error| Refusal::from_io(&path, &error);
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = rustix::fs::open(&path, flags, Mode::empty());
    let file = File::from(file.map_err(|errno| failed(errno.into()))?);
    require_ours(&path, &file.metadata().map_err(failed)?, PRIVATE)?;
    let mut bytes = Vec::new();
    file.take(cap).read_to_end(&mut bytes).map_err(failed)?;
    Ok(Some(bytes))
}

/// Makes that file with that content: whole or not at all, on the disk when this returns, never over another.
pub fn create(dir: &PrivateDir, name: &str, bytes: &[u8]) -> Result<(), Refusal> {
    let draft = Draft::new(dir, name)?;
    let failed = |error: io::Error| Refusal::from_io(draft.path(), &error);
    let mut file = fs::OpenOptions::new().write(true).open(draft.path()).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    draft.publish()
}

/// Which file has that name now: its device and inode. `None` when there is none, or none that can be looked at.
pub fn identity(path: &Path) -> Option<(u64, u64)> {
    identity_and_length(path).map(|(identity, _)| identity)
}

/// Which file has that name now, and how long it is.
pub fn identity_and_length(path: &Path) -> Option<((u64, u64), u64)> {
    let metadata = fs::symlink_metadata(path).ok()?;
    Some(((metadata.dev(), metadata.ino()), metadata.len()))
}

/// What differs between two looks at a name as soon as another file has it, or somebody wrote to the file or changed its
/// mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    identity: (u64, u64),
    length: u64,
    /// The system sets it, and nobody else can.
    changed: (i64, i64),
}

/// The stamp of what has that name now; `None` when there is nothing, or nothing that can be looked at.
pub fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::symlink_metadata(path).ok()?;
    Some(Stamp {
        identity: (metadata.dev(), metadata.ino()),
        length: metadata.len(),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    })
}

/// How long the file of that name is now; 0 when there is none.
pub fn length(path: &Path) -> u64 {
    fs::symlink_metadata(path).map_or(0, |metadata| metadata.len())
}

/// Sets the times of that file to now, for those who watch it. Failing means only that they hear of it later.
pub fn touch(path: &Path) {
    let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
    let times = Timestamps { last_access: now, last_modification: now };
    if let Err(error) = rustix::fs::utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW) {
        tracing::debug!(%error, "a file was not touched");
    }
}

/// Makes that file so long, if it is that very one and the disk has plenty of room: with zeros behind what stands in it,
/// which are on the disk when this returns.
pub fn lengthen(path: &Path, identity: (u64, u64), to: u64) -> io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let (metadata, disk) = (file.metadata()?, rustix::fs::fstatvfs(&file)?);
    if (metadata.dev(), metadata.ino()) != identity || !metadata.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    if disk.f_bavail.saturating_mul(disk.f_frsize) < PLENTY {
        return Err(io::ErrorKind::StorageFull.into());
    }
    let more = to.saturating_sub(file.seek(SeekFrom::End(0))?);
    io::copy(&mut io::repeat(0).take(more), &mut file)?;
    file.sync_all()
}

/// Removes that file, verified as by [`verify`]; nothing when there is none.
pub fn remove(dir: &PrivateDir, name: &str) -> Result<(), Refusal> {
    if !verify(dir, name)? {
        return Ok(());
    }
    let path = dir.join(name);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Refusal::from_io(&path, &error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn dir() -> (tempfile::TempDir, PrivateDir) {
        let root = tempfile::tempdir().unwrap();
        let dir = PrivateDir::make(&root.path().join("state")).unwrap();
        (root, dir)
    }

    #[test]
    fn is_made_once_and_closed() {
        let (_root, dir) = dir();
        assert_eq!(read(&dir, "key", 99).unwrap(), None);
        create(&dir, "key", b"abc").unwrap();
        assert_eq!(read(&dir, "key", 99).unwrap().unwrap(), b"abc");
        assert_eq!(fs::metadata(dir.join("key")).unwrap().mode() & 0o7777, 0o600);
        assert!(matches!(create(&dir, "key", b"x"), Err(Refusal::Exists(_))));
        assert_eq!(read(&dir, "key", 99).unwrap().unwrap(), b"abc");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn open_files_links_and_directories_are_refused() {
        let (_root, dir) = dir();
        create(&dir, "key", b"abc").unwrap();
        fs::set_permissions(dir.join("key"), fs::Permissions::from_mode(0o640)).unwrap();
        let text = read(&dir, "key", 99).unwrap_err().to_string();
        assert!(text.contains("chmod 0600 "), "{text}");
        symlink("key", dir.join("link")).unwrap();
        assert!(matches!(read(&dir, "link", 99), Err(Refusal::Link(_))));
        fs::create_dir(dir.join("sub")).unwrap();
        assert!(matches!(verify(&dir, "sub"), Err(Refusal::NotFile(_))));
    }
}
