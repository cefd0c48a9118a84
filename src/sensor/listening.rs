//! The sensor: what is asked for is planned, watched by the best means there are, and heard of.
//!
//! Watches directories, and the files in them only besides: a watch on a file dies with the first rename over it,
//! and that is how every careful program saves. Knows paths and nothing of what stands in them.

use super::hearing::Hearing;
use super::inbox::Inbox;
use super::plan::Plan;
use super::route::Routes;
use super::watching::{Asked, Watching};
use super::{Means, Unwatched, Watches};
use crate::host::entry::Entry;
use crate::model::touch::Touches;
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The sensor. It stops when it is dropped.
pub struct Sensor {
    watching: Watching,
    hearing: Hearing,
    /// Whether the last plan found every watch in its place, so that the next one would find nothing new.
    is_settled: bool,
    last: Watches,
}

impl Sensor {
    /// Starts it, by fanotify where that is possible and by file notifications where not. Hints wait in its [`Inbox`];
    /// `wake` is called, on the sensor's own threads, whenever one comes into the empty inbox. It must not wait for
    /// anybody: while it does, the sensor hears nothing.
    ///
    /// # Errors
    /// Why the operating system does not tell anything, as a sentence.
    pub fn start(wake: Box<dyn Fn() + Send>) -> Result<Self, String> {
        let hearing = Hearing::new(wake);
        let watching = Watching::with_fanotify(hearing.clone())?;
        if let Some(why) = &watching.refused {
            say_once(why);
        }
        Ok(Self { watching, hearing, is_settled: false, last: Watches::default() })
    }

    /// Starts it by file notifications alone, where nobody wants to know who did it.
    ///
    /// # Errors
    /// Why the operating system does not give notifications, as a sentence.
    pub fn by_notify(wake: Box<dyn Fn() + Send>) -> Result<Self, String> {
        let hearing = Hearing::new(wake);
        let watching = Watching::with_notify(hearing.clone())?;
        Ok(Self { watching, hearing, is_settled: false, last: Watches::default() })
    }

    /// By which means the places are watched.
    pub fn means(&self) -> BTreeSet<Means> {
        self.watching.means()
    }

    /// Why fanotify is not used at all.
    pub fn without_fanotify(&self) -> Option<&str> {
        self.watching.refused.as_deref()
    }

    /// Who touched what until this moment, beyond what hints told already: waits, for a short time, until everything that
    /// happened so far is heard.
    pub fn touches(&self) -> Touches {
        let is_whole = self.watching.catch_up();
        let mut touches = self.hearing.inbox.take_touches();
        touches.is_incomplete |= !is_whole;
        touches
    }

    /// Where its hints wait.
    pub fn inbox(&self) -> Inbox {
        self.hearing.inbox.clone()
    }

    /// Watches what is needed to hear of these files and of everything in these directories, and nothing else
    /// any more; the most important file first. What is missing is heard of when it appears, and of each link
    /// on the way when it leads elsewhere. `look` says what stands at a path: [`Entry::at`].
    ///
    /// To be called after every hint, before the files are read, since what appeared or was moved needs watches
    /// of its own; where nothing did, it does next to nothing. When it added something, look again.
    pub fn watch<P: AsRef<Path> + Into<Arc<Path>>>(
        &mut self,
        files: impl IntoIterator<Item = P>,
        directories: &[PathBuf],
        look: &dyn Fn(&Path) -> Entry,
    ) -> Watches {
        let ways = self.hearing.inbox.take_ways();
        let old = self.hearing.routes();
        let files: Vec<P> = files.into_iter().collect();
        let asked = || directories.iter().map(PathBuf::as_path).chain(files.iter().map(AsRef::as_ref));
        let is_same = old.directories == directories.len() && same(&old.asked, asked());
        let is_as_planned = is_same && self.is_settled && !ways.all && ways.stale.is_empty();
        if is_as_planned && lead_on(&old.plan, &ways.touched, look) {
            self.is_settled = self.watching.renew_files(&old.plan, &ways.touched, look);
            return Watches { added: 0, ..self.last.clone() };
        }

        let plan = Plan::new(asked(), directories.len(), look);
        let named = plan.ends_new_since(&old.plan);
        let asked = if is_same {
            Arc::clone(&old.asked)
        } else {
            let directories = directories.iter().map(|directory| directory.as_path().into());
            directories.chain(files.into_iter().map(Into::into)).collect()
        };
        let routes = Arc::new(Routes { asked, directories: directories.len(), plan });
        // Before the watches: their first event must find its way.
        self.hearing.ask(Arc::clone(&routes));
        let outcome = self.watching.set(&routes.plan, &ways);
        self.is_settled = named == 0 && outcome.is_settled;
        self.last =
            Watches { added: 0, failed: outcome.failed, unwatched: routes.named(outcome.unheard).into() };
        if self.last.failed.is_none() && !routes.plan.untraceable.is_empty() {
            self.last.failed = Some(Unwatched {
                count: routes.plan.untraceable.len(),
                reason: "the symbolic links on the way lead through too many directories: remove them".into(),
            });
        }
        Watches { added: named.max(outcome.added), ..self.last.clone() }
    }

    /// Forgets what is known of the watches, so that the next [`Sensor::watch`] sets every one anew, and
    /// tries again those that failed. None is given up meanwhile.
    pub fn forget(&mut self) {
        self.is_settled = false;
        self.watching.forget();
    }

    /// How many places are watched.
    pub fn watched(&self) -> usize {
        self.watching.count()
    }
}

/// Without privilege it is always so, and so in every home.
fn say_once(why: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    if SAID.lock().unwrap_or_else(PoisonError::into_inner).insert(why.to_owned()) {
        tracing::info!(why, "no fanotify: changes are noticed, and who makes them is not");
    }
}

/// Compared byte by byte: paths compare by components, which takes twenty times as long.
fn same<'p>(old: &[Arc<Path>], new: impl Iterator<Item = &'p Path>) -> bool {
    old.iter().map(|path| path.as_os_str()).eq(new.map(Path::as_os_str))
}

/// Whether everything that was touched still leads where the plan says.
fn lead_on(plan: &Plan, touched: &HashSet<PathBuf>, look: &dyn Fn(&Path) -> Entry) -> bool {
    touched.iter().all(|path| plan.name_at(path).is_none_or(|name| look(path).leads_like(&name.seen)))
}

impl Routes {
    /// The paths behind these numbers, each once, in the caller's order.
    fn named(&self, mut ids: Vec<Asked>) -> Vec<PathBuf> {
        ids.extend(&self.plan.untraceable);
        ids.sort_unstable();
        ids.dedup();
        ids.into_iter().filter_map(|id| self.asked.get(id as usize).map(|path| path.to_path_buf())).collect()
    }
}
