//! The agent in the foreground: observers, judgement, journal, in threads and channels. Wiring and nothing else.
//!
//! Knows no file format and no rule; whoever composes it says which homes there are and what they should be.

mod answer;
mod beginning;
mod delivering;
mod expectations;
mod fights;
mod guarding;
mod home;
mod homes;
mod listening;
mod mailbox;
mod metering;
mod observation;
mod observed;
mod observer;
mod openings;
mod presence;
mod promise;
mod putting_right;
mod recalling;
mod recorder;
mod recording;
mod regaining;
mod reloading;
mod responder;
mod responding;
mod ruling;
mod running;
mod sink_reports;
pub mod stop;
mod teller;
mod telling;
mod templates;
mod tidying;
mod unread;
mod upkeep;

pub use recorder::UNRECORDED;
pub use teller::{Tell, Told};

use crate::baseline::LocalApprovals;
use crate::baseline::signed::InForce;
use crate::config::Respond;
use crate::config::SinkConfig;
use crate::delivery::Report;
use crate::host::clock::Clock;
use crate::host::files::Files;
use crate::host::lock::{AgentLock, LockError};
use crate::host::service::Service;
use crate::journal::{Journal, JournalError};
use crate::model::event::{HostFacts, UserFacts};
use crate::model::install::Install;
use crate::model::retention::Retention;
use crate::model::template::SignedTemplate;
use crate::rules::Rules;
use crate::sink::Sink;
use crate::surface::claude_code::Layout;
use jiff::{SignedDuration, Timestamp};
use observation::Word;
use responder::Responded;
use running::Running;
use std::path::PathBuf;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::Duration;
use stop::Signal;
use teller::Teller;
use tidying::Tidied;

/// Observations that wait to be judged. When no more fit, observers wait, and the system's notifications queue up.
const WAITING: usize = 64;

/// One home that is watched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Where its files are.
    pub layout: Layout,
    /// Whose it is, by number.
    pub owner: Option<u32>,
    /// Whose it is, for events.
    pub user: Option<UserFacts>,
}

/// Reads the templates in force, after the signed ones that were so last.
type ReadTemplates = dyn Fn(&[SignedTemplate]) -> Result<InForce, AgentError>;

/// What is watched, and by what. Another one can take its place while the agent runs.
pub struct Plan {
    /// The homes.
    pub homes: Vec<Watched>,
    /// Reads the templates in force, after the signed ones that were so last.
    pub templates: Box<ReadTemplates>,
    /// What approvals of this machine count for.
    pub local_approvals: LocalApprovals,
    /// Directories in which every change asks for the templates to be read again.
    pub template_dirs: Vec<PathBuf>,
    /// Reads the rules in force.
    pub rules: Box<dyn Fn() -> Rules>,
    /// Directories in which every change asks for the rules to be read again.
    pub rule_dirs: Vec<PathBuf>,
    /// The most bytes of a file that are read.
    pub cap: u64,
    /// After how long everything is compared again, whatever the sensors said.
    pub rescan: Duration,
    /// What is done about a drift.
    pub respond: Respond,
    /// How long events are kept.
    pub retention: Retention,
    /// How long an install is suspect after it is over.
    pub install_window: SignedDuration,
    /// Where events are delivered.
    pub sinks: Vec<SinkPlan>,
    /// Files that are to hold how the agent is, in numbers.
    pub metrics: Vec<PathBuf>,
}

/// Makes a sink of what the configuration says; `None` where it is given no events.
pub type MakeSink = fn(&SinkConfig, &'static dyn Clock) -> Option<Box<dyn Sink>>;

/// A sink, and what makes it.
#[derive(Clone, Debug)]
pub struct SinkPlan {
    /// What the configuration says.
    pub config: SinkConfig,
    /// Makes it, on its own thread.
    pub make: MakeSink,
}

/// Puts a plan together anew, from the configuration as it is now.
pub type Replan<'a> = &'a dyn Fn() -> Result<Plan, AgentError>;

/// The parts of an agent.
pub struct Agent<'a> {
    /// The machine's files. Observers keep them for as long as the process lives: one that hangs in a read is left
    /// behind.
    pub files: &'static dyn Files,
    /// The machine's clock.
    pub clock: &'static dyn Clock,
    /// What events say of the machine.
    pub host: HostFacts,
    /// Makes event ids.
    pub event_id: fn(Timestamp) -> String,
    /// The record.
    pub journal: Journal,
    /// Held for as long as the agent runs.
    pub lock: AgentLock,
    /// Who started it, and wants to know how it is.
    pub service: Service,
    /// What is watched.
    pub plan: Plan,
    /// What is to be watched after SIGHUP.
    pub replan: Replan<'a>,
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
    /// The configuration or a template failed.
    #[error("{0}")]
    Plan(String),
}

/// Why the main thread wakes.
enum Wake {
    /// An observer has something.
    Word(Word),
    /// A template or the journal may have changed.
    Expectations,
    /// An install is over.
    Install(Box<Install>),
    /// A sink has something to say of itself.
    Sink(String, Report),
    /// Something was put right, or not.
    Responded(Box<Responded>),
    /// Something was left when a revert was killed.
    Tidied(Box<Tidied>),
    /// An install opened credentials.
    Opened(Box<openings::Opened>),
    Signal(Signal),
}

impl Agent<'_> {
    /// Runs until a signal ends it. `tell` is called with every event: after it was committed, or with the word
    /// that it could not be.
    ///
    /// # Errors
    /// What made going on impossible.
    pub fn run(self, tell: Tell) -> Result<(), AgentError> {
        let (wake, woken) = sync_channel::<Wake>(WAITING);
        forward_signals(wake.clone())?;
        let mut running = Running::new(self, Teller::start(tell)?, wake)?;
        running.begin()?;
        running.run(&woken)
    }
}

fn forward_signals(wake: SyncSender<Wake>) -> Result<(), AgentError> {
    let signals = stop::signals()?;
    thread::Builder::new().name("wake".into()).spawn(move || {
        for signal in signals {
            if wake.send(Wake::Signal(signal)).is_err() {
                return;
            }
        }
    })?;
    Ok(())
}
