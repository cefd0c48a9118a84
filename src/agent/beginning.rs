//! The time between the start and the moment when every home was looked at once: what is found then changed while
//! no agent was there to see it. Must not know what the drifts are.

use super::AgentError;
use super::running::Running;
use super::tidying::Tidying;
use crate::journal::{Batch, EventFilter, Journal, StandingChange};
use crate::model::event::{AgentAction, time_text};
use crate::model::level::Level;
use jiff::Timestamp;
use std::time::Duration;

/// A home that cannot be looked at in this time (its file system hangs) does not keep the others waiting.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was found so far.
#[derive(Debug)]
pub(super) struct Beginning {
    found: Batch,
    deadline: Duration,
    /// When an agent was here last.
    before: Option<Timestamp>,
}

impl Beginning {
    /// Keeps what is to be told once everything was looked at.
    pub(super) fn hold(&mut self, batch: Batch) {
        self.found.events.extend(batch.events);
        self.found.standing.extend(batch.standing);
    }

    /// When waiting ends, by the clock that nobody sets.
    pub(super) fn deadline(&self) -> Duration {
        self.deadline
    }
}

impl Running<'_> {
    /// Says that it starts, and starts to look at every home.
    pub(super) fn begin(&mut self) -> Result<(), AgentError> {
        let rejected = self.expectations.read_templates(&self.plan, self.recorder.journal_mut())?;
        self.reject(rejected);
        self.read_rules();
        self.start_sinks()?;
        self.start_metering()?;
        let _first = self.expectations.is_journal_changed(self.recorder.journal());
        let before = self.recorder.journal().alive()?;
        let ended_well = ended_well(self.recorder.journal())?;
        for watched in std::mem::take(&mut self.plan.homes) {
            let pipeline = self.resumed(&watched.layout.home)?;
            self.start(watched, pipeline)?;
        }
        self.heed_openings();
        let message = match (before, ended_well) {
            (Some(_), false) => {
                "the agent started; the one before it ended without a word: killed, or the machine failed"
            }
            _ => "the agent started",
        };
        self.record_own(AgentAction::AgentStarted, Level::Informational, message);
        self.tidying = Tidying::after_the_start(self.elapsed());
        let deadline = self.elapsed() + PATIENCE;
        self.beginning = Some(Beginning { found: Batch::default(), deadline, before });
        self.expect_anew(true);
        Ok(())
    }

    /// Tells what was found, once every home was looked at.
    pub(super) fn end_beginning(&mut self, elapsed: Duration) {
        let is_over = |beginning: &mut Beginning| {
            self.homes.iter().all(|home| home.is_known) || beginning.deadline <= elapsed
        };
        let Some(Beginning { mut found, before, .. }) = self.beginning.take_if(is_over) else { return };
        if let Some(before) = before.filter(|_| !found.events.is_empty()) {
            let ended =
                found.standing.iter().filter(|change| matches!(change, StandingChange::Ended { .. })).count();
            let told = found.events.len().saturating_sub(ended);
            let message = format!(
                "while no agent was running, something changed: {told} new or changed, {ended} ended; \
                 the last sign of life was at {}",
                time_text(before)
            );
            let mut gap = self.own_event(AgentAction::AgentGap, Level::Medium, &message);
            gap.set("event.start", time_text(before));
            gap.set("event.end", time_text(self.now()));
            found.events.insert(0, gap);
        }
        self.heed_standing();
        self.record(found);
        self.mark_alive();
        // Before whoever waits for it asks. What fails here is tried again at once, and is an error there.
        if let Err(error) = self.announce() {
            tracing::debug!(%error, "the agent could not be announced yet");
        }
        self.service.ready("watching");
    }
}

/// Whether the agent before said that it stops, or there was none.
fn ended_well(journal: &Journal) -> Result<bool, AgentError> {
    let last = |action: AgentAction| {
        let filter = EventFilter {
            kind: Some(action.as_str().to_owned()),
            limit: Some(1),
            newest_first: true,
            ..EventFilter::default()
        };
        Ok::<_, AgentError>(journal.events(&filter)?.pop().map(|event| event.sequence))
    };
    Ok(last(AgentAction::AgentStopped)? >= last(AgentAction::AgentStarted)?)
}
