//! What waits to be put right, what is being put right, and what was refused: kept by home. Sends no thread, and changes
//! no file.

use super::fights::{Fights, Terms};
use crate::config::{Case, Respond};
use crate::model::event::{AgentAction, Event};
use crate::model::kind::DriftKind;
use crate::model::provenance::{Actor, Confidence};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is to be put right and what is being put right.
#[derive(Debug, Default)]
pub(super) struct Responding {
    pub(super) policy: Respond,
    /// Whether nothing more is begun.
    pub(super) is_ending: bool,
    /// The drifts that wait for it, by home: each with the event that told it.
    pub(super) wanted: BTreeMap<PathBuf, BTreeMap<String, Event>>,
    /// Those at which a thread is at work.
    pub(super) underway: BTreeMap<u64, BTreeMap<String, Event>>,
    /// What was put right and not seen so yet.
    pub(super) unconfirmed: BTreeMap<u64, Unconfirmed>,
    /// What was refused, and why: it is tried again when something about its file has ended, and at every comparison.
    pub(super) refused: BTreeMap<PathBuf, BTreeMap<String, (Event, String)>>,
    pub(super) fights: Fights,
    /// When something that waits is due, by the clock that nobody sets.
    pub(super) due: Option<Duration>,
}

/// What was put right in one home and not seen so yet. Whoever changes it back at once, before anybody has looked, makes
/// no news: the home looks as it did before.
#[derive(Debug)]
pub(super) struct Unconfirmed {
    pub(super) drifts: BTreeMap<String, Event>,
    /// When to ask for a look.
    pub(super) due: Duration,
    pub(super) has_asked: bool,
}

impl Responding {
    /// Goes by that policy.
    pub(super) fn by(policy: Respond) -> Self {
        Self { policy, ..Self::default() }
    }

    /// Goes by another policy from now on.
    pub(super) fn go_by(&mut self, policy: Respond) {
        self.policy = policy;
    }

    /// Takes note of what was told and is to be put right.
    pub(super) fn heed(&mut self, events: &[Event]) {
        if !self.policy.reverts_at_all() {
            return;
        }
        for event in events {
            if event.action() == AgentAction::DriftEnded.as_str() {
                self.heed_end(event);
            }
            if self.is_wanted(event)
                && let (Some(home), Some(drift)) = (event.home(), event.drift_id())
            {
                let wanted = self.wanted.entry(PathBuf::from(home)).or_default();
                wanted.insert(drift.to_owned(), event.clone());
            }
        }
    }

    /// Something has ended: it is not wanted any more, and what was refused about the same file may be possible now.
    fn heed_end(&mut self, ended: &Event) {
        let (Some(home), Some(id)) = (ended.home().map(PathBuf::from), ended.drift_id()) else { return };
        let Some(refused) = self.refused.get_mut(&home) else { return };
        refused.remove(id);
        let wanted = self.wanted.entry(home).or_default();
        let of_file = |event: &Event| event.text("file.path") == ended.text("file.path");
        wanted.extend(
            refused
                .iter()
                .filter(|(_, (event, _))| of_file(event))
                .map(|(id, (event, _))| (id.clone(), event.clone())),
        );
    }

    /// Tries again what was refused.
    pub(super) fn try_again(&mut self) {
        for (home, refused) in &self.refused {
            let wanted = self.wanted.entry(home.clone()).or_default();
            wanted.extend(refused.iter().map(|(id, (event, _))| (id.clone(), event.clone())));
        }
    }

    /// Takes note of why drifts were refused; says whether that is news.
    pub(super) fn refuse(
        &mut self,
        home: &Path,
        told: impl Iterator<Item = (String, Event)>,
        why: &str,
    ) -> bool {
        let refused = self.refused.entry(home.to_path_buf()).or_default();
        let mut is_news = false;
        for (id, event) in told {
            let before = refused.insert(id, (event, why.to_owned()));
            is_news |= before.is_none_or(|(_, before)| before != why);
        }
        is_news
    }

    /// Says of drifts that end while they are being put right, or just were, whose doing that is.
    pub(super) fn credit(&self, events: &mut [Event]) {
        let is_ours = |event: &Event| {
            let of =
                |drifts: &BTreeMap<String, Event>| event.drift_id().is_some_and(|id| drifts.contains_key(id));
            self.underway.values().chain(self.unconfirmed.values().map(|left| &left.drifts)).any(of)
        };
        let ended = events.iter_mut().filter(|event| event.action() == AgentAction::DriftEnded.as_str());
        ended.filter(|event| is_ours(event)).for_each(Event::credit_revert);
    }

    fn is_wanted(&self, event: &Event) -> bool {
        let Ok(kind) = event.action().parse::<DriftKind>() else { return false };
        let word = |field| event.text(field).unwrap_or_default();
        let case = Case {
            kind,
            level: event.level(),
            actor: Actor::from_word(word("mcpwatch.provenance.actor")).unwrap_or(Actor::Unknown),
            confidence: Confidence::from_word(word("mcpwatch.provenance.confidence"))
                .unwrap_or(Confidence::Unknown),
        };
        event.get("mcpwatch.drift.passing").is_none() && self.policy.reverts(case)
    }

    /// When something that waits is due.
    pub(super) fn due(&self) -> Option<Duration> {
        let unconfirmed = self.unconfirmed.values().filter(|left| !left.has_asked).map(|left| left.due);
        unconfirmed.chain(self.due).min()
    }

    pub(super) fn terms(&self) -> Terms {
        Terms { after: self.policy.contest_after, within: self.policy.contest_within }
    }
}
