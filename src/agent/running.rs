//! The agent's main thread: observations in, events out, one after the other. Reads no file of a home itself.

use super::beginning::Beginning;
use super::delivering::Delivering;
use super::expectations::Expectations;
use super::home::{Home, Parts};
use super::listening::Listener;
use super::metering::Metering;
use super::observation::Word;
use super::openings::Openings;
use super::recalling::history_before;
use super::recorder::Recorder;
use super::recording::installs_before;
use super::responding::Responding;
use super::sink_reports::SinkReports;
use super::stop::Signal;
use super::teller::Teller;
use super::telling::Trouble;
use super::templates::Unsigned;
use super::tidying::Tidying;
use super::unread::Unread;
use super::upkeep::Upkeep;
use super::{Agent, AgentError, Plan, Replan, Wake};
use crate::attribution::Attribution;
use crate::host::heap;
use crate::host::lock::AgentLock;
use crate::host::service::Service;
use crate::model::event::AgentAction;
use crate::model::level::Level;
use crate::rules::Rules;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

/// An agent that runs.
pub(super) struct Running<'a> {
    pub(super) parts: Parts,
    pub(super) replan: Replan<'a>,
    pub(super) lock: AgentLock,
    pub(super) service: Service,
    pub(super) plan: Plan,
    pub(super) recorder: Recorder,
    pub(super) expectations: Expectations,
    pub(super) homes: Vec<Home>,
    pub(super) trouble: Trouble,
    /// Why a template or the configuration is not in force, and why the journal cannot be written: said once each.
    pub(super) rejected: Option<String>,
    pub(super) unsigned: Unsigned,
    pub(super) outage: Option<String>,
    /// What was said of rules that are not in force.
    pub(super) rules_rejected: BTreeSet<String>,
    pub(super) upkeep: Upkeep,
    pub(super) unread: Unread,
    pub(super) responding: Responding,
    pub(super) tidying: Tidying,
    /// As long as not every home was looked at once.
    pub(super) beginning: Option<Beginning>,
    pub(super) listener: Listener,
    pub(super) openings: Openings,
    pub(super) wake: SyncSender<Wake>,
    pub(super) delivering: Delivering,
    pub(super) sink_reports: SinkReports,
    pub(super) metering: Metering,
    /// Up to which number the journal was asked for what others put right.
    pub(super) recalled: i64,
    /// The number under which the last home was started.
    pub(super) last_number: u64,
    pub(super) since: Timestamp,
    pub(super) announced: Map<String, Value>,
}

impl<'a> Running<'a> {
    pub(super) fn new(agent: Agent<'a>, teller: Teller, wake: SyncSender<Wake>) -> Result<Self, AgentError> {
        heap::join_at_once();
        let Agent { files, clock, host, event_id, journal, lock, service, plan, replan } = agent;
        let listener = Listener::start(&wake);
        let responding = Responding::by(plan.respond.clone());
        let upkeep = Upkeep::new(clock.elapsed(), plan.rescan, service.watchdog());
        let told = wake.clone();
        let seen = Box::new(move |install| {
            // The end of the main thread is the end of the process.
            let _over = told.send(Wake::Install(Box::new(install)));
        });
        let before = installs_before(&journal, clock.now(), plan.install_window)?;
        let attribution = Attribution::start(files, clock, plan.install_window, before, seen);
        let openings = Openings::start(&attribution, &wake);
        let (key, rules) = (journal.key().clone(), Rules::default());
        let recalled = journal.last_sequence()?;
        let history = RefCell::new(history_before(&journal, clock.now(), plan.install_window)?);
        let parts = Parts { files, clock, host, key, event_id, rules, attribution, history };
        Ok(Self {
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
            unsigned: Unsigned::default(),
            outage: None,
            rules_rejected: BTreeSet::new(),
            upkeep,
            unread: Unread::default(),
            responding,
            tidying: Tidying::default(),
            beginning: None,
            listener,
            openings,
            wake,
            delivering: Delivering::default(),
            sink_reports: SinkReports::default(),
            metering: Metering::default(),
            recalled,
            last_number: 0,
            since: clock.now(),
            announced: Map::new(),
        })
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
            let wake = woken.try_recv().or_else(|_| {
                self.rest();
                woken.recv_timeout(self.pause())
            });
            match wake {
                Ok(Wake::Word(Word::Unread { home, file, versions })) => {
                    self.unread.saw(home, file, versions, self.parts.clock.elapsed());
                }
                Ok(Wake::Word(Word::Seen(observation))) => {
                    is_whole = observation.is_answer;
                    self.saw(*observation);
                }
                Ok(Wake::Install(install)) => self.record_install(&install),
                Ok(Wake::Sink(sink, report)) => self.take_report(&sink, &report),
                Ok(Wake::Responded(responded)) => self.responded(*responded),
                Ok(Wake::Tidied(tidied)) => self.tidied(&tidied),
                Ok(Wake::Opened(opened)) => self.opened(&opened),
                Ok(Wake::Signal(Signal::Stop(signal))) => return self.end(signal, woken),
                Ok(Wake::Signal(Signal::Reload)) => self.reload(),
                Ok(Wake::Expectations) => is_rung = true,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.end("nobody is left to wake it", woken),
            }
            self.heed_listener(is_rung);
            self.keep_up();
            self.announce()?;
            if is_whole {
                self.metering.compared(self.now());
                heap::give_back();
            }
        }
    }

    /// What is done when nobody waits.
    fn rest(&mut self) {
        self.recorder.journal_mut().copy_log();
        self.recorder.journal_mut().make_room();
        self.homes.iter_mut().for_each(Home::rest);
    }

    fn pause(&self) -> Duration {
        let homes = self.homes.iter().filter_map(|home| home.due);
        let beginning = self.beginning.as_ref().map(Beginning::deadline);
        let deadlines = homes
            .chain(self.recorder.retry())
            .chain(self.recorder.reattach_due())
            .chain(beginning)
            .chain(self.metering.due())
            .chain(self.unread.next())
            .chain(self.responding.due())
            .chain(self.tidying.due())
            .chain(self.slow_due())
            .chain(self.unsigned.due());
        self.upkeep.next(deadlines).saturating_sub(self.parts.clock.elapsed())
    }

    fn end(mut self, signal: &str, woken: &Receiver<Wake>) -> Result<(), AgentError> {
        self.service.stopping();
        self.end_responding(woken);
        self.catch_up_at_last();
        self.record_own(
            AgentAction::AgentStopped,
            Level::Informational,
            &format!("the agent stopped: {signal}"),
        );
        self.catch_up_at_last();
        self.mark_alive();
        self.end_metering();
        // All at the same time: whoever stops the agent waits.
        let ending = self.delivering.end(self.parts.clock);
        self.recorder.end();
        ending.wait(self.parts.clock);
        match self.recorder.waiting() {
            0 => {}
            events => {
                tracing::error!(events, "the journal could not be written: these were told and not recorded")
            }
        }
        Ok(())
    }
}
