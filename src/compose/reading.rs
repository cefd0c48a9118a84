//! What is expected of a home: templates, approvals, and the key that masks. Opens nothing by itself.

use super::error::ComposeError;
use crate::baseline::signed::{InForce, Rejected};
use crate::baseline::{Baseline, LocalApprovals};
use crate::journal::Journal;
use crate::model::digest::Key;
use crate::model::template::Template;
use jiff::Timestamp;
use std::path::Path;

/// What is expected, and the key that masks what is shown of it.
#[derive(Debug)]
pub struct Reading {
    /// The templates in force.
    pub templates: Vec<Template>,
    /// The templates that are not, where signatures are demanded.
    pub rejected: Vec<Rejected>,
    /// What approvals of this machine count for.
    pub local_approvals: LocalApprovals,
    /// The journal, if there is one.
    pub journal: Option<Journal>,
    /// The installation's key; without a journal one that lives as long as this process.
    pub key: Key,
}

impl Reading {
    pub(super) fn new(in_force: InForce, local_approvals: LocalApprovals, journal: Option<Journal>) -> Self {
        let key = journal.as_ref().map_or_else(passing_key, |journal| journal.key().clone());
        Self { journal, ..Self::of_key(in_force, local_approvals, key) }
    }

    pub(super) fn of_key(in_force: InForce, local_approvals: LocalApprovals, key: Key) -> Self {
        let InForce { templates, rejected, .. } = in_force;
        Self { templates, rejected, local_approvals, journal: None, key }
    }

    /// What is expected of a home now.
    pub fn baseline(&self, home: &Path, now: Timestamp) -> Result<Baseline, ComposeError> {
        self.baseline_with(self.journal.as_ref(), home, now)
    }

    /// What is expected of a home now, by the approvals of a journal that is held elsewhere.
    pub fn baseline_with(
        &self,
        journal: Option<&Journal>,
        home: &Path,
        now: Timestamp,
    ) -> Result<Baseline, ComposeError> {
        let approvals = match journal {
            Some(journal) if self.local_approvals == LocalApprovals::Count => journal.approvals(home, now)?,
            _ => Vec::new(),
        };
        Ok(Baseline { templates: self.templates.clone(), approvals })
    }
}

/// A key that nobody keeps: fingerprints made with it compare within one answer only.
fn passing_key() -> Key {
    let mut bytes = [0; 32];
    // NOTE(ignored): without random bytes fingerprints are weaker, and nothing made with them is kept.
    let _ = getrandom::fill(&mut bytes);
    Key::from_bytes(bytes)
}
