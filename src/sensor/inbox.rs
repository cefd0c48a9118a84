//! Hints that wait to be taken: each thing once, however often it changes, and never more than a bound. Knows
//! nothing of where they come from.

use super::{Hint, Versions};
use crate::model::touch::{Touch, Touches};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::mem::take;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// More files than this are told as "everything".
pub const MOST_FILES: usize = 4096;
/// More kinds of trouble than this are not told apart.
const MOST_TROUBLES: usize = 16;

/// Where hints wait. Every clone is the same one.
#[derive(Clone, Debug, Default)]
pub struct Inbox(Arc<Mutex<Pending>>);

#[derive(Debug, Default)]
struct Pending {
    lost: bool,
    changed: BTreeSet<PathBuf>,
    elsewhere: BTreeSet<PathBuf>,
    versions: BTreeMap<PathBuf, Versions>,
    degraded: BTreeSet<String>,
    touches: Touches,
    ways: Ways,
}

/// What may have happened to the ways on which the files are reached: only the sensor itself needs to know.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// No watch can be relied on.
    pub(super) all: bool,
    /// Names under which something appeared, went or was replaced.
    pub(super) touched: HashSet<PathBuf>,
    /// Directories that were moved or removed, and with them every watch below.
    pub(super) stale: HashSet<PathBuf>,
}

/// What one event of the system says, as far as anybody asked.
#[derive(Debug, Default)]
pub(super) struct News<'r> {
    pub(super) lost: bool,
    pub(super) overflow: bool,
    pub(super) changed: Vec<&'r Path>,
    pub(super) elsewhere: Vec<&'r Path>,
    /// Versions of these files came to be.
    pub(super) versions: Vec<(&'r Path, Versions)>,
    pub(super) degraded: Option<String>,
    /// Who did it, where that can be known.
    pub(super) touches: Vec<Touch>,
    /// Others may have done something too, and nobody knows who.
    pub(super) is_blind: bool,
    pub(super) touched: Vec<PathBuf>,
    pub(super) stale: Vec<PathBuf>,
}

impl Inbox {
    /// Everything that was heard since it was last asked, each kind of hint at most once (trouble once a reason).
    /// Nothing is left of it here. [`Hint::Lost`] stands for every change, and then none is named; who touched what is
    /// still told, as far as it is known.
    pub fn take(&self) -> Vec<Hint> {
        let mut pending = self.pending();
        let mut hints: Vec<Hint> = take(&mut pending.degraded).into_iter().map(Hint::Degraded).collect();
        let (changed, elsewhere) = (take(&mut pending.changed), take(&mut pending.elsewhere));
        let versions = take(&mut pending.versions);
        let touches = take(&mut pending.touches);
        hints.extend((!touches.is_empty()).then_some(Hint::Touched(touches)));
        if take(&mut pending.lost) {
            hints.push(Hint::Lost);
            return hints;
        }
        hints.extend((!versions.is_empty()).then_some(Hint::Versions(versions)));
        hints.extend((!changed.is_empty()).then_some(Hint::Changed(changed)));
        hints.extend((!elsewhere.is_empty()).then_some(Hint::Elsewhere(elsewhere)));
        hints
    }

    /// Adds news; says whether nothing waited before, so that somebody must be woken.
    pub(super) fn add(&self, news: &News<'_>) -> bool {
        let mut pending = self.pending();
        let was_empty = pending.is_empty();
        pending.lost |= news.lost || news.overflow;
        pending.ways.all |= news.overflow;
        pending.ways.add(news);
        pending.touches.is_incomplete |= news.is_blind;
        news.touches.iter().for_each(|touch| pending.touches.add(touch.clone()));
        if !pending.lost {
            for file in &news.changed {
                if !pending.changed.contains(*file) {
                    pending.changed.insert(file.to_path_buf());
                }
            }
            for (file, more) in &news.versions {
                match pending.versions.get_mut(*file) {
                    Some(versions) => versions.add(*more),
                    None => _ = pending.versions.insert(file.to_path_buf(), *more),
                }
            }
            for directory in &news.elsewhere {
                if !pending.elsewhere.contains(*directory) {
                    pending.elsewhere.insert(directory.to_path_buf());
                }
            }
            pending.lost = pending.changed.len() > MOST_FILES || pending.elsewhere.len() > MOST_FILES;
        }
        if pending.lost {
            pending.changed.clear();
            pending.versions.clear();
            pending.elsewhere.clear();
        }
        if let Some(why) = &news.degraded
            && pending.degraded.len() < MOST_TROUBLES
        {
            pending.degraded.insert(why.clone());
        }
        was_empty && !pending.is_empty()
    }

    /// Who touched what, since it was last asked.
    pub(super) fn take_touches(&self) -> Touches {
        take(&mut self.pending().touches)
    }

    /// What happened to the ways since it was last asked.
    pub(super) fn take_ways(&self) -> Ways {
        take(&mut self.pending().ways)
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pending {
    fn is_empty(&self) -> bool {
        !self.lost && self.changed.is_empty() && self.elsewhere.is_empty() && self.degraded.is_empty()
    }
}

impl Ways {
    fn add(&mut self, news: &News<'_>) {
        for (set, paths) in [(&mut self.touched, &news.touched), (&mut self.stale, &news.stale)] {
            for path in paths.iter().filter(|_| !self.all) {
                if !set.contains(path) {
                    set.insert(path.clone());
                }
            }
        }
        if self.all || self.touched.len() > MOST_FILES || self.stale.len() > MOST_FILES {
            *self = Self { all: true, ..Self::default() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changed(path: &str) -> News<'_> {
        News { changed: vec![Path::new(path)], ..News::default() }
    }

    #[test]
    fn a_file_that_changes_often_is_one_hint_and_wakes_once() {
        let inbox = Inbox::default();
        assert!(inbox.take().is_empty());
        assert!(inbox.add(&changed("/a")));
        for _ in 0..5000 {
            assert!(!inbox.add(&changed("/a")));
        }
        assert!(!inbox.add(&News { elsewhere: vec![Path::new("/t")], ..News::default() }));
        let set = |path: &str| BTreeSet::from([PathBuf::from(path)]);
        assert_eq!(inbox.take(), [Hint::Changed(set("/a")), Hint::Elsewhere(set("/t"))]);
        assert!(inbox.take().is_empty());
        assert!(inbox.add(&changed("/a")), "and wakes again");
        assert!(!inbox.add(&News::default()), "nothing is no news");
    }

    #[test]
    fn too_much_is_everything_and_memory_stays_bounded() {
        let inbox = Inbox::default();
        for number in 0..3 * MOST_FILES {
            let name = format!("/f{number}");
            inbox.add(&News { touched: vec![PathBuf::from(&name)], ..changed(&name) });
        }
        inbox.add(&News { degraded: Some("why".into()), ..News::default() });
        assert!(inbox.pending().changed.is_empty() && inbox.pending().ways.touched.is_empty());
        assert_eq!(inbox.take(), [Hint::Degraded("why".into()), Hint::Lost]);
        assert!(inbox.take().is_empty());
        assert!(inbox.take_ways().all && !inbox.take_ways().all);
    }
}
