//! The sensor that works everywhere: the operating system's file notifications, through `notify`.
//!
//! Watches parent directories, never files: a watch on a file dies with the first rename over it, and that
//! is how every careful program saves. Knows paths and nothing of what stands in them.

use super::{Hint, Unwatched, Watches};
use notify::event::ModifyKind;
use notify::{Event, EventKind, RecursiveMode, Watcher};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{Arc, PoisonError, RwLock};

/// Which paths make a hint: files and the directories on the way to them, and everything in some directories.
#[derive(Default)]
struct Interests {
    paths: HashSet<PathBuf>,
    /// Directories with a watch: when one of them is moved or replaced, its watch hears the wrong one.
    watched: HashSet<PathBuf>,
    directories: HashSet<PathBuf>,
}

impl Interests {
    fn include(&self, path: &Path) -> bool {
        self.paths.contains(path) || path.parent().is_some_and(|parent| self.directories.contains(parent))
    }
}

type Interesting = Arc<RwLock<Interests>>;

/// The sensor. It stops when it is dropped.
pub struct NotifySensor {
    watcher: notify::RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
    interesting: Interesting,
}

impl NotifySensor {
    /// Starts it. Hints go to `hints`; when nobody takes them in time they are dropped, since one that waits
    /// already says that everything must be looked at.
    ///
    /// # Errors
    /// Why the operating system does not give notifications, as a sentence.
    pub fn start(hints: SyncSender<Hint>) -> Result<Self, String> {
        let interesting = Interesting::default();
        let seen = Arc::clone(&interesting);
        let watcher = notify::recommended_watcher(move |event| {
            let hint = match event {
                Ok(event) => of_event(&event, &seen),
                Err(error) => Some(Hint::Degraded(sentence(&error))),
            };
            if let Some(hint) = hint {
                match hints.try_send(hint) {
                    Ok(()) | Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
                }
            }
        })
        .map_err(|error| sentence(&error))?;
        Ok(Self { watcher, watched: BTreeSet::new(), interesting })
    }

    /// Watches what is needed to hear of these files and of everything in these directories, and nothing else
    /// any more. A directory that is not there is heard of through the nearest one above it that is.
    pub fn watch<'p>(
        &mut self,
        files: impl IntoIterator<Item = &'p Path>,
        directories: &'p [PathBuf],
        exists: &dyn Fn(&Path) -> bool,
    ) -> Watches {
        let mut interesting = HashSet::new();
        let mut wanted: BTreeSet<PathBuf> =
            directories.iter().filter(|directory| exists(directory)).cloned().collect();
        // A directory that is missing is a file that may appear.
        for file in files.into_iter().chain(directories.iter().map(PathBuf::as_path)) {
            interesting.insert(file.to_path_buf());
            for directory in file.ancestors().skip(1) {
                let known = wanted.contains(directory);
                if known || exists(directory) {
                    wanted.insert(directory.to_path_buf());
                    break;
                }
                interesting.insert(directory.to_path_buf());
            }
        }
        // A watched directory that is itself renamed or removed is seen from above.
        interesting.extend(wanted.iter().cloned());
        *self.interesting.write().unwrap_or_else(PoisonError::into_inner) = Interests {
            paths: interesting,
            watched: wanted.iter().cloned().collect(),
            directories: directories.iter().cloned().collect(),
        };

        for directory in self.watched.difference(&wanted) {
            // It may be gone, and its watch with it.
            let _gone = self.watcher.unwatch(directory);
        }
        let mut watches = Watches::default();
        let new: Vec<PathBuf> = wanted.difference(&self.watched).cloned().collect();
        self.watched.retain(|directory| wanted.contains(directory));
        for directory in new {
            match self.watcher.watch(&directory, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(directory);
                    watches.added += 1;
                }
                Err(error) => match &mut watches.failed {
                    Some(failed) => failed.count += 1,
                    None => watches.failed = Some(Unwatched { count: 1, reason: sentence(&error) }),
                },
            }
        }
        watches
    }

    /// Forgets what is watched, so that the next [`NotifySensor::watch`] sets every watch anew: after a
    /// directory was replaced its old watch hears nothing.
    pub fn forget(&mut self) {
        for directory in std::mem::take(&mut self.watched) {
            let _gone = self.watcher.unwatch(&directory);
        }
    }

    /// How many directories are watched.
    pub fn watched(&self) -> usize {
        self.watched.len()
    }
}

fn of_event(event: &Event, interesting: &Interesting) -> Option<Hint> {
    if event.need_rescan() {
        return Some(Hint::Lost);
    }
    if matches!(event.kind, EventKind::Access(_)) {
        return None; // our own reading
    }
    let interesting = interesting.read().unwrap_or_else(PoisonError::into_inner);
    let moves = matches!(
        event.kind,
        EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
    );
    if moves && event.paths.iter().any(|path| interesting.watched.contains(path)) {
        return Some(Hint::Lost);
    }
    event.paths.iter().any(|path| interesting.include(path)).then_some(Hint::Changed)
}

fn sentence(error: &notify::Error) -> String {
    match &error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "the limit of watches for this user is reached: raise it with sysctl fs.inotify.max_user_watches=524288".into()
        }
        notify::ErrorKind::Io(error) if error.raw_os_error() == Some(24) => {
            "the limit of inotify instances is reached: raise it with sysctl fs.inotify.max_user_instances=512".into()
        }
        _ => error.to_string(),
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
mod tests {
    use super::*;
    use std::fs;
    use std::sync::mpsc::{Receiver, sync_channel};
    use std::time::Duration;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn sensor(file: &Path) -> (NotifySensor, Receiver<Hint>) {
        let (sender, hints) = sync_channel(1);
        let mut sensor = NotifySensor::start(sender).unwrap();
        assert_eq!(sensor.watch([file], &[], &|path| path.exists()).failed, None);
        (sensor, hints)
    }

    #[test]
    fn hears_of_a_file_that_is_renamed_over_and_not_of_others() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join(".claude.json");
        fs::write(&file, "{}").unwrap();
        let (_sensor, hints) = sensor(&file);
        fs::write(home.path().join(".claude.json.tmp.1"), "{}").unwrap();
        fs::write(home.path().join("other"), "{}").unwrap();
        let _open = fs::read(&file).unwrap();
        fs::rename(home.path().join(".claude.json.tmp.1"), &file).unwrap();
        assert_eq!(hints.recv_timeout(PATIENCE), Ok(Hint::Changed));
    }

    #[test]
    fn hears_of_a_directory_that_appears_later() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("p/.claude/settings.json");
        let (mut sensor, hints) = sensor(&file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        assert_eq!(hints.recv_timeout(PATIENCE), Ok(Hint::Changed));
        assert_eq!(sensor.watch([file.as_path()], &[], &|path| path.exists()).added, 1);
        assert_eq!(sensor.watched(), 1);
        while hints.try_recv().is_ok() {}
        fs::write(&file, "{}").unwrap();
        assert_eq!(hints.recv_timeout(PATIENCE), Ok(Hint::Changed));
    }
}
