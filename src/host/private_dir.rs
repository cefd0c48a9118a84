//! A directory that only its owner can enter. Must not know what is kept in it.

use super::accounts::own_uid;
use super::refusal::Refusal;
use rustix::fs::{Mode, OFlags};
use std::fs::{self, DirBuilder, File, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// What others may not have.
const OTHERS: u32 = 0o077;
/// What a private directory's mode is.
const PRIVATE: u32 = 0o700;

/// A directory that was found to be ours and closed to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateDir {
    path: PathBuf,
}

impl PrivateDir {
    /// Makes the directory, mode 0700, with all that is missing above it; one that is there is verified.
    pub fn make(path: &Path) -> Result<Self, Refusal> {
        if fs::symlink_metadata(path).is_err() {
            let made = DirBuilder::new().recursive(true).mode(PRIVATE).create(path);
            made.map_err(|error| Refusal::from_io(path, &error))?;
        }
        Self::verify(path)?.ok_or_else(|| Refusal::NotDirectory(path.to_path_buf()))
    }

    /// Verifies the directory; `None` when there is none.
    pub fn verify(path: &Path) -> Result<Option<Self>, Refusal> {
        let failed = |error: io::Error| Refusal::from_io(path, &error);
        let metadata = match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(failed)?,
        };
        if metadata.is_symlink() {
            return Err(Refusal::Link(path.to_path_buf()));
        }
        if !metadata.is_dir() {
            return Err(Refusal::NotDirectory(path.to_path_buf()));
        }
        require_ours(path, &metadata, PRIVATE)?;
        // Links above it are resolved once, so that nobody can redirect us later.
        Ok(Some(Self { path: fs::canonicalize(path).map_err(failed)? }))
    }

    /// Makes the directory as [`PrivateDir::make`] does; one of ours that is open to others is closed to them first.
    pub fn make_closed(path: &Path) -> Result<Self, Refusal> {
        match Self::make(path) {
            Err(Refusal::TooOpen { .. }) => {}
            other => return other,
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let close = || {
            let directory = rustix::fs::open(path, flags, Mode::empty())?;
            rustix::fs::fchmod(&directory, Mode::from_raw_mode(PRIVATE))
        };
        close().map_err(|errno| Refusal::from_io(path, &errno.into()))?;
        Self::make(path)
    }

    /// Where it is, without links.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a file in it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Whether files can be made in it.
    pub fn is_writable(&self) -> bool {
        rustix::fs::access(&self.path, rustix::fs::Access::WRITE_OK).is_ok()
    }

    /// Makes sure that names in it survive a power cut.
    pub fn sync(&self) -> Result<(), Refusal> {
        sync_dir(&self.path)
    }
}

/// Ours, and nothing in its mode for others.
pub(super) fn require_ours(path: &Path, metadata: &Metadata, wanted: u32) -> Result<(), Refusal> {
    let us = own_uid();
    if metadata.uid() != us {
        return Err(Refusal::NotOurs { path: path.to_path_buf(), owner: metadata.uid(), wanted: us });
    }
    let mode = metadata.mode() & 0o7777;
    if mode & OTHERS != 0 {
        return Err(Refusal::TooOpen { path: path.to_path_buf(), mode, wanted });
    }
    Ok(())
}

/// Writes a directory's names to the disk.
pub(super) fn sync_dir(path: &Path) -> Result<(), Refusal> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty())
        .map_err(io::Error::from)
        .and_then(|directory| File::from(directory).sync_all())
        .map_err(|error| Refusal::from_io(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn is_made_closed_and_refused_open() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("a/b/state");
        let made = PrivateDir::make(&path).unwrap();
        assert!(made.is_writable());
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o700);
        assert_eq!(PrivateDir::verify(&root.path().join("none")).unwrap(), None);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
        let refused = PrivateDir::make(&path).unwrap_err();
        let text = refused.to_string();
        assert!(text.contains("mode 0750") && text.contains("chmod 0700 "), "{text}");
        PrivateDir::make_closed(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o700);
    }

    #[test]
    fn neither_a_link_nor_a_file_will_do() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("file"), b"").unwrap();
        symlink(root.path(), root.path().join("link")).unwrap();
        symlink("nowhere", root.path().join("dangling")).unwrap();
        let refusal = |name: &str| PrivateDir::make(&root.path().join(name)).unwrap_err();
        assert!(matches!(refusal("file"), Refusal::NotDirectory(_)));
        assert!(matches!(refusal("link"), Refusal::Link(_)));
        assert!(matches!(refusal("dangling"), Refusal::Link(_)));
        assert!(matches!(refusal("file/below"), Refusal::NotDirectory(_)), "{:?}", refusal("file/below"));
    }
}
