//! The watches themselves: sets what a plan wants, gives up what it does not want any more, and copes with a
//! system that gives no more of them. Knows nothing of hints.

use super::Unwatched;
use super::inbox::Ways;
use super::limits::sentence;
use super::plan::{AskedId, Place, Plan};
use crate::host::entry::{Entry, Identity};
use notify::{ErrorKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

pub(super) type Asked = AskedId;

/// The watches.
pub(super) struct Watching {
    watcher: RecommendedWatcher,
    /// What is watched, and which file or directory it was.
    set: HashMap<OsString, Identity>,
    /// Why the system gave no more: not asked again before something is given up, or all is forgotten.
    full: Option<String>,
    /// Every watch is to be set anew.
    is_forgotten: bool,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Outcome {
    /// Directories that were not watched before.
    pub(super) added: usize,
    pub(super) failed: Option<Unwatched>,
    /// What may change unheard.
    pub(super) unheard: Vec<Asked>,
    /// Whether all was as it should be before.
    pub(super) is_settled: bool,
}

enum Refused {
    /// The user's limit is reached.
    Full,
    /// It is not there any more: whoever replaced it is heard, or found by the next plan.
    Gone,
    /// Anything else.
    Other,
}

impl Watching {
    pub(super) fn new(watcher: RecommendedWatcher) -> Self {
        Self { watcher, set: HashMap::new(), full: None, is_forgotten: false }
    }

    pub(super) fn count(&self) -> usize {
        self.set.len()
    }

    pub(super) fn forget(&mut self) {
        self.is_forgotten = true;
        self.full = None;
    }

    /// Sets every watch of the plan, as far as the system lets us.
    pub(super) fn set(&mut self, plan: &Plan, ways: &Ways) -> Outcome {
        let places = plan.places();
        let given_up = self.give_up(&places, ways);
        let mut outcome = Outcome { is_settled: true, ..Outcome::default() };
        let mut full = self.full.take().filter(|_| given_up == 0);
        let renew = std::mem::take(&mut self.is_forgotten);
        let mut last = places.len();
        for (rank, place) in places.iter().enumerate() {
            let is_set = self.set.contains_key(place.path.as_os_str());
            if is_set && !renew {
                continue;
            }
            if let Some(why) = full.as_ref().filter(|_| !is_set)
                && !self.make_room(&places, rank, &mut last)
            {
                outcome.fail(place, || why.clone());
                continue;
            }
            let mut done = self.add(&place.path, place.identity);
            if matches!(done, Err((Refused::Full, _))) && self.make_room(&places, rank, &mut last) {
                done = self.add(&place.path, place.identity);
            }
            match done {
                Ok(()) if is_set => {}
                Ok(()) => {
                    outcome.added += usize::from(!place.is_file);
                    outcome.is_settled = false;
                }
                Err((Refused::Full, error)) => {
                    let why = sentence(&error, places.len());
                    outcome.fail(place, || why.clone());
                    full = Some(why);
                }
                Err((Refused::Gone, _)) => outcome.is_settled = false,
                // What cannot be read cannot be watched: the directory above hears when that changes.
                Err((Refused::Other, _)) if place.is_file || place.ends.is_empty() => {}
                Err((Refused::Other, error)) => outcome
                    .fail(place, || format!("{}: {}", place.path.display(), sentence(&error, places.len()))),
            }
        }
        self.full = full;
        outcome
    }

    /// Sets the watches on files anew that were replaced; says whether all went well. The directory heard of it
    /// and nothing else changed, so that this is all that a save by rename costs.
    pub(super) fn renew_files(
        &mut self,
        plan: &Plan,
        touched: &HashSet<PathBuf>,
        look: &dyn Fn(&Path) -> Entry,
    ) -> bool {
        let mut went_well = true;
        for path in touched {
            if plan.name_at(path).is_none_or(|name| name.ends.is_empty()) {
                continue;
            }
            self.remove(path.as_os_str());
            if let Entry::File(identity) = look(path) {
                let done = self.add(path, identity);
                went_well &= !matches!(done, Err((Refused::Full, _)));
            }
        }
        went_well
    }

    /// Gives up every watch that is not wanted any more or that may hang on something else by now.
    fn give_up(&mut self, places: &[Place<'_>], ways: &Ways) -> usize {
        let wanted: HashMap<&OsStr, Identity> =
            places.iter().map(|place| (place.path.as_os_str(), place.identity)).collect();
        let is_stale = |path: &OsStr| {
            !ways.stale.is_empty() && Path::new(path).ancestors().any(|above| ways.stale.contains(above))
        };
        let is_good = |path: &OsStr, identity: &Identity| {
            !ways.all
                && wanted.get(path) == Some(identity)
                && !is_stale(path)
                && !ways.touched.contains(Path::new(path))
        };
        let bad: Vec<(OsString, Identity)> = self
            .set
            .iter()
            .filter(|(path, identity)| !is_good(path, identity))
            .map(|(path, identity)| (path.clone(), *identity))
            .collect();
        for (path, _) in &bad {
            self.remove(path);
        }
        // The system has one watch for a directory, whatever it is called: where one name was given up, the
        // others have lost theirs.
        let gone: HashSet<Identity> = bad.iter().map(|(_, identity)| *identity).collect();
        let deaf: Vec<OsString> = self
            .set
            .iter()
            .filter(|(_, identity)| gone.contains(identity))
            .map(|(path, _)| path.clone())
            .collect();
        deaf.iter().for_each(|path| self.remove(path));
        bad.len() + deaf.len()
    }

    /// Gives up the least important watch, if it is less important than that of `rank`.
    fn make_room(&mut self, places: &[Place<'_>], rank: usize, last: &mut usize) -> bool {
        while *last > rank + 1 {
            *last -= 1;
            let Some(place) = places.get(*last) else { continue };
            if self.set.contains_key(place.path.as_os_str()) {
                self.remove(place.path.as_os_str());
                return true;
            }
        }
        false
    }

    fn add(&mut self, path: &Path, identity: Identity) -> Result<(), (Refused, notify::Error)> {
        match self.watcher.watch(path, RecursiveMode::NonRecursive) {
            Ok(()) => {
                self.set.insert(path.as_os_str().to_owned(), identity);
                Ok(())
            }
            Err(error) => {
                self.set.remove(path.as_os_str());
                let why = match &error.kind {
                    ErrorKind::MaxFilesWatch => Refused::Full,
                    ErrorKind::PathNotFound => Refused::Gone,
                    ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::NotFound => Refused::Gone,
                    _ => Refused::Other,
                };
                Err((why, error))
            }
        }
    }

    fn remove(&mut self, path: &OsStr) {
        if self.set.remove(path).is_some() {
            // It may be gone, and its watch with it.
            let _gone = self.watcher.unwatch(Path::new(path));
        }
    }
}

impl Outcome {
    fn fail(&mut self, place: &Place<'_>, reason: impl Fn() -> String) {
        self.unheard.extend(place.ends.iter().copied().flatten());
        match &mut self.failed {
            Some(failed) => failed.count += 1,
            None => self.failed = Some(Unwatched { count: 1, reason: reason() }),
        }
    }
}
