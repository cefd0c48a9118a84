//! What the main thread records: what came of a home, what the agent says of itself, installs. Must not know how a
//! journal is written.

use super::AgentError;
use super::recorder::Outcome;
use super::running::Running;
use crate::journal::{Batch, EventFilter, Journal};
use crate::model::event::{AgentAction, Context, Event};
use crate::model::install::Install;
use crate::model::level::Level;
use jiff::{SignedDuration, Timestamp};

impl Running<'_> {
    /// Records and tells. A journal that cannot be written is said once.
    pub(super) fn record(&mut self, mut batch: Batch) {
        self.reattach_journal();
        self.responding.credit(&mut batch.events);
        self.responding.heed(&batch.events);
        self.metering.count(&batch, self.elapsed());
        match self.recorder.record(batch, self.parts.clock) {
            Outcome::Recorded => self.delivering.ring(),
            Outcome::Waits { told, why } => {
                told.iter().for_each(|event| self.delivering.pass(event));
                why.iter().for_each(|error| self.cannot_write(error));
            }
        }
        self.respond();
    }

    pub(super) fn record_own(&mut self, action: AgentAction, level: Level, message: &str) {
        let event = self.own_event(action, level, message);
        self.record_event(event);
    }

    pub(super) fn record_event(&mut self, mut event: Event) {
        self.parts.rules.apply(&mut event);
        self.record(Batch { events: vec![event], standing: Vec::new() });
    }

    pub(super) fn record_install(&mut self, install: &Install) {
        let parts = &self.parts;
        let time = parts.clock.now();
        let context = Context { time, host: &parts.host, home: None, user: None, key: &parts.key };
        let event = Event::install_seen((parts.event_id)(time), install, &context);
        self.record_event(event);
    }
}

/// The installs that the journal knows of, as far back as they are still suspect.
pub(super) fn installs_before(
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
