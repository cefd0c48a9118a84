//! Files in memory, for tests. Strict: what could not stand on a disk is refused loudly. Must not touch the disk.

use super::files::{Contents, Files, LIST_LIMIT};
use super::read_error::ReadError;
use crate::model::surface::FileFacts;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// More links than this in a row are a loop, as in the kernel.
const MOST_LINKS: usize = 40;

#[derive(Clone, Debug)]
enum Node {
    Directory,
    File(Contents),
    Link(PathBuf),
    Broken(ReadError),
}

#[derive(Debug, Default)]
struct Tree {
    nodes: BTreeMap<PathBuf, Node>,
    counter: u64,
}

/// A file system in memory. Each write makes a new inode and a later time, as a save by rename does.
#[derive(Debug, Default)]
pub struct FakeFiles(Mutex<Tree>);

impl FakeFiles {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a file there, mode 0600, owned by 1000; directories above it come by themselves.
    ///
    /// # Panics
    /// When a file stands where a directory is needed, or the path is relative.
    pub fn write(&self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) {
        let (path, bytes) = (path.as_ref(), bytes.into());
        let mut tree = self.tree();
        tree.counter += 1;
        let time = i128::from(tree.counter) * 1_000_000_000;
        let facts = FileFacts {
            owner: 1000,
            group: 1000,
            mode: 0o600,
            hard_links: 1,
            identity: (1, tree.counter),
            size: bytes.len() as u64,
            modified: time,
            changed: time,
            link_target: None,
        };
        tree.put(path, Node::File(Contents { bytes, facts }));
    }

    /// Makes a directory and all above it.
    ///
    /// # Panics
    /// As [`FakeFiles::write`].
    pub fn directory(&self, path: impl AsRef<Path>) {
        self.tree().put(path.as_ref(), Node::Directory);
    }

    /// Puts a symbolic link there.
    ///
    /// # Panics
    /// As [`FakeFiles::write`].
    pub fn link(&self, path: impl AsRef<Path>, target: impl Into<PathBuf>) {
        self.tree().put(path.as_ref(), Node::Link(target.into()));
    }

    /// Puts something there that cannot be read, for that reason.
    ///
    /// # Panics
    /// As [`FakeFiles::write`].
    pub fn fail(&self, path: impl AsRef<Path>, error: ReadError) {
        self.tree().put(path.as_ref(), Node::Broken(error));
    }

    /// Changes what the file system says about a file that is there.
    ///
    /// # Panics
    /// When no file is there.
    pub fn change_facts(&self, path: impl AsRef<Path>, change: impl FnOnce(&mut FileFacts)) {
        let mut tree = self.tree();
        let found = match tree.nodes.get_mut(path.as_ref()) {
            Some(Node::File(contents)) => Some(contents),
            _ => None,
        };
        assert!(found.is_some(), "no file at {}", path.as_ref().display());
        if let Some(contents) = found {
            change(&mut contents.facts);
        }
    }

    /// Takes away what is there and everything below it.
    ///
    /// # Panics
    /// When nothing is there.
    pub fn remove(&self, path: impl AsRef<Path>) {
        let path = path.as_ref();
        let mut tree = self.tree();
        assert!(tree.nodes.contains_key(path), "nothing at {}", path.display());
        tree.nodes.retain(|other, _| !other.starts_with(path));
    }

    fn tree(&self) -> MutexGuard<'_, Tree> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tree {
    fn put(&mut self, path: &Path, node: Node) {
        assert!(path.is_absolute(), "{} is relative", path.display());
        for above in path.ancestors().skip(1) {
            let there = self.nodes.entry(above.to_path_buf()).or_insert(Node::Directory);
            assert!(matches!(there, Node::Directory | Node::Link(_)), "{} is no directory", above.display());
        }
        self.nodes.insert(path.to_path_buf(), node);
    }

    /// Follows links in every component, as the kernel does.
    fn resolve(&self, path: &Path) -> Result<(PathBuf, &Node), ReadError> {
        assert!(path.is_absolute(), "{} is relative", path.display());
        let missing = || ReadError::Missing(path.to_path_buf());
        let mut current = path.to_path_buf();
        for _ in 0..MOST_LINKS {
            let mut parts: Vec<&Path> = current.ancestors().collect();
            parts.reverse();
            let link = parts.into_iter().find_map(|part| match self.nodes.get(part) {
                Some(Node::Link(target)) => Some((part, target)),
                _ => None,
            });
            let Some((part, target)) = link else {
                let node = self.nodes.get(&current).ok_or_else(missing)?;
                return Ok((current, node));
            };
            let rest = current.strip_prefix(part).unwrap_or(Path::new("")).to_path_buf();
            let base = part.parent().unwrap_or(Path::new("/")).join(target);
            current = normal(&if rest.as_os_str().is_empty() { base } else { base.join(rest) });
        }
        Err(ReadError::LinkLoop(path.to_path_buf()))
    }
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    use std::path::Component;
    path.components().fold(PathBuf::new(), |mut out, part| {
        match part {
            Component::ParentDir => _ = out.pop(),
            Component::CurDir => {}
            other => out.push(other),
        }
        out
    })
}

impl Files for FakeFiles {
    fn read(&self, path: &Path, cap: u64) -> Result<Contents, ReadError> {
        let tree = self.tree();
        let (resolved, node) = tree.resolve(path)?;
        let is_link = matches!(tree.nodes.get(path), Some(Node::Link(_)));
        match node {
            Node::File(contents) if contents.facts.size > cap => {
                Err(ReadError::TooLarge { path: path.to_path_buf(), cap })
            }
            Node::File(contents) => {
                let mut contents = contents.clone();
                contents.facts.link_target = is_link.then_some(resolved);
                Ok(contents)
            }
            Node::Broken(error) => Err(error.clone()),
            Node::Directory | Node::Link(_) => Err(ReadError::Directory(path.to_path_buf())),
        }
    }

    fn facts(&self, path: &Path) -> Result<FileFacts, ReadError> {
        self.read(path, u64::MAX).map(|contents| contents.facts)
    }

    fn list(&self, dir: &Path) -> Result<Vec<OsString>, ReadError> {
        let tree = self.tree();
        let (resolved, node) = tree.resolve(dir)?;
        match node {
            Node::Directory => {}
            Node::Broken(error) => return Err(error.clone()),
            Node::File(_) | Node::Link(_) => return Err(ReadError::Missing(dir.to_path_buf())),
        }
        let names: Vec<OsString> = tree
            .nodes
            .keys()
            .filter(|path| path.parent() == Some(resolved.as_path()))
            .filter_map(|path| path.file_name().map(OsString::from))
            .collect();
        if names.len() > LIST_LIMIT {
            return Err(ReadError::TooMany { path: dir.to_path_buf(), limit: LIST_LIMIT });
        }
        Ok(names)
    }

    fn exists(&self, path: &Path) -> bool {
        !matches!(self.tree().resolve(path), Err(error) if error.is_missing())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behaves_as_a_disk_does() {
        let files = FakeFiles::new();
        files.write("/h/.claude.json", "{}");
        files.link("/h/link", ".claude.json");
        files.link("/d", "/h");
        files.link("/loop", "/loop");
        assert_eq!(files.read(Path::new("/h/.claude.json"), 9).unwrap().bytes, b"{}");
        let linked = files.read(Path::new("/h/link"), 9).unwrap();
        assert_eq!(linked.facts.link_target, Some(PathBuf::from("/h/.claude.json")));
        assert_eq!(files.read(Path::new("/d/.claude.json"), 9).unwrap().facts.link_target, None);
        assert!(matches!(files.read(Path::new("/loop"), 9), Err(ReadError::LinkLoop(_))));
        assert!(matches!(files.read(Path::new("/h"), 9), Err(ReadError::Directory(_))));
        assert!(matches!(files.read(Path::new("/h/.claude.json"), 1), Err(ReadError::TooLarge { .. })));
        assert_eq!(files.list(Path::new("/h")).unwrap(), [".claude.json", "link"]);
        let before = files.facts(Path::new("/h/.claude.json")).unwrap();
        files.write("/h/.claude.json", "{}");
        assert_ne!(before.identity, files.facts(Path::new("/h/.claude.json")).unwrap().identity);
        files.remove("/h/.claude.json");
        assert!(!files.exists(Path::new("/h/link")));
    }
}
