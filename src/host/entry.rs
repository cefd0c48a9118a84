//! What stands under one name in a directory, links not followed. Must not know why it is asked.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Device and inode: what is the same file under two names, as long as it lives.
pub type Identity = (u64, u64);

/// What stands under a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Entry {
    /// Nothing, or nothing that we may know of.
    #[default]
    Missing,
    /// A directory.
    Directory(Identity),
    /// A symbolic link, and what is written in it.
    Link(PathBuf),
    /// A regular file.
    File(Identity),
    /// A pipe, a socket, a device.
    Other,
}

impl Entry {
    /// Looks at what stands there. Opens nothing, so nothing can hold it up but the file system itself.
    pub fn at(path: &Path) -> Self {
        let Ok(metadata) = fs::symlink_metadata(path) else { return Self::Missing };
        let identity = (metadata.dev(), metadata.ino());
        match metadata.file_type() {
            kind if kind.is_dir() => Self::Directory(identity),
            kind if kind.is_file() => Self::File(identity),
            kind if kind.is_symlink() => fs::read_link(path).map_or(Self::Missing, Self::Link),
            _ => Self::Other,
        }
    }

    /// Whether a way that leads over this leads on as it did over `other`: the same directory, the same link, or
    /// no way on in both. One file in another's place changes no way.
    pub fn leads_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Directory(_) | Self::Link(_), _) | (_, Self::Directory(_) | Self::Link(_)) => {
                self == other
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_stands_there_and_follows_nothing() {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| Entry::at(&root.path().join(name));
        fs::write(root.path().join("file"), "x").unwrap();
        std::os::unix::fs::symlink("file", root.path().join("link")).unwrap();
        std::os::unix::fs::symlink("loop", root.path().join("loop")).unwrap();
        let socket = std::os::unix::net::UnixListener::bind(root.path().join("socket")).unwrap();
        assert_eq!(at("missing"), Entry::Missing);
        assert_eq!(at("file/below"), Entry::Missing);
        assert_eq!(at("link"), Entry::Link("file".into()));
        assert_eq!(at("loop"), Entry::Link("loop".into()));
        assert_eq!(at("socket"), Entry::Other);
        assert!(matches!(at("file"), Entry::File(_)) && matches!(at(""), Entry::Directory(_)));
        drop(socket);
    }

    #[test]
    fn a_way_is_changed_by_links_and_directories_only() {
        let [file, other] = [Entry::File((1, 1)), Entry::File((1, 2))];
        assert!(
            file.leads_like(&other) && file.leads_like(&Entry::Missing) && Entry::Other.leads_like(&file)
        );
        let directory = Entry::Directory((1, 1));
        assert!(directory.leads_like(&directory.clone()) && !directory.leads_like(&file));
        assert!(!Entry::Directory((1, 2)).leads_like(&directory) && !file.leads_like(&directory));
        assert!(!Entry::Link("a".into()).leads_like(&Entry::Link("b".into())));
    }
}
