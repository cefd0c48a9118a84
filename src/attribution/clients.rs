//! Which executables are the client: files at the places where its installers put them, as they were when they were
//! seen first. Must not decide what a client may do.
//!
//! No list of digests exists that could be asked. But no installer changes a program where it lies: it brings another
//! file. So a file that says something else than it did is no client any more, whatever it is called.

use crate::host::process::dawdle;
use crate::host::program::{Program, digest, program};
use crate::model::digest::Digest;
use crate::model::process::{Ancestry, FileId, Process};
use crate::surface::claude_code::is_installed_client;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// More files are not remembered.
const MOST: usize = 256;

/// A file by the path under which it was executed.
type Key = (PathBuf, FileId);

/// Those that were seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Clients(Arc<Mutex<HashMap<Key, Known>>>);

/// What is known of one.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// What the file was when it was looked at last.
    program: Program,
    /// What it said first; nothing as long as it is being read.
    digest: Option<Digest>,
    /// It says something else now, or nobody knows yet that it does not.
    is_changed: bool,
}

impl Clients {
    /// Which of these processes execute the client. Says who it is, and excuses nothing.
    pub(super) fn among<'a>(&self, ancestries: impl Iterator<Item = &'a Ancestry>) -> HashSet<FileId> {
        let processes = ancestries.flat_map(|ancestry| &ancestry.processes);
        processes.filter_map(|process| self.file_of(process)).collect()
    }

    /// The client's file, if that process executes it.
    pub(super) fn file_of(&self, process: &Process) -> Option<FileId> {
        let image = process.image().filter(|_| may_be_client(process))?;
        let (path, file) = image.executable.as_deref().zip(image.file)?;
        self.is_known(path, file).then_some(file)
    }

    /// Whether the file that was executed is the one that lies there, and says what it always said. One that lay there
    /// when it was seen first, and was replaced since, is what it was.
    fn is_known(&self, path: &Path, file: FileId) -> bool {
        let key = (path.to_path_buf(), file);
        let now = program(path).filter(|now| now.file == file);
        let mut all = self.all();
        let known = all.get(&key).copied();
        let Some(now) = now else { return known.is_some_and(|known| !known.is_changed) };
        if now.is_writable_by_all {
            return false;
        }
        let next = match known {
            Some(known) if known.program == now => return !known.is_changed,
            // It was touched where it lies. As long as nobody has read what it says, it is nobody's.
            Some(known) => Known { program: now, is_changed: true, ..known },
            None => Known { program: now, digest: None, is_changed: false },
        };
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(key.clone(), next);
        drop(all);
        self.read(key);
        !next.is_changed
    }

    /// Reads it on a thread of its own: it has hundreds of megabytes.
    fn read(&self, key: Key) {
        let clients = self.clone();
        let read = move || {
            dawdle();
            let Some((read, said)) = digest(&key.0) else { return };
            let mut all = clients.all();
            if let Some(known) = all.get_mut(&key).filter(|known| known.program == read) {
                known.is_changed = known.digest.is_none() && known.is_changed;
                known.is_changed |= known.digest.is_some_and(|before| before != said);
                known.digest.get_or_insert(said);
            }
        };
        if let Err(error) = thread::Builder::new().name("client".into()).spawn(read) {
            tracing::debug!(%error, "the client's program was not read");
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Key, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a process executes what lies where the client's installers put it.
pub(super) fn may_be_client(process: &Process) -> bool {
    process.executable().is_some_and(is_installed_client)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::clock::{Clock as _, SystemClock};
    use crate::model::process::{Image, ProcessId};
    use std::fs;
    use std::time::Duration;

    fn process(path: &Path) -> Process {
        let image = Image {
            executable: Some(path.into()),
            file: program(path).map(|program| program.file),
            ..Image::default()
        };
        Process { images: vec![Arc::new(image)], ..Process::new(ProcessId { pid: 7, start: 1 }) }
    }

    fn until(what: &str, is_so: impl Fn() -> bool) {
        let deadline = SystemClock.elapsed() + Duration::from_secs(60);
        while !is_so() {
            assert!(SystemClock.elapsed() < deadline, "{what}");
            thread::yield_now();
        }
    }

    #[test]
    fn it_is_the_file_at_its_place_and_no_copy() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join(".local/share/claude/versions");
        fs::create_dir_all(&place).unwrap();
        let (own, copy) = (place.join("2.1.329"), root.path().join("claude"));
        fs::write(&own, "client").unwrap();
        fs::copy(&own, &copy).unwrap();
        let clients = Clients::default();
        assert!(clients.file_of(&process(&own)).is_some());
        assert!(clients.file_of(&process(&copy)).is_none(), "called so, and elsewhere");
        // What runs under that path in another mount namespace is another file.
        let mut foreign = process(&own);
        let image = Image { file: process(&copy).image().unwrap().file, ..foreign.image().unwrap().clone() };
        foreign.images = vec![Arc::new(image)];
        assert!(clients.file_of(&foreign).is_none());
        // One that was replaced while it ran is what it was.
        let running = process(&own);
        fs::remove_file(&own).unwrap();
        assert!(clients.file_of(&running).is_some() && Clients::default().file_of(&running).is_none());
    }

    #[test]
    fn a_file_that_is_changed_where_it_lies_is_no_client_any_more() {
        let root = tempfile::tempdir().unwrap();
        let place = root.path().join("@anthropic-ai/claude-code");
        fs::create_dir_all(&place).unwrap();
        let file = place.join("claude");
        fs::write(&file, "client").unwrap();
        let clients = Clients::default();
        let is_client = || clients.file_of(&process(&file)).is_some();
        assert!(is_client());
        until("it was read", || clients.all().values().all(|known| known.digest.is_some()));
        // Touched, and the same: known again as soon as it was read.
        fs::write(&file, "client").unwrap();
        until("it says the same", is_client);
        fs::write(&file, "another").unwrap();
        assert!(!is_client());
        let id = program(&file).unwrap();
        until("it was read again", || {
            !is_client() && clients.all().values().all(|known| known.program == id)
        });
        assert!(!is_client());
    }
}
