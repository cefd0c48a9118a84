//! What the journal tells of earlier times, for the history that events are placed in. Must not know what is made of it.

use super::running::Running;
use crate::journal::{EventFilter, Journal, JournalError};
use crate::model::event::AgentAction;
use crate::model::history::History;
use jiff::{SignedDuration, Timestamp};
use std::ops::ControlFlow;

/// So many reverts, and so many alerts, are looked through at once.
const MOST: usize = 500;

/// The history of that time, as the journal has it.
pub(super) fn history_before(
    journal: &Journal,
    now: Timestamp,
    window: SignedDuration,
) -> Result<History, JournalError> {
    let mut history = History::of(window);
    // Packages are behind drifts, and drifts are alerts.
    for (kind, matters) in [(AgentAction::ConfigReverted.as_str(), ""), ("alert", "\"package\"")] {
        let filter = EventFilter {
            kind: Some(kind.to_owned()),
            since: now.checked_sub(window).ok(),
            limit: Some(MOST),
            newest_first: true,
            ..EventFilter::default()
        };
        journal.each_event(&filter, |stored| {
            // Reading every document as JSON takes far longer.
            if let Some(event) = stored.document.contains(matters).then(|| stored.event()).flatten() {
                history.note(&event);
            }
            ControlFlow::Continue(())
        })?;
    }
    Ok(history)
}

impl Running<'_> {
    /// Takes note of what was put right meanwhile: whoever types `revert` records that himself.
    pub(super) fn recall(&mut self) {
        if let Err(error) = self.recall_reverts() {
            tracing::debug!(%error, "what was put right of late cannot be looked up");
        }
    }

    fn recall_reverts(&mut self) -> Result<(), JournalError> {
        let journal = self.recorder.journal();
        let newest = journal.last_sequence()?;
        if newest == self.recalled {
            return Ok(());
        }
        let filter = EventFilter {
            kind: Some(AgentAction::ConfigReverted.as_str().to_owned()),
            // A journal that was begun anew counts from one again.
            after_sequence: (newest > self.recalled).then_some(self.recalled),
            limit: Some(MOST),
            ..EventFilter::default()
        };
        let reverts = journal.events(&filter)?;
        let mut history = self.parts.history.borrow_mut();
        reverts.iter().filter_map(|stored| stored.event()).for_each(|event| history.note(&event));
        self.recalled = newest;
        Ok(())
    }
}
