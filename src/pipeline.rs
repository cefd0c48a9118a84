//! Judgements in, events out: what is new, what has changed, what has ended. No thread and no clock of its own.
//!
//! A drift is told when it appears, when it changes and when it ends, and not in between; what was told is given
//! back for keeping, so that a restart tells nothing twice. What may be half of a save (a file that cannot be
//! parsed, or is gone for a moment) is told when it still stands after [`SETTLING`]. If it ended before that it is
//! recorded then, as no more than information. What stood in such a file is not told to have ended meanwhile.

use crate::credentials::witness::{self, Witness};
use crate::journal::{Batch, StandingChange};
use crate::model::drift::{Drift, Judgement};
use crate::model::event::{AgentAction, Authorship, Context, DriftIdentity, Event, Observed, time_text};
use crate::model::history::History;
use crate::model::inventory::{Inventory, Server};
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::standing::{About, StandingDrift};
use crate::model::subject::Subject;
use crate::model::surface::FileFacts;
use crate::rules::Rules;
use jiff::Timestamp;
use std::cell::{LazyCell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long a save may take.
pub const SETTLING: Duration = Duration::from_secs(2);

/// Shorter than this half a save is no news at all: programs write in steps.
const MOMENT: Duration = Duration::from_millis(100);

/// What has been told of one home.
#[derive(Debug, Default)]
pub struct Pipeline {
    drifts: BTreeMap<String, Known>,
}

#[derive(Debug)]
enum Known {
    /// It was told.
    Told(StandingDrift),
    /// It waits to be told.
    Waiting(Box<Waiting>),
}

#[derive(Debug)]
struct Waiting {
    since: Timestamp,
    /// By the clock that nobody sets.
    seen: Duration,
    event: Event,
}

/// What one step came to.
#[derive(Debug, Default)]
pub struct Step {
    /// What is to be recorded and told now.
    pub batch: Batch,
    /// When to take the next step at the latest, by the clock that nobody sets.
    pub due: Option<Duration>,
}

/// One moment of one home.
#[derive(Clone, Copy)]
pub struct Moment<'m> {
    /// The home.
    pub home: &'m Path,
    /// Everything that is to be said about it.
    pub judgements: &'m [Judgement],
    /// What is there.
    pub inventory: &'m Inventory,
    /// What every event says.
    pub context: &'m Context<'m>,
    /// How long it has been, by the clock that nobody sets.
    pub elapsed: Duration,
    /// What says how much an event matters.
    pub rules: &'m Rules,
    /// What was told before, in this home or another.
    pub history: &'m RefCell<History>,
    /// Who changed that file, where somebody looked into it.
    pub author: Author<'m>,
}

/// Says who changed a file of that project just now.
pub type Author<'a> = &'a dyn Fn(&Path, Option<&Path>) -> Option<Arc<Authorship>>;

impl Pipeline {
    /// One that goes on where another ended.
    pub fn resume(standing: Vec<StandingDrift>) -> Self {
        let known = |drift: StandingDrift| (drift.drift_id.clone(), Known::Told(drift));
        Self { drifts: standing.into_iter().map(known).collect() }
    }

    /// What stands and was told.
    pub fn standing(&self) -> impl Iterator<Item = &StandingDrift> {
        self.drifts.values().filter_map(|known| match known {
            Known::Told(drift) => Some(drift),
            Known::Waiting(_) => None,
        })
    }

    /// Holds the judgements of one home against what was told of it before. `id` makes fresh event ids.
    pub fn step(&mut self, moment: Moment<'_>, id: &mut dyn FnMut() -> String) -> Step {
        let mut step = Step::default();
        let mut before = std::mem::take(&mut self.drifts);
        // Only what is told needs it, and most steps tell nothing.
        let there = LazyCell::new(|| There::of(moment.inventory, moment.judgements));
        for judgement in moment.judgements {
            for drift in &judgement.drifts {
                let identity = DriftIdentity::of(judgement, drift, moment.context);
                // Two of the same kind about the same thing are one.
                if self.drifts.contains_key(&identity.id) {
                    continue;
                }
                let known = match before.remove(&identity.id) {
                    Some(Known::Told(told)) if told.state == identity.state => Known::Told(told),
                    known => {
                        let event = event_of(judgement, drift, &identity, &there, moment, id());
                        stand(known, drift, identity.clone(), event, moment, &mut step)
                    }
                };
                self.drifts.insert(identity.id, known);
            }
        }
        let unsettled = self.unsettled_files();
        for (drift_id, known) in before {
            match known {
                // What stood in a file ends when the save is over, if it does.
                Known::Told(told) if told.about.file().is_some_and(|file| unsettled.contains(file)) => {
                    self.drifts.insert(drift_id, Known::Told(told));
                }
                known => end(drift_id, known, moment, id, &mut step),
            }
        }
        step
    }

    /// The files of which half a save may be what is there.
    fn unsettled_files(&self) -> HashSet<PathBuf> {
        let waiting = self.drifts.values().filter_map(|known| match known {
            Known::Waiting(waiting) => waiting.event.text("file.path").map(PathBuf::from),
            Known::Told(_) => None,
        });
        waiting.collect()
    }
}

/// A drift that is there now and was not told as it is.
fn stand(
    known: Option<Known>,
    drift: &Drift,
    identity: DriftIdentity,
    mut event: Event,
    moment: Moment<'_>,
    step: &mut Step,
) -> Known {
    let since = match known {
        Some(Known::Told(told)) => {
            event.set("mcpwatch.drift.changed", true);
            event.set("mcpwatch.drift.since", time_text(told.since));
            told.since
        }
        Some(Known::Waiting(waiting)) if moment.elapsed < waiting.seen + SETTLING => {
            step.wait_for(waiting.seen + SETTLING);
            return Known::Waiting(waiting);
        }
        Some(Known::Waiting(waiting)) => waiting.since,
        None if may_be_half_a_save(drift) => {
            step.wait_for(moment.elapsed + SETTLING);
            let (since, seen) = (moment.context.time, moment.elapsed);
            return Known::Waiting(Box::new(Waiting { since, seen, event }));
        }
        None => moment.context.time,
    };
    moment.history.borrow_mut().place(&mut event);
    moment.rules.apply(&mut event);
    let told = StandingDrift {
        drift_id: identity.id,
        state: identity.state,
        since,
        level: event.level(),
        kind: drift.kind,
        summary: drift.summary.clone(),
        event_id: Some(event.id().to_owned()),
        about: About::of(&event),
    };
    step.batch.events.push(event);
    step.batch.standing.push(stands(moment.home, &told));
    Known::Told(told)
}

/// A drift that is there no longer.
fn end(drift_id: String, known: Known, moment: Moment<'_>, id: &mut dyn FnMut() -> String, step: &mut Step) {
    match known {
        Known::Told(told) => {
            step.batch.events.push(ended_event(&told, moment, id()));
            step.batch.standing.push(StandingChange::Ended { home: moment.home.to_path_buf(), drift_id });
        }
        Known::Waiting(waiting) => {
            let stood = moment.elapsed.saturating_sub(waiting.seen);
            if stood >= MOMENT {
                step.batch.events.push(passing_event(waiting.event, stood));
            }
        }
    }
}

impl Step {
    fn wait_for(&mut self, due: Duration) {
        self.due = Some(self.due.map_or(due, |other| other.min(due)));
    }
}

/// What the journal is to remember of a drift.
pub fn stands(home: &Path, drift: &StandingDrift) -> StandingChange {
    StandingChange::Stands { home: PathBuf::from(home), drift: drift.clone() }
}

fn may_be_half_a_save(drift: &Drift) -> bool {
    matches!(drift.kind, DriftKind::ConfigUnparsable | DriftKind::ConfigMissing)
}

/// What is there, by what a judgement calls it.
struct There<'i> {
    servers: HashMap<Subject, &'i Server>,
    /// The facts of files, by their paths byte by byte: as paths they would compare by components.
    facts: HashMap<&'i OsStr, &'i FileFacts>,
}

impl<'i> There<'i> {
    /// As far as it is judged: mostly one entry of hundreds.
    fn of(inventory: &'i Inventory, judgements: &[Judgement]) -> Self {
        let files: HashSet<&OsStr> = judgements.iter().map(|one| one.surface.file.as_os_str()).collect();
        let names: HashSet<&str> = judgements.iter().filter_map(|one| one.server.as_deref()).collect();
        let mut facts = HashMap::new();
        for reading in &inventory.surfaces {
            let file = reading.surface.file.as_os_str();
            let of_file = reading.facts.as_ref().filter(|_| files.contains(file));
            of_file.map(|found| facts.entry(file).or_insert(found));
        }
        let servers = inventory.servers.iter().filter(|server| names.contains(server.name.as_str()));
        Self { servers: servers.map(|server| (Subject::server(server), server)).collect(), facts }
    }
}

fn event_of(
    judgement: &Judgement,
    drift: &Drift,
    identity: &DriftIdentity,
    there: &There<'_>,
    moment: Moment<'_>,
    id: String,
) -> Event {
    let facts = there.facts.get(judgement.surface.file.as_os_str()).copied();
    let server = there.servers.get(&judgement.subject);
    let endpoint = server.and_then(|server| server.entry.effective(&server.variables).endpoint());
    let observed = Observed { facts, endpoint: endpoint.as_ref(), ..Observed::default() };
    let mut event = Event::drift(id, judgement, drift, identity, &observed, moment.context);
    let witness = witness::of_judgement(judgement, &moment.inventory.credentials);
    event.set_some("mcpwatch.drift.login", witness.map(Witness::as_str));
    if let Some(author) = (moment.author)(&judgement.surface.file, judgement.project.as_deref()) {
        event.set_provenance(&author, moment.context.key);
    }
    event
}

fn ended_event(ended: &StandingDrift, moment: Moment<'_>, id: String) -> Event {
    let message = format!("no longer so: {}", ended.summary);
    let mut event = Event::agent(id, AgentAction::DriftEnded, Level::Informational, &message, moment.context);
    // Who put it right is as good to know as who broke it.
    let author = ended.about.file().and_then(|file| (moment.author)(file, None));
    if let Some(author) = author.filter(|author| author.writer.is_some()) {
        event.set_provenance(&author, moment.context.key);
    }
    ended.about.say_in(&mut event);
    event.set("mcpwatch.drift.id", ended.drift_id.as_str());
    event.set("mcpwatch.drift.kind", ended.kind.as_str());
    event.set("mcpwatch.drift.level", ended.level.as_str());
    event.set("mcpwatch.drift.since", time_text(ended.since));
    event.set_some("mcpwatch.drift.event", ended.event_id.clone());
    event
}

/// What stood for less than a save may take: it is on record, and nobody is called.
fn passing_event(mut event: Event, stood: Duration) -> Event {
    let message = format!("for {} ms: {}", stood.as_millis(), event.text("message").unwrap_or_default());
    event.set("message", message);
    event.set("event.kind", "event");
    event.set("event.duration", u64::try_from(stood.as_nanos()).unwrap_or(u64::MAX));
    event.set("mcpwatch.drift.passing", true);
    event.set_level(Level::Informational);
    event
}

#[cfg(test)]
mod tests;
