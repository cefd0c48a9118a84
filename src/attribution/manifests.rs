//! Manifests of directories, read from the disk. What stands there was written by whoever made the package. Must not
//! know what is made of it.

use crate::host::files::Files;
use crate::host::fs_identity::{self, FsIdentity};
use crate::provenance::{MANIFESTS, Manifest, parse_manifest, parse_record};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// More than this is no manifest.
const CAP: u64 = 1 << 20;
/// dpkg's record of everything that is installed: a few megabytes where much is.
const RECORD: u64 = 16 << 20;

/// Reads them, each once.
pub(super) struct Manifests {
    files: &'static dyn Files,
    known: RefCell<HashMap<PathBuf, Option<Manifest>>>,
}

impl Manifests {
    pub(super) fn new(files: &'static dyn Files) -> Self {
        Self { files, known: RefCell::default() }
    }

    /// All that was asked for.
    pub(super) fn into_known(self) -> HashMap<PathBuf, Option<Manifest>> {
        self.known.into_inner()
    }

    /// What the package in that directory says of itself, as far as that account may read it: whoever runs an install
    /// chooses its directory, and what a link in it leads to.
    pub(super) fn of(&self, directory: &Path, reader: Option<u32>) -> Option<Manifest> {
        if let Some(known) = self.known.borrow().get(directory) {
            return known.clone();
        }
        let read = |name: &&str| {
            let file = directory.join(name);
            let contents = self.files.read(&file, CAP).ok()?;
            parse_manifest(&file, &contents.bytes)
        };
        let look = || self.recorded(directory).or_else(|| MANIFESTS.iter().find_map(read));
        let identity = reader.and_then(FsIdentity::of);
        let look = || fs_identity::with(identity.as_ref(), look);
        let found = directory.is_absolute().then(look).flatten();
        self.known.borrow_mut().insert(directory.to_path_buf(), found.clone());
        found
    }

    /// Of `DPKG/info/PACKAGE`, which is how dpkg's scripts are called, what dpkg has on record: the newest of what it
    /// has not yet put into its list, then the list.
    fn recorded(&self, directory: &Path) -> Option<Manifest> {
        let info = directory.parent().filter(|parent| parent.ends_with("info"))?;
        let (package, admin) = (directory.file_name()?.to_str()?, info.parent()?);
        let updates = admin.join("updates");
        let mut names = self.files.list(&updates).unwrap_or_default();
        names.retain(|name| name.to_str().is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit())));
        let newest = names.iter().rev().map(|name| updates.join(name));
        newest.chain([admin.join("status")]).find_map(|file| {
            let contents = self.files.read(&file, RECORD).ok()?;
            parse_record(&file, package, &contents.bytes)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::accounts::own_uid;
    use crate::host::machine::Machine;
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::net::UnixListener;

    #[test]
    fn what_is_no_manifest_names_nobody_and_holds_nobody_up() {
        let root = tempfile::tempdir().unwrap();
        let directory = |name: &str| {
            let directory = root.path().join(name);
            fs::create_dir(&directory).unwrap();
            directory
        };
        let socket = directory("socket");
        let _socket = UnixListener::bind(socket.join("package.json")).unwrap();
        let huge = directory("huge");
        let blank = " ".repeat(usize::try_from(CAP).unwrap());
        fs::write(huge.join("package.json"), format!("{{\"name\":\"left-pad\"}}{blank}")).unwrap();
        let malformed = directory("malformed");
        fs::write(malformed.join("package.json"), "{\"name\":\"left-pad\"").unwrap();
        let good = directory("good");
        fs::write(good.join("package.json"), "{\"name\":\"left-pad\"}").unwrap();
        let manifests = Manifests::new(&Machine);
        for directory in [&socket, &huge, &malformed] {
            assert_eq!(manifests.of(directory, None), None, "{}", directory.display());
        }
        assert_eq!(manifests.of(&good, None).unwrap().name.as_deref(), Some("left-pad"));
        assert_eq!(manifests.into_known().len(), 4);
    }

    #[test]
    fn what_its_owner_may_not_read_is_not_read_for_him() {
        if own_uid() != 0 {
            return eprintln!("not run: only root can read with another one's rights");
        }
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("package.json");
        fs::write(&file, "{\"name\":\"left-pad\"}").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        assert_eq!(Manifests::new(&Machine).of(root.path(), Some(45_678)), None, "it is closed");
        assert!(Manifests::new(&Machine).of(root.path(), Some(0)).is_some());
    }
}
