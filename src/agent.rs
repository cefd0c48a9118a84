//! The agent in the foreground: sensors, checks, journal, in one loop. Wiring and nothing else.
//!
//! Knows no file format and no rule; whoever composes it says which homes there are and what they should be.

pub mod stop;
mod telling;

use crate::baseline::Baseline;
use crate::check::{Place, Reader, World, judge};
use crate::host::clock::Clock;
use crate::host::files::Files;
use crate::host::lock::{AgentLock, LockError};
use crate::journal::{Journal, JournalError};
use crate::model::event::{AgentAction, Context, Event, HostFacts, UserFacts};
use crate::model::level::Level;
use crate::pipeline::Pipeline;
use crate::sensor::Hint;
use crate::sensor::notify::NotifySensor;
use crate::surface::claude_code::Layout;
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;
use telling::Told;

/// Hints that wait. One would do, since each means "look again"; a few keep the sensor from waiting.
const WAITING_HINTS: usize = 16;

/// One home that is watched.
pub struct Watched<'a> {
    /// Where its files are.
    pub layout: Layout,
    /// Whose it is.
    pub user: Option<UserFacts>,
    /// What must be known to judge it.
    pub world: World<'a>,
}

/// The parts of an agent.
pub struct Agent<'a> {
    /// The machine's files.
    pub files: &'a dyn Files,
    /// The machine's clock.
    pub clock: &'a dyn Clock,
    /// What events say of the machine.
    pub host: HostFacts,
    /// Makes event ids.
    pub event_id: &'a dyn Fn(Timestamp) -> String,
    /// The record.
    pub journal: Journal,
    /// Held for as long as the agent runs.
    pub lock: AgentLock,
    /// What is watched.
    pub homes: Vec<Watched<'a>>,
    /// What a home should be, asked before every check.
    pub baseline: &'a dyn Fn(&Journal, &Path) -> Result<Baseline, AgentError>,
    /// Files whose change asks for another look, though no client reads them: the journal's own, in which
    /// approvals appear.
    pub watched_files: Vec<PathBuf>,
    /// Directories in which every change asks for another look: those of the templates.
    pub watched_directories: Vec<PathBuf>,
    /// The most bytes of a file that are read.
    pub cap: u64,
    /// How long at most nothing is looked at.
    pub rescan: Duration,
}

/// Why the agent ended otherwise than by being told to.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// The journal failed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The lock failed.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The operating system refused signals or threads.
    #[error("the system refused a thread or a signal handler ({0}): see ulimit -u")]
    System(#[from] std::io::Error),
    /// The baseline failed.
    #[error("{0}")]
    Baseline(String),
}

enum Wake {
    Hint(Hint),
    Stop(i32),
}

/// What one home's watching remembers.
struct Memory {
    reader: Reader,
    pipeline: Pipeline,
    files: Vec<PathBuf>,
    baseline: Option<Baseline>,
}

impl Agent<'_> {
    /// Runs until a signal ends it. `tell` is called with every event, after it was committed.
    ///
    /// # Errors
    /// What made going on impossible.
    pub fn run(mut self, tell: &mut dyn FnMut(&Event)) -> Result<(), AgentError> {
        let (wake, woken) = sync_channel::<Wake>(WAITING_HINTS);
        forward_signals(wake.clone())?;
        let mut sensor = self.start_sensor(wake, tell)?;
        let mut memories: Vec<Memory> = self
            .homes
            .iter()
            .map(|_| Memory {
                reader: Reader::new(self.cap),
                pipeline: Pipeline::default(),
                files: Vec::new(),
                baseline: None,
            })
            .collect();

        self.record(AgentAction::AgentStarted, Level::Informational, "the agent started", tell)?;
        let since = self.clock.now();
        let mut told = Told::default();
        let mut due = self.look(&mut sensor, &mut memories, &mut told, tell)?;
        let mut rescan = self.next_rescan();
        self.announce(since, &memories, sensor.as_ref(), &told.degraded)?;

        let mut announced = (0, 0);
        loop {
            match wait(&woken, self.pause_until(due, rescan)) {
                Some(Wake::Stop(signal)) => {
                    let name = stop::name(signal);
                    let message = format!("the agent stopped: {name}");
                    self.record(AgentAction::AgentStopped, Level::Informational, &message, tell)?;
                    return Ok(());
                }
                Some(Wake::Hint(Hint::Degraded(why))) => self.degrade(&why, &mut told, tell)?,
                Some(Wake::Hint(Hint::Lost)) => rescan = self.clock.now(),
                Some(Wake::Hint(Hint::Changed)) | None => {}
            }
            if rescan <= self.clock.now() {
                // Old watches may hear nothing any more: a directory was replaced.
                if let Some(sensor) = &mut sensor {
                    sensor.forget();
                }
                self.watch_all(&mut sensor, &memories, &mut told, tell)?;
                rescan = self.next_rescan();
            }
            due = self.look(&mut sensor, &mut memories, &mut told, tell)?;
            let now = (memories.iter().map(|memory| memory.files.len()).sum(), told.degraded.len());
            if now != announced {
                announced = now;
                self.announce(since, &memories, sensor.as_ref(), &told.degraded)?;
            }
        }
    }

    fn start_sensor(
        &mut self,
        wake: SyncSender<Wake>,
        tell: &mut dyn FnMut(&Event),
    ) -> Result<Option<NotifySensor>, AgentError> {
        let (hints, heard) = sync_channel::<Hint>(WAITING_HINTS);
        thread::Builder::new().name("hints".into()).spawn(move || {
            for hint in heard {
                if wake.send(Wake::Hint(hint)).is_err() {
                    return;
                }
            }
        })?;
        match NotifySensor::start(hints) {
            Ok(sensor) => Ok(Some(sensor)),
            Err(why) => {
                let message = format!("no file notifications, checking on a timer only: {why}");
                self.record(AgentAction::SensorDegraded, Level::Medium, &message, tell)?;
                Ok(None)
            }
        }
    }

    /// Checks every home, then watches what there is to watch, and checks again for as long as a watch is new:
    /// what changed between the look and the watch was heard by nobody.
    fn look(
        &mut self,
        sensor: &mut Option<NotifySensor>,
        memories: &mut [Memory],
        told: &mut Told,
        tell: &mut dyn FnMut(&Event),
    ) -> Result<Option<Timestamp>, AgentError> {
        /// Somebody who makes directories faster than this is told of at the next hint.
        const ROUNDS: usize = 5;
        let mut due = None;
        for _ in 0..ROUNDS {
            due = self.check_all(memories, told, tell)?;
            if self.watch_all(sensor, memories, told, tell)? == 0 {
                break;
            }
        }
        Ok(due)
    }

    /// Checks every home; says when to look again at the latest, if that is before the timer.
    fn check_all(
        &mut self,
        memories: &mut [Memory],
        told: &mut Told,
        tell: &mut dyn FnMut(&Event),
    ) -> Result<Option<Timestamp>, AgentError> {
        let mut due = None;
        let mut rejected = None;
        for (home, memory) in self.homes.iter().zip(memories) {
            match (self.baseline)(&self.journal, &home.layout.home) {
                Ok(baseline) => memory.baseline = Some(baseline),
                // The last good baseline stays in force; without one there is nothing to judge by.
                Err(error) if memory.baseline.is_some() => rejected = Some(error.to_string()),
                Err(error) => return Err(error),
            }
            let Some(baseline) = &memory.baseline else { continue };
            let place = Place { files: self.files, clock: self.clock, layout: &home.layout, baseline };
            let reading = memory.reader.read(place);
            let judgements = judge(&reading.inventory, baseline, &home.world);
            let key = self.journal.key().clone();
            let time = self.clock.now();
            let context = Context {
                time,
                host: &self.host,
                home: Some(&home.layout.home),
                user: home.user.as_ref(),
                key: &key,
            };
            let mut id = || (self.event_id)(time);
            let step = memory.pipeline.step(&judgements, &reading.inventory, &context, &mut id);
            let links = reading
                .inventory
                .surfaces
                .iter()
                .filter_map(|surface| surface.facts.as_ref()?.link_target.clone());
            let targets = reading.inventory.targets.iter().map(|target| target.file.clone());
            memory.files =
                memory.reader.looked_at().map(Path::to_path_buf).chain(links).chain(targets).collect();
            if !step.events.is_empty() {
                for stored in self.journal.append_all(step.events)? {
                    if let Some(event) = stored.event() {
                        tell(&event);
                    }
                }
            }
            due = earliest(due, step.due);
        }
        self.tell_rejected(rejected, told, tell)?;
        Ok(due)
    }

    fn watch_all(
        &mut self,
        sensor: &mut Option<NotifySensor>,
        memories: &[Memory],
        told: &mut Told,
        tell: &mut dyn FnMut(&Event),
    ) -> Result<usize, AgentError> {
        let Some(sensor) = sensor else { return Ok(0) };
        let files =
            memories.iter().flat_map(|memory| &memory.files).chain(&self.watched_files).map(PathBuf::as_path);
        let watches = sensor.watch(files, &self.watched_directories, &|path| self.files.exists(path));
        if let Some(failed) = watches.failed {
            self.degrade(&failed.to_string(), told, tell)?;
        }
        Ok(watches.added)
    }

    fn next_rescan(&self) -> Timestamp {
        self.clock.now().checked_add(self.rescan).unwrap_or(Timestamp::MAX)
    }

    /// How long to wait for a hint.
    fn pause_until(&self, due: Option<Timestamp>, rescan: Timestamp) -> Duration {
        let next = due.map_or(rescan, |due| due.min(rescan));
        let left = next.duration_since(self.clock.now());
        // A clock that was set back must not make the agent sleep.
        Duration::try_from(left).unwrap_or(Duration::ZERO).min(self.rescan)
    }
}

fn earliest(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Waits for something to do. Everything else that waits by then means the same, so it is taken out too, but
/// a signal is never passed over.
fn wait(woken: &Receiver<Wake>, at_most: Duration) -> Option<Wake> {
    let mut first = match woken.recv_timeout(at_most) {
        Ok(wake) => Some(wake),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
    };
    while let Ok(next) = woken.try_recv() {
        match (&first, next) {
            (Some(Wake::Stop(_)), _) => {}
            (_, next @ Wake::Stop(_)) => first = Some(next),
            (Some(Wake::Hint(Hint::Changed)), next) => first = Some(next),
            _ => {}
        }
    }
    first
}

fn forward_signals(wake: SyncSender<Wake>) -> Result<(), AgentError> {
    let signals = stop::stop_signals()?;
    thread::Builder::new().name("stop".into()).spawn(move || {
        for signal in signals {
            if wake.send(Wake::Stop(signal)).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}
