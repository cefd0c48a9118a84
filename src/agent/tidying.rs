//! What was left beside files when somebody was killed who put them right: cleared up once after the start, and told. Must
//! not know what it looks like, and touches no file itself.

use super::Wake;
use super::home::Home;
use super::running::Running;
use crate::host::accounts;
use crate::host::leftovers::{AGE, Cleared};
use crate::journal::Batch;
use crate::model::event::{AgentAction, Event};
use crate::model::level::Level;
use crate::model::surface::SurfaceState;
use crate::restore;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

/// Beside which files of a home something was found, and what became of it.
#[derive(Debug)]
pub(super) struct Tidied {
    home: PathBuf,
    outcomes: Vec<(PathBuf, Result<Cleared, String>)>,
}

/// When it is done, and where it was.
#[derive(Debug, Default)]
pub(super) struct Tidying {
    due: Option<Duration>,
    done: BTreeSet<PathBuf>,
}

impl Tidying {
    /// As soon as nothing that was left can be anybody's who is at work.
    pub(super) fn after_the_start(elapsed: Duration) -> Self {
        Self { due: Some(elapsed + AGE + Duration::from_secs(1)), done: BTreeSet::new() }
    }

    /// Now, wherever it was not done yet.
    pub(super) fn again(&mut self, elapsed: Duration) {
        self.due.get_or_insert(elapsed);
    }

    /// When that is, by the clock that nobody sets.
    pub(super) fn due(&self) -> Option<Duration> {
        self.due
    }
}

impl Running<'_> {
    /// Clears up in every home that is known and where that was not done yet, when it is time. Who only tells of drifts
    /// removes nothing either.
    pub(super) fn tidy(&mut self, elapsed: Duration) {
        if self.tidying.due.take_if(|due| *due <= elapsed).is_none()
            || !self.responding.policy.reverts_at_all()
        {
            return;
        }
        for home in self.homes.iter().filter(|home| home.is_known) {
            if !self.tidying.done.insert(home.dir().to_path_buf()) {
                continue;
            }
            let (owner, files, dir) = (owner(home), files(home), home.dir().to_path_buf());
            let (clock, wake) = (self.parts.clock, self.wake.clone());
            // A thread for each: a file system may hang.
            let work = move || {
                let outcomes = restore::clear_up(&files, owner, clock);
                if !outcomes.is_empty() {
                    // The end of the main thread is the end of the process.
                    let _over = wake.send(Wake::Tidied(Box::new(Tidied { home: dir, outcomes })));
                }
            };
            if let Err(error) = thread::Builder::new().name("tidying".into()).spawn(work) {
                tracing::warn!(%error, "nothing can be cleared up: no thread");
            }
        }
    }

    /// Tells what was found.
    pub(super) fn tidied(&mut self, tidied: &Tidied) {
        let Some(home) = self.homes.iter().find(|home| home.dir() == tidied.home) else { return };
        let events = tidied.outcomes.iter().map(|(file, outcome)| {
            let level = match outcome {
                Ok(Cleared { left: 0, .. }) => Level::Informational,
                Ok(_) | Err(_) => Level::Medium,
            };
            let message = restore::cut_short(file, outcome);
            let context = home.context(&self.parts);
            let id = (self.parts.event_id)(context.time);
            let mut event = Event::agent(id, AgentAction::RevertCutShort, level, &message, &context);
            event.set("file.path", file.to_string_lossy().into_owned());
            self.parts.rules.apply(&mut event);
            event
        });
        let events = events.collect();
        self.record(Batch { events, standing: Vec::new() });
    }
}

fn owner(home: &Home) -> u32 {
    home.watched.owner.or_else(|| accounts::owner_of(home.dir())).unwrap_or_else(accounts::own_uid)
}

/// The files of a home that a revert could have been at.
fn files(home: &Home) -> Vec<PathBuf> {
    let Some((inventory, _)) = home.seen() else { return Vec::new() };
    let there = inventory.surfaces.iter().filter(|reading| reading.state != SurfaceState::Missing);
    let mut files: Vec<PathBuf> = there.map(|reading| reading.surface.file.to_path_buf()).collect();
    files.sort_unstable();
    files.dedup();
    files
}
