//! What was left beside files when the agent before was killed while it put them right: cleared up once, and told. Must
//! not know what it looks like, and touches no file itself.

use super::Wake;
use super::home::Home;
use super::running::Running;
use crate::host::accounts;
use crate::host::leftovers::{AGE, Cleared};
use crate::model::event::{AgentAction, Event};
use crate::model::level::Level;
use crate::model::surface::SurfaceState;
use crate::restore;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

/// What was found beside one file.
#[derive(Debug)]
pub(super) struct Tidied {
    home: u64,
    file: PathBuf,
    outcome: Result<Cleared, String>,
}

/// When it is done.
#[derive(Debug, Default)]
pub(super) struct Tidying {
    due: Option<Duration>,
}

impl Tidying {
    /// As soon as nothing that was left can be anybody's who is at work.
    pub(super) fn after_a_kill(&mut self, elapsed: Duration) {
        self.due = Some(elapsed + AGE + Duration::from_secs(1));
    }

    /// When that is, by the clock that nobody sets.
    pub(super) fn due(&self) -> Option<Duration> {
        self.due
    }
}

impl Running<'_> {
    /// Sends a thread to clear up, when it is time: a file system may hang.
    pub(super) fn tidy(&mut self, elapsed: Duration) {
        if self.tidying.due.take_if(|due| *due <= elapsed).is_none() {
            return;
        }
        let homes: Vec<_> = self.homes.iter().map(|home| (home.number, owner(home), files(home))).collect();
        let (clock, wake) = (self.parts.clock, self.wake.clone());
        let work = move || {
            for (home, owner, files) in homes {
                for file in files {
                    let Some(outcome) = restore::clear_up(&file, owner, clock) else { continue };
                    // The end of the main thread is the end of the process.
                    let _over = wake.send(Wake::Tidied(Box::new(Tidied { home, file, outcome })));
                }
            }
        };
        if let Err(error) = thread::Builder::new().name("tidying".into()).spawn(work) {
            tracing::warn!(%error, "nothing can be cleared up: no thread");
        }
    }

    /// Tells what was found.
    pub(super) fn tidied(&mut self, tidied: &Tidied) {
        let Some(home) = self.homes.iter().find(|home| home.number == tidied.home) else { return };
        let level = match &tidied.outcome {
            Ok(Cleared { removed: 0, put_back: 0, left: 0 }) => return,
            Ok(Cleared { left: 0, .. }) => Level::Informational,
            Ok(_) | Err(_) => Level::Medium,
        };
        let message = restore::cut_short(&tidied.file, &tidied.outcome);
        let context = home.context(&self.parts);
        let id = (self.parts.event_id)(context.time);
        let mut event = Event::agent(id, AgentAction::RevertCutShort, level, &message, &context);
        event.set("file.path", tidied.file.to_string_lossy().into_owned());
        self.record_event(event);
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
