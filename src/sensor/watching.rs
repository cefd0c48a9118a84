//! The watches themselves: sets what a plan wants, gives up what it does not want any more, and copes with a
//! system that gives no more of them. Knows nothing of hints.

use super::ears::{Ears, Held};
use super::hearing::Hearing;
use super::inbox::Ways;
use super::means::{Refusal, Why};
use super::plan::{AskedId, Place, Plan, Role};
use super::{Means, Unwatched};
use crate::host::entry::{Entry, Identity};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub(super) type Asked = AskedId;

/// The watches.
pub(super) struct Watching {
    ears: Ears,
    /// What is watched: which file or directory it was, and what its watch hangs on.
    set: HashMap<Arc<OsStr>, (Identity, Held)>,
    /// How many by which means.
    means: BTreeMap<Means, usize>,
    /// Why the system gave no more: not asked again before something is given up, or all is forgotten.
    full: Option<String>,
    /// Every watch is to be set anew.
    is_forgotten: bool,
    /// Why there is no fanotify.
    pub(super) refused: Option<String>,
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

/// For so long somebody may be kept waiting until all is heard.
const CATCHING_UP: Duration = Duration::from_millis(50);

impl Watching {
    /// By the system's notifications alone.
    pub(super) fn with_notify(hearing: Hearing) -> Result<Self, String> {
        let ears = Ears::with_notify(hearing).map_err(|refusal| refusal.reason)?;
        Ok(Self::new(ears, None))
    }

    /// By the best means there are.
    pub(super) fn with_fanotify(hearing: Hearing) -> Result<Self, String> {
        let (ears, refused) = Ears::with_fanotify(hearing).map_err(|refusal| refusal.reason)?;
        Ok(Self::new(ears, refused))
    }

    fn new(ears: Ears, refused: Option<String>) -> Self {
        Self { ears, set: HashMap::new(), means: BTreeMap::new(), full: None, is_forgotten: false, refused }
    }

    /// The means that are in use.
    pub(super) fn means(&self) -> BTreeSet<Means> {
        self.means.keys().copied().collect()
    }

    /// Waits until everything that happened before is heard; says whether who did it is known of all of it.
    pub(super) fn catch_up(&self) -> bool {
        let is_heard = self.ears.catch_up(CATCHING_UP);
        is_heard && !self.means.contains_key(&Means::Notify)
    }

    pub(super) fn count(&self) -> usize {
        self.set.len()
    }

    pub(super) fn forget(&mut self) {
        self.is_forgotten = true;
        self.full = None;
        self.ears.forget();
    }

    /// Sets every watch of the plan, as far as the system lets us.
    pub(super) fn set(&mut self, plan: &Plan, ways: &Ways) -> Outcome {
        let places = plan.places();
        if ways.all || self.ears.is_cluttered() {
            self.ears.remove_marks();
            let marked = self.set.extract_if(|_, (_, held)| held.means() == Means::Fanotify);
            let count = marked.count();
            self.means.remove(&Means::Fanotify);
            tracing::debug!(count, "all fanotify marks are set anew");
        }
        let given_up = self.give_up(plan, ways);
        let mut outcome = Outcome { is_settled: true, ..Outcome::default() };
        let mut full = self.full.take().filter(|_| given_up == 0);
        let renew = std::mem::take(&mut self.is_forgotten);
        let mut last = places.len();
        for (rank, place) in places.iter().enumerate() {
            let path = plan.path_of(place);
            let held = self.set.get(path.as_os_str()).map(|(_, held)| *held);
            let is_set = held.is_some_and(|held| held.is_enough(place.role));
            if is_set && !renew {
                continue;
            }
            if let Some(why) = full.as_ref().filter(|_| held.is_none())
                && !self.make_room(plan, &places, rank, &mut last)
            {
                outcome.fail(plan.ends_of(place), || why.clone());
                continue;
            }
            let mut done = self.add(path.as_os_str(), place.identity, place.role, places.len());
            if done.as_ref().is_err_and(is_full) && self.make_room(plan, &places, rank, &mut last) {
                done = self.add(path.as_os_str(), place.identity, place.role, places.len());
            }
            match done {
                Ok(()) if is_set => {}
                Ok(()) => {
                    outcome.added += usize::from(place.role != Role::File);
                    outcome.is_settled = false;
                }
                Err(Refusal { why: Why::Full, reason }) => {
                    outcome.fail(plan.ends_of(place), || reason.clone());
                    full = Some(reason);
                }
                Err(Refusal { why: Why::Gone, .. }) => outcome.is_settled = false,
                // What cannot be read cannot be watched: the directory above hears when that changes.
                Err(_) if place.role != Role::Directory => {}
                Err(Refusal { reason, .. }) => {
                    outcome.fail(plan.ends_of(place), || format!("{}: {reason}", path.display()));
                }
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
            // A directory that still leads on keeps its watch: that it appeared may be heard after it was set.
            if plan.name_at(path).is_none_or(|name| name.ends.is_empty() || name.child.is_some()) {
                continue;
            }
            self.remove(path.as_os_str());
            if let Entry::File(identity) = look(path) {
                let done = self.add(path.as_os_str(), identity, Role::File, self.set.len());
                went_well &= !done.as_ref().is_err_and(is_full);
            }
        }
        went_well && !self.ears.is_cluttered()
    }

    /// Gives up every watch that is not wanted any more or that may hang on something else by now.
    fn give_up(&mut self, plan: &Plan, ways: &Ways) -> usize {
        let is_stale = |path: &OsStr| {
            !ways.stale.is_empty() && Path::new(path).ancestors().any(|above| ways.stale.contains(above))
        };
        let is_good = |path: &OsStr, identity: &Identity| {
            !ways.all
                && plan.identity_at(Path::new(path)).as_ref() == Some(identity)
                && !is_stale(path)
                && !ways.touched.contains(Path::new(path))
        };
        let bad: Vec<(Arc<OsStr>, Identity)> = self
            .set
            .iter()
            .filter(|(path, (identity, _))| !is_good(path, identity))
            .map(|(path, (identity, _))| (path.clone(), *identity))
            .collect();
        for (path, _) in &bad {
            self.remove(path);
        }
        // The system has one watch for a directory, whatever it is called: where one name was given up, the
        // others have lost theirs.
        let gone: HashSet<Identity> = bad.iter().map(|(_, identity)| *identity).collect();
        let deaf: Vec<Arc<OsStr>> = self
            .set
            .iter()
            .filter(|(_, (identity, _))| gone.contains(identity))
            .map(|(path, _)| path.clone())
            .collect();
        deaf.iter().for_each(|path| self.remove(path));
        bad.len() + deaf.len()
    }

    /// Gives up the least important watch, if it is less important than that of `rank`.
    fn make_room(&mut self, plan: &Plan, places: &[Place], rank: usize, last: &mut usize) -> bool {
        while *last > rank + 1 {
            *last -= 1;
            let Some(place) = places.get(*last) else { continue };
            let path = plan.path_of(place);
            if self.set.contains_key(path.as_os_str()) {
                self.remove(path.as_os_str());
                return true;
            }
        }
        false
    }

    fn add(&mut self, path: &OsStr, identity: Identity, role: Role, wanted: usize) -> Result<(), Refusal> {
        let path = self.set.get_key_value(path).map_or_else(|| path.into(), |(path, _)| Arc::clone(path));
        let done = self.ears.add(&path, identity, role, wanted);
        let before = match &done {
            Ok(held) => {
                *self.means.entry(held.means()).or_default() += 1;
                self.set.insert(Arc::clone(&path), (identity, *held))
            }
            Err(_) => self.set.remove(&path),
        };
        if let Some((identity, held)) = before {
            self.forget_means(held.means());
            // Another one hangs there now, or none: the old one must not go on under this name.
            if !done.as_ref().is_ok_and(|new| new.is_same(held)) {
                self.ears.remove(&path, identity, held);
            }
        }
        done.map(drop)
    }

    fn remove(&mut self, path: &OsStr) {
        if let Some((identity, held)) = self.set.remove(path) {
            self.forget_means(held.means());
            self.ears.remove(path, identity, held);
        }
    }

    fn forget_means(&mut self, means: Means) {
        if let Some(count) = self.means.get_mut(&means) {
            *count -= 1;
            if *count == 0 {
                self.means.remove(&means);
            }
        }
    }
}

fn is_full(refusal: &Refusal) -> bool {
    refusal.why == Why::Full
}

impl Outcome {
    fn fail(&mut self, ends: impl Iterator<Item = Asked>, reason: impl Fn() -> String) {
        self.unheard.extend(ends);
        match &mut self.failed {
            Some(failed) => failed.count += 1,
            None => self.failed = Some(Unwatched { count: 1, reason: reason() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_is_asked_for_as_a_file_too_keeps_its_watch() {
        let root = tempfile::tempdir().unwrap();
        let there = tempfile::tempdir_in(root.path()).unwrap();
        let asked = [there.path().to_path_buf(), there.path().join("file")];
        let plan = Plan::new(asked.iter().map(PathBuf::as_path), 0, &Entry::at);
        let mut watching = Watching::with_notify(Hearing::new(Box::new(|| {}))).unwrap();
        watching.set(&plan, &Ways::default());
        let before = watching.count();
        // It appeared before it was planned for, and is heard of now.
        let touched = HashSet::from([there.path().to_path_buf()]);
        assert!(watching.renew_files(&plan, &touched, &Entry::at));
        assert_eq!(watching.count(), before);
    }
}
