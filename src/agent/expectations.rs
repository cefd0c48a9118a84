//! What every home should be: templates and approvals, read anew when they may have changed. What cannot be read
//! leaves the last good in force. Must not know what is found by them.

use super::home::Home;
use super::running::Running;
use super::{AgentError, Plan};
use crate::baseline::signed::{InForce, Rejected};
use crate::baseline::{Baseline, LocalApprovals};
use crate::journal::Journal;
use crate::model::template::{SignedTemplate, Template};
use jiff::Timestamp;
use std::path::Path;

/// What is expected.
#[derive(Debug, Default)]
pub(super) struct Expectations {
    templates: Vec<Template>,
    local_approvals: LocalApprovals,
    /// Signed templates that were in force and are not in the journal yet.
    unwritten: Vec<SignedTemplate>,
    /// The journal's own number for what other processes have committed.
    version: Option<i64>,
}

impl Expectations {
    /// Reads the templates; what is signed is remembered, here for as long as the journal cannot be written. Gives
    /// those that are not in force though the others are.
    ///
    /// # Errors
    /// Why one of them is refused; those read before stay in force.
    pub(super) fn read_templates(
        &mut self,
        plan: &Plan,
        journal: &mut Journal,
    ) -> Result<Vec<Rejected>, AgentError> {
        let mut known = journal.signed_templates().unwrap_or_default();
        known.append(&mut self.unwritten);
        let InForce { templates, rejected, signed } = (plan.templates)(&known)?;
        self.templates = templates;
        self.local_approvals = plan.local_approvals;
        if signed.iter().any(|signed| !known.contains(signed))
            && let Err(error) = journal.remember_templates(&signed)
        {
            tracing::debug!(%error, "signed templates could not be remembered yet");
            self.unwritten = signed;
        }
        Ok(rejected)
    }

    /// Whether another process has changed the journal since it was asked last: an approval, perhaps.
    pub(super) fn is_journal_changed(&mut self, journal: &Journal) -> bool {
        // What cannot be asked is asked again next time.
        let Ok(version) = journal.data_version() else { return false };
        self.version.replace(version) != Some(version)
    }

    /// What is expected of one home now.
    ///
    /// # Errors
    /// Why the approvals cannot be read.
    pub(super) fn of(&self, home: &Path, journal: &Journal, now: Timestamp) -> Result<Baseline, AgentError> {
        let approvals = match self.local_approvals {
            LocalApprovals::Count => journal.approvals(home, now)?,
            LocalApprovals::SwitchedOff => Vec::new(),
        };
        Ok(Baseline { templates: self.templates.clone(), approvals })
    }
}

impl Running<'_> {
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
        self.upkeep.approvals_expire(next_expiry(baselines, now), now, elapsed);
        self.listen();
    }
}

/// When the next approval expires, after `now`.
fn next_expiry<'b>(baselines: impl Iterator<Item = &'b Baseline>, now: Timestamp) -> Option<Timestamp> {
    let expiries = baselines.flat_map(|baseline| &baseline.approvals).filter_map(|approval| {
        let expires: Timestamp = approval.expires.as_ref()?.parse().ok()?;
        (expires > now).then_some(expires)
    });
    expiries.min()
}
