//! The file of a program: which one it is, and what it says. Must not know which program that should be.

use crate::model::digest::Digest;
use crate::model::process::FileId;
use std::fs::{File, Metadata, symlink_metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Which file lies there, and in which state: when none of this has changed, what it says has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// The file.
    pub file: FileId,
    /// How many bytes it has.
    pub size: u64,
    /// When it was written last, in nanoseconds.
    pub modified: i128,
    /// When anything about it was changed last; nobody sets that.
    pub changed: i128,
    /// Any account may write it.
    pub is_writable_by_all: bool,
}

/// The regular file at that path, links not followed.
pub fn program(path: &Path) -> Option<Program> {
    of(&symlink_metadata(path).ok()?)
}

/// What that file says, and in which state it was when it was opened. Takes its time.
pub fn digest(path: &Path) -> Option<(Program, Digest)> {
    let mut file = File::open(path).ok()?;
    let opened = of(&file.metadata().ok()?)?;
    Some((opened, Digest::of_reader(&mut file).ok()?))
}

fn of(metadata: &Metadata) -> Option<Program> {
    let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
    metadata.is_file().then(|| Program {
        file: FileId { device: metadata.dev(), inode: metadata.ino() },
        size: metadata.size(),
        modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        is_writable_by_all: metadata.mode() & 0o002 != 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn a_file_is_known_by_its_state_and_by_what_it_says() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("claude");
        assert_eq!(program(&path), None);
        fs::write(&path, "one").unwrap();
        let first = program(&path).unwrap();
        assert_eq!(digest(&path), Some((first, Digest::of(b"one"))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        let open = program(&path).unwrap();
        assert!(open.is_writable_by_all && !first.is_writable_by_all && open.file == first.file);
        symlink(&path, root.path().join("link")).unwrap();
        assert_eq!(program(&root.path().join("link")), None);
    }
}
