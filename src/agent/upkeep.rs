//! What is done at its time, whatever happens: the slow comparison, expiring approvals, old events, the word that
//! all is well. Must not know what a comparison finds.

use super::running::Running;
use crate::journal::Trimmed;
use crate::model::event::{AgentAction, Event};
use crate::model::level::Level;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long an order to look may wait for its answer before that is trouble.
const SLOW: Duration = Duration::from_secs(30);

/// What is due when, by the clock that nobody sets.
#[derive(Debug)]
pub(super) struct Upkeep {
    every: Duration,
    compare: Duration,
    expire: Option<Duration>,
    /// How often to say that all is well, and when next.
    alive: Option<(Duration, Duration)>,
    /// When to drop more events that are too old: some at a time, so that nobody waits for it.
    retain: Option<Duration>,
    /// Events that were dropped and not told of yet.
    dropped: u64,
    /// How many of them a sink had not taken.
    undelivered: u64,
}

impl Upkeep {
    /// Compares every so often from now on.
    pub(super) fn new(elapsed: Duration, every: Duration, watchdog: Option<Duration>) -> Self {
        let alive = watchdog.map(|every| (every, elapsed + every));
        Self {
            every,
            compare: elapsed + every,
            expire: None,
            alive,
            retain: Some(elapsed),
            dropped: 0,
            undelivered: 0,
        }
    }

    /// Compares that often from now on.
    pub(super) fn compare_every(&mut self, every: Duration, elapsed: Duration) {
        self.every = every;
        self.compare = elapsed + every;
    }

    /// An approval expires at that time of day.
    pub(super) fn approvals_expire(&mut self, at: Option<Timestamp>, now: Timestamp, elapsed: Duration) {
        self.expire =
            at.and_then(|at| Duration::try_from(at.duration_since(now)).ok()).map(|left| elapsed + left);
    }

    /// The next of these moments and its own.
    pub(super) fn next(&self, others: impl Iterator<Item = Duration>) -> Duration {
        let own = self.expire.into_iter().chain(self.alive.map(|(_, next)| next)).chain(self.retain);
        others.chain(own).fold(self.compare, Duration::min)
    }
}

impl Running<'_> {
    /// Does all for which it is time.
    pub(super) fn keep_up(&mut self) {
        let elapsed = self.elapsed();
        self.catch_up();
        self.step_due(elapsed);
        self.tell_unread(elapsed);
        self.tell_unsigned(elapsed);
        self.end_beginning(elapsed);
        self.meter(elapsed);
        self.respond();
        self.tidy(elapsed);
        if self.upkeep.compare <= elapsed {
            self.upkeep.compare = elapsed + self.upkeep.every;
            self.upkeep.retain = Some(elapsed);
            self.keep_lock();
            self.read_templates();
            self.read_rules();
            self.expect_anew(true);
            self.responding.try_again();
            self.tidying.again(elapsed);
            self.mark_alive();
        }
        if self.upkeep.expire.is_some_and(|at| at <= elapsed) {
            self.upkeep.expire = None;
            self.expect_anew(false);
        }
        if self.upkeep.retain.is_some_and(|at| at <= elapsed) && self.beginning.is_none() {
            self.retain(elapsed);
        }
        self.tell_trouble(elapsed);
        if let Some((every, next)) = self.upkeep.alive
            && next <= elapsed
        {
            self.service.alive();
            self.upkeep.alive = Some((every, elapsed + every));
        }
    }

    /// Says of which files versions were gone before they could be read.
    fn tell_unread(&mut self, elapsed: Duration) {
        for (number, file, versions) in self.unread.due(elapsed) {
            let Some(home) = self.homes.iter().find(|home| home.number == number) else { continue };
            let plural = if versions == 1 { "version" } else { "versions" };
            let message = format!(
                "{versions} {plural} of {} came and went before they could be read: what stood in them is not known",
                file.display()
            );
            let context = home.context(&self.parts);
            let id = (self.parts.event_id)(context.time);
            let mut event = Event::agent(id, AgentAction::ChangeUnread, Level::Low, &message, &context);
            event.set("file.path", file.to_string_lossy().into_owned());
            event.set("mcpwatch.unread.versions", versions);
            self.record_event(event);
        }
    }

    /// Remembers that an agent was here, for the next one.
    pub(super) fn mark_alive(&mut self) {
        let now = self.now();
        if let Err(error) = self.recorder.journal_mut().mark_alive(now) {
            tracing::debug!(%error, "no sign of life could be left");
        }
    }

    /// Drops some of the events that are too old, and comes back for more.
    fn retain(&mut self, elapsed: Duration) {
        self.upkeep.retain = None;
        let (retention, now) = (self.plan.retention, self.now());
        match self.recorder.journal_mut().retain(&retention, now) {
            Ok(None) => {}
            Ok(Some(trimmed)) => {
                let Trimmed { events, last, more, broken, undelivered, .. } = trimmed;
                self.upkeep.dropped += events;
                self.upkeep.undelivered += undelivered;
                if !more {
                    let events = std::mem::take(&mut self.upkeep.dropped);
                    let message =
                        format!("{events} events up to number {last} were dropped: too old, or too many");
                    self.record_own(AgentAction::JournalTrimmed, Level::Informational, &message);
                    self.tell_undelivered(last);
                }
                if let Some(broken) = broken {
                    let message = format!("event {broken}, which was dropped, was not as mcpwatch wrote it");
                    self.record_own(AgentAction::JournalTrimmed, Level::High, &message);
                }
                self.upkeep.retain = more.then_some(elapsed + Duration::from_secs(1));
            }
            Err(error) => tracing::warn!(%error, "old events could not be dropped"),
        }
    }

    /// Says that events are gone which a sink had not taken.
    fn tell_undelivered(&mut self, last: i64) {
        let events = std::mem::take(&mut self.upkeep.undelivered);
        if events > 0 {
            let message = format!(
                "{events} of the events up to number {last} were dropped before every sink had taken them: the journal \
                 is at its max_undelivered"
            );
            self.record_own(AgentAction::EventsDropped, Level::High, &message);
        }
    }

    /// When a home that owes an answer is slow, unless it is already.
    pub(super) fn slow_due(&self) -> Option<Duration> {
        let elapsed = self.elapsed();
        let due = self.homes.iter().filter_map(|home| home.asked).map(|asked| asked + SLOW);
        due.filter(|due| *due > elapsed).min()
    }

    /// Says once what is not watched as it should be, and once that it is again.
    fn tell_trouble(&mut self, elapsed: Duration) {
        let mut now = BTreeMap::new();
        for home in &self.homes {
            if let Some((reason, sentence)) = &home.sight.trouble {
                // Many homes may have the same trouble; it is one.
                now.entry(reason.clone()).or_insert_with(|| sentence.clone());
            }
            if home.asked.is_some_and(|asked| asked + SLOW <= elapsed) {
                let sentence = format!(
                    "{} does not answer: something in it cannot be read; look for a file system that hangs",
                    home.dir().display()
                );
                now.insert(format!("{}: no answer", home.dir().display()), sentence);
            }
        }
        if let Some(why) = self.parts.attribution.trouble() {
            let sentence = format!("who changes a file may go unseen: {why}");
            now.insert(why, sentence);
        }
        for change in self.trouble.now(now) {
            match change {
                super::telling::Change::Worse(sentence) => {
                    self.record_own(AgentAction::SensorDegraded, Level::Medium, &sentence);
                }
                super::telling::Change::Over(sentence) => {
                    let message = format!("no longer so: {sentence}");
                    self.record_own(AgentAction::SensorRestored, Level::Informational, &message);
                }
            }
        }
    }
}
