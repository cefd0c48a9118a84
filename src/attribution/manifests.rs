//! Manifests of directories, read from the disk. What stands there was written by whoever made the package. Must not
//! know what is made of it.

use crate::host::files::Files;
use crate::provenance::{MANIFESTS, Manifest, parse_manifest};
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// More than this is no manifest.
const CAP: u64 = 1 << 20;

/// Reads them, each once.
pub(super) struct Manifests {
    files: &'static dyn Files,
    known: RefCell<HashMap<PathBuf, Option<Manifest>>>,
}

impl Manifests {
    pub(super) fn new(files: &'static dyn Files) -> Self {
        Self { files, known: RefCell::default() }
    }

    /// What the package in that directory says of itself.
    pub(super) fn of(&self, directory: &Path) -> Option<Manifest> {
        if let Some(known) = self.known.borrow().get(directory) {
            return known.clone();
        }
        let read = |name: &&str| {
            let file = directory.join(name);
            let contents = self.files.read(&file, CAP).ok()?;
            parse_manifest(&file, &contents.bytes)
        };
        let found = directory.is_absolute().then(|| MANIFESTS.iter().find_map(read)).flatten();
        self.known.borrow_mut().insert(directory.to_path_buf(), found.clone());
        found
    }
}
