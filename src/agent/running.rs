//! The agent's main thread: observations in, events out, one after the other. Reads no file of a home itself.

use super::beginning::Beginning;
use super::delivering::Delivering;
use super::expectations::Expectations;
use super::home::{Home, Parts};
use super::observer::Word;
use super::recorder::{Outcome, Recorder};
use super::sink_reports::SinkReports;
use super::stop::Signal;
use super::teller::Teller;
use super::telling::Trouble;
use super::unread::Unread;
use super::upkeep::Upkeep;
use super::{Agent, AgentError, Plan, Replan, Wake, Watched};
use crate::attribution::Attribution;
use crate::host::entry::Entry;
use crate::host::file_bell::FileBell;
use crate::host::heap;
use crate::host::lock::AgentLock;
use crate::host::service::Service;
use crate::journal::{Batch, EventFilter, Journal};
use crate::model::event::{AgentAction, Context, Event};
use crate::model::install::Install;
use crate::model::level::Level;
use crate::pipeline::Pipeline;
use crate::rules::Rules;
use crate::sensor::{Hint, Sensor};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

/// An agent that runs.
pub(super) struct Running<'a> {
    pub(super) parts: Parts,
    replan: Replan<'a>,
    pub(super) lock: AgentLock,
    pub(super) service: Service,
    pub(super) plan: Plan,
    pub(super) recorder: Recorder,
    pub(super) expectations: Expectations,
    pub(super) homes: Vec<Home>,
    pub(super) trouble: Trouble,
    /// Why a template or the configuration is not in force, and why the journal cannot be written: said once each.
    pub(super) rejected: Option<String>,
    pub(super) outage: Option<String>,
    /// What was said of rules that are not in force.
    pub(super) rules_rejected: BTreeSet<String>,
    pub(super) upkeep: Upkeep,
    pub(super) unread: Unread,
    /// As long as not every home was looked at once.
    pub(super) beginning: Option<Beginning>,
    /// Hears of templates, and without a bell of what other processes commit.
    listener: Option<Sensor>,
    /// Rings when another process has committed, and not when this one does.
    bell: Option<FileBell>,
    pub(super) wake: SyncSender<Wake>,
    pub(super) delivering: Delivering,
    pub(super) sink_reports: SinkReports,
    last_number: u64,
    since: Timestamp,
    pub(super) announced: Map<String, Value>,
}

impl<'a> Running<'a> {
    pub(super) fn new(agent: Agent<'a>, teller: Teller, wake: SyncSender<Wake>) -> Result<Self, AgentError> {
        let Agent { files, clock, host, event_id, journal, lock, service, plan, replan } = agent;
        let listener = Sensor::by_notify(Box::new(waker(&wake)));
        let bell = FileBell::start(waker(&wake));
        let upkeep = Upkeep::new(clock.elapsed(), plan.rescan, service.watchdog());
        let told = wake.clone();
        let seen = Box::new(move |install| {
            // The end of the main thread is the end of the process.
            let _over = told.send(Wake::Install(Box::new(install)));
        });
        let before = installs_before(&journal, clock.now(), plan.install_window)?;
        let attribution = Attribution::start(files, clock, plan.install_window, before, seen);
        let (key, rules) = (journal.key().clone(), Rules::default());
        let parts = Parts { files, clock, host, key, event_id, rules, attribution };
        let mut running = Self {
            parts,
            replan,
            lock,
            service,
            plan,
            recorder: Recorder::new(journal, teller)?,
            expectations: Expectations::default(),
            homes: Vec::new(),
            trouble: Trouble::default(),
            rejected: None,
            outage: None,
            rules_rejected: BTreeSet::new(),
            upkeep,
            unread: Unread::default(),
            beginning: None,
            listener: None,
            bell: bell.ok(),
            wake,
            delivering: Delivering::default(),
            sink_reports: SinkReports::default(),
            last_number: 0,
            since: clock.now(),
            announced: Map::new(),
        };
        match listener {
            Ok(listener) => running.listener = Some(listener),
            // Templates and approvals count after the next comparison instead of at once.
            Err(why) => tracing::warn!(why, "no notifications for templates and approvals"),
        }
        Ok(running)
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.parts.clock.elapsed()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// Goes on until a signal ends it.
    pub(super) fn run(mut self, woken: &Receiver<Wake>) -> Result<(), AgentError> {
        loop {
            let (mut is_rung, mut is_whole) = (false, false);
            match woken.recv_timeout(self.pause()) {
                Ok(Wake::Word(Word::Unread { home, file, versions })) => {
                    self.unread.saw(home, file, versions, self.parts.clock.elapsed());
                }
                Ok(Wake::Word(Word::Seen(observation))) => {
                    is_whole = observation.is_answer;
                    let home = self.homes.iter_mut().find(|home| home.number == observation.home);
                    // One that is watched no longer may still have something to say.
                    let batch = home.map(|home| home.take(*observation, &self.parts));
                    self.take(batch.unwrap_or_default());
                }
                Ok(Wake::Install(install)) => self.record_install(&install),
                Ok(Wake::Sink(sink, report)) => self.take_report(&sink, &report),
                Ok(Wake::Signal(Signal::Stop(signal))) => return self.end(signal),
                Ok(Wake::Signal(Signal::Reload)) => self.reload(),
                Ok(Wake::Expectations) => is_rung = true,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.end("nobody is left to wake it"),
            }
            self.heed_listener(is_rung);
            self.keep_up();
            self.announce()?;
            if is_whole {
                heap::give_back();
            }
        }
    }

    /// What came of a home: told at once, unless not everything was looked at yet.
    fn take(&mut self, batch: Batch) {
        match &mut self.beginning {
            Some(beginning) => beginning.hold(batch),
            None => self.record(batch),
        }
    }

    /// Takes a step of every home for which it is time.
    pub(super) fn step_due(&mut self, elapsed: Duration) {
        let due = self.homes.iter_mut().filter(|home| home.due.is_some_and(|due| due <= elapsed));
        let batches: Vec<Batch> = due.map(|home| home.step(&self.parts)).collect();
        batches.into_iter().for_each(|batch| self.take(batch));
    }

    /// Records and tells. A journal that cannot be written is said once.
    pub(super) fn record(&mut self, batch: Batch) {
        self.reattach_journal();
        match self.recorder.record(batch, self.parts.clock) {
            Outcome::Recorded => self.delivering.ring(),
            Outcome::Waits { told, why } => {
                told.iter().for_each(|event| self.delivering.pass(event));
                why.iter().for_each(|error| self.cannot_write(error));
            }
        }
    }

    pub(super) fn record_own(&mut self, action: AgentAction, level: Level, message: &str) {
        let event = self.own_event(action, level, message);
        self.record_event(event);
    }

    pub(super) fn record_event(&mut self, mut event: Event) {
        self.parts.rules.apply(&mut event);
        self.record(Batch { events: vec![event], standing: Vec::new() });
    }

    fn record_install(&mut self, install: &Install) {
        let parts = &self.parts;
        let time = parts.clock.now();
        let context = Context { time, host: &parts.host, home: None, user: None, key: &parts.key };
        let event = Event::install_seen((parts.event_id)(time), install, &context);
        self.record_event(event);
    }

    /// Starts to watch a home.
    pub(super) fn start(&mut self, watched: Watched, pipeline: Pipeline) -> Result<(), AgentError> {
        self.last_number += 1;
        let (wake, cap) = (self.wake.clone(), self.plan.cap);
        let hand_on = move |word| wake.send(Wake::Word(word)).is_ok();
        let home = Home::start(self.last_number, watched, pipeline, cap, &self.parts, hand_on)?;
        self.homes.push(home);
        Ok(())
    }

    /// What was told of that home before.
    pub(super) fn resumed(&self, dir: &Path) -> Result<Pipeline, AgentError> {
        Ok(Pipeline::resume(self.recorder.journal().standing(dir)?))
    }

    /// Reads the configuration anew; a bad one is refused and the old one stays.
    fn reload(&mut self) {
        self.service.reloading();
        match (self.replan)().and_then(|plan| self.adopt(plan)) {
            Ok(()) => {
                let message = "configuration and templates were read anew";
                self.record_own(AgentAction::AgentReloaded, Level::Informational, message);
            }
            Err(why) => {
                let message = format!("the configuration is refused, and the old one stays in force: {why}");
                self.record_own(AgentAction::ConfigRejected, Level::High, &message);
            }
        }
        self.service.ready("watching");
    }

    fn adopt(&mut self, mut plan: Plan) -> Result<(), AgentError> {
        let mut expectations = Expectations::default();
        expectations.read_templates(&plan)?;
        let wanted = std::mem::take(&mut plan.homes);
        let is_same_cap = plan.cap == self.plan.cap;
        let rescan = plan.rescan;
        self.plan = plan;
        self.expectations = expectations;
        self.rejected = None;
        let mut before = std::mem::take(&mut self.homes);
        for watched in wanted {
            let known = before.iter().position(|home| home.dir() == watched.layout.home);
            match known.map(|at| before.swap_remove(at)) {
                Some(home) if home.watched == watched && is_same_cap => self.homes.push(home),
                Some(mut home) => self.start(watched, std::mem::take(&mut home.pipeline))?,
                None => {
                    let pipeline = self.resumed(&watched.layout.home)?;
                    self.start(watched, pipeline)?;
                }
            }
        }
        self.start_sinks()?;
        self.read_rules();
        self.upkeep.compare_every(rescan, self.parts.clock.elapsed());
        self.expect_anew(true);
        Ok(())
    }

    /// Hears what the listener has to say.
    fn heed_listener(&mut self, is_rung: bool) {
        let inbox = self.listener.as_ref().map(Sensor::inbox);
        let hints = inbox.map(|inbox| inbox.take()).unwrap_or_default();
        if hints.is_empty() && !is_rung {
            return;
        }
        self.reattach_journal();
        self.delivering.ring();
        self.listen();
        let templates = hints.iter().any(|hint| !matches!(hint, Hint::Changed(_)));
        if templates {
            self.read_templates();
            self.read_rules();
        }
        if self.expectations.is_journal_changed(self.recorder.journal()) || templates {
            self.expect_anew(false);
        }
    }

    /// Reads the templates anew; bad ones leave the last good in force, and that is said once a reason.
    pub(super) fn read_templates(&mut self) {
        let why = self.expectations.read_templates(&self.plan).err().map(|error| error.to_string());
        if why != self.rejected
            && let Some(why) = &why
        {
            let message = format!("a template is refused, and the last good ones stay in force: {why}");
            self.record_own(AgentAction::TemplateRejected, Level::High, &message);
        }
        self.rejected = why;
    }

    /// Gives every home its baseline if that is another one now; `look` asks for a look at all of them.
    pub(super) fn expect_anew(&mut self, look: bool) {
        let (now, elapsed) = (self.parts.clock.now(), self.parts.clock.elapsed());
        let mut trouble = None;
        for home in &mut self.homes {
            match self.expectations.of(home.dir(), self.recorder.journal(), now) {
                Ok(baseline) if *home.baseline() != baseline || !home.is_known => {
                    home.expect(baseline, elapsed);
                }
                Ok(_) => {
                    if look {
                        home.look(elapsed);
                    }
                }
                Err(why) => trouble = Some(why),
            }
        }
        if let Some(why) = trouble {
            tracing::warn!(%why, "approvals cannot be read; the last ones stay in force");
        }
        let baselines = self.homes.iter().map(Home::baseline);
        self.upkeep.approvals_expire(super::expectations::next_expiry(baselines, now), now, elapsed);
        self.listen();
    }

    /// Listens for templates, and for what other processes commit.
    pub(super) fn listen(&mut self) {
        if let Some(listener) = &mut self.listener {
            let journal = self.recorder.journal().path();
            let files = [journal.with_extension("db-wal"), journal.to_path_buf()];
            if let Some((bell, dir)) = self.bell.as_ref().zip(journal.parent()) {
                bell.attach_way(dir);
            }
            let is_rung_for =
                |file: &PathBuf| self.bell.as_ref().is_some_and(|bell| bell.attach(file).is_ok());
            let dirs = [self.plan.template_dirs.as_slice(), &self.plan.rule_dirs].concat();
            let others = files.iter().filter(|file| !is_rung_for(file)).map(PathBuf::as_path);
            let _watches = listener.watch(others, &dirs, &Entry::at);
        }
    }

    /// Says in the lock file how the agent is, when that has changed.
    pub(super) fn announce(&mut self) -> Result<(), AgentError> {
        if self.beginning.is_some() {
            return Ok(());
        }
        let said = self.announcement(self.since);
        if said != self.announced {
            self.lock.announce(said.clone())?;
            self.announced = said;
        }
        Ok(())
    }

    fn pause(&self) -> Duration {
        let homes = self.homes.iter().filter_map(|home| home.due);
        let beginning = self.beginning.as_ref().map(Beginning::deadline);
        let deadlines = homes
            .chain(self.recorder.retry())
            .chain(self.recorder.reattach_due())
            .chain(beginning)
            .chain(self.unread.next());
        self.upkeep.next(deadlines).saturating_sub(self.parts.clock.elapsed())
    }

    fn end(mut self, signal: &str) -> Result<(), AgentError> {
        self.service.stopping();
        self.catch_up_at_last();
        self.record_own(
            AgentAction::AgentStopped,
            Level::Informational,
            &format!("the agent stopped: {signal}"),
        );
        self.catch_up_at_last();
        self.mark_alive();
        self.recorder.end();
        self.delivering.end(self.parts.clock);
        match self.recorder.waiting() {
            0 => {}
            events => {
                tracing::error!(events, "the journal could not be written: these were told and not recorded")
            }
        }
        Ok(())
    }
}

/// Wakes the main thread.
fn waker(wake: &SyncSender<Wake>) -> impl Fn() + Send + 'static {
    let wake = wake.clone();
    move || {
        // Full: the main thread is about to look anyway.
        let _full = wake.try_send(Wake::Expectations);
    }
}

/// The installs that the journal knows of, as far back as they are still suspect.
fn installs_before(
    journal: &Journal,
    now: Timestamp,
    window: SignedDuration,
) -> Result<Vec<Install>, AgentError> {
    /// More of them are nobody's help.
    const MOST: usize = 512;
    let filter = EventFilter {
        kind: Some(AgentAction::InstallSeen.as_str().to_owned()),
        since: now.checked_sub(window).ok(),
        limit: Some(MOST),
        newest_first: true,
        ..EventFilter::default()
    };
    let mut stored = journal.events(&filter)?;
    stored.reverse();
    Ok(stored.iter().filter_map(|stored| stored.event()?.install()).collect())
}
