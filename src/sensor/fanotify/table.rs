//! Which path each marked file or directory has. Knows nothing of what happens to them.

use crate::host::fanotify::Handle;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::sync::Arc;

/// What is marked.
#[derive(Debug, Default)]
pub(super) struct Table {
    paths: HashMap<Handle, Arc<OsStr>>,
    /// More paths of what has several: directories that are mounted twice, files with hard links.
    more: HashMap<Handle, Vec<Arc<OsStr>>>,
    /// What is gone, and its mark with it, but still asked for.
    gone: HashSet<Handle>,
    /// What is still marked, and nobody asks for it.
    strays: HashSet<Handle>,
}

impl Table {
    /// That one is marked under that path; says whether it was not before.
    pub(super) fn insert(&mut self, handle: Handle, path: &Arc<OsStr>) -> bool {
        self.strays.remove(&handle);
        self.gone.remove(&handle);
        match self.paths.get(&handle) {
            None => {
                self.paths.insert(handle, Arc::clone(path));
                true
            }
            Some(known) if known == path => false,
            Some(_) => {
                let more = self.more.entry(handle).or_default();
                let is_new = !more.contains(path);
                if is_new {
                    more.push(Arc::clone(path));
                }
                is_new
            }
        }
    }

    /// Nobody asks for it under that path any more; says whether its mark can be taken back.
    pub(super) fn remove(&mut self, handle: Handle, path: &OsStr) -> bool {
        let Some(first) = self.paths.get_mut(&handle) else { return false };
        if let Some(more) = self.more.get_mut(&handle) {
            match more.iter().position(|known| &**known == path) {
                Some(at) => _ = more.remove(at),
                None if &**first == path => *first = more.remove(0),
                None => {}
            }
            if more.is_empty() {
                self.more.remove(&handle);
            }
            return false;
        }
        self.paths.remove(&handle);
        !self.gone.remove(&handle)
    }

    /// It cannot be found to take its mark back.
    pub(super) fn leave(&mut self, handle: Handle) {
        self.strays.insert(handle);
    }

    /// It is gone for good.
    pub(super) fn is_gone(&mut self, handle: Handle) {
        if !self.strays.remove(&handle) && self.paths.contains_key(&handle) {
            self.gone.insert(handle);
        }
    }

    /// Its paths.
    pub(super) fn paths(&self, handle: Handle) -> impl Iterator<Item = &Arc<OsStr>> {
        self.paths.get(&handle).into_iter().chain(self.more.get(&handle).into_iter().flatten())
    }

    /// How many are marked for nobody.
    pub(super) fn strays(&self) -> usize {
        self.strays.len()
    }

    /// Nothing is marked any more.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}
