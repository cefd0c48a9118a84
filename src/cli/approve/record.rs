//! What is recorded of an approval: of what, by whom, and from which drift. Approves nothing.

use crate::cli::acceptance::Terms;
use crate::cli::error::Failure;
use crate::journal::Journal;
use crate::model::drift::{Drift, Judgement};
use crate::model::event::{Context, DriftIdentity, Event};
use std::collections::HashMap;
use std::path::Path;

/// One thing that is accepted.
pub(super) struct Accepted<'c> {
    /// What it is about.
    pub(super) judgement: &'c Judgement,
    /// The drifts that end with it.
    pub(super) drifts: Vec<&'c Drift>,
    /// How many approvals that makes.
    pub(super) count: usize,
    /// On what terms.
    pub(super) terms: Terms,
}

impl Accepted<'_> {
    /// Says it in the event.
    pub(super) fn describe(&self, event: &mut Event, ids: &[String]) {
        let Self { judgement, drifts, terms, .. } = self;
        event.set("mcpwatch.client", judgement.surface.client.as_str());
        event.set("mcpwatch.scope", judgement.surface.scope.as_str());
        let project = judgement.project.as_ref().map(|project| project.display().to_string());
        event.set_some("mcpwatch.project", project);
        event.set_some("mcpwatch.server", judgement.server.clone());
        event.set("file.path", judgement.surface.file.display().to_string());
        event.set("mcpwatch.approval.id", ids.to_vec());
        let drifts = drifts.iter().map(|drift| match &drift.field {
            Some(field) => format!("{} {field}", drift.kind),
            None => drift.kind.to_string(),
        });
        event.set("mcpwatch.approval.drifts", drifts.collect::<Vec<_>>());
        event.set_some("mcpwatch.approval.event", terms.event.clone());
        terms.describe(event);
    }
}

/// The events by which an agent told the drifts that stand.
pub(super) struct Told(HashMap<String, String>);

impl Told {
    /// Those of one home.
    pub(super) fn in_home(journal: &Journal, home: &Path) -> Result<Self, Failure> {
        let standing = journal.standing(home)?.into_iter();
        Ok(Self(standing.filter_map(|drift| Some((drift.drift_id, drift.event_id?))).collect()))
    }

    /// The event of the gravest of these drifts that was told.
    pub(super) fn of(
        &self,
        judgement: &Judgement,
        drifts: &[&Drift],
        context: &Context<'_>,
    ) -> Option<String> {
        let mut ids = drifts.iter().map(|drift| DriftIdentity::of(judgement, drift, context).id);
        ids.find_map(|id| self.0.get(&id).cloned())
    }
}
