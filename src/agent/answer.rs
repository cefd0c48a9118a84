//! The events that say what came of an answer to a drift. Must not decide what is answered.

use super::fights::Contest;
use super::home::{Home, Parts};
use crate::model::drift::Judgement;
use crate::model::event::{AgentAction, DriftIdentity, Event, Response};
use crate::model::level::Level;
use crate::model::provenance::Actor;
use crate::model::running_client::RunningClient;
use crate::restore::{self, Ground, Mended};
use crate::session::{self, Window};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

/// More processes of the client are counted and not listed.
const MOST_LISTED: usize = 32;

/// The ids of a judgement's drifts.
pub(super) fn drift_ids(judgement: &Judgement, home: &Home, parts: &Parts) -> BTreeSet<String> {
    let context = home.context(parts);
    judgement.drifts.iter().map(|drift| DriftIdentity::of(judgement, drift, &context).id).collect()
}

/// What is answered: one judgement, and what was told of it.
pub(super) struct Answer<'a> {
    pub(super) home: &'a Home,
    pub(super) judgement: &'a Judgement,
    pub(super) told: &'a BTreeMap<String, Event>,
    /// The client's processes that run.
    pub(super) running: &'a [RunningClient],
}

impl Answer<'_> {
    /// The events that told its drifts, by the drifts.
    pub(super) fn told(&self, parts: &Parts) -> impl Iterator<Item = (String, Event)> {
        let ids = drift_ids(self.judgement, self.home, parts).into_iter();
        ids.filter_map(|id| Some((id.clone(), self.told.get(&id)?.clone())))
    }

    /// The event that told the drift.
    fn event(&self, parts: &Parts) -> Option<&Event> {
        drift_ids(self.judgement, self.home, parts).iter().find_map(|id| self.told.get(id))
    }

    pub(super) fn is_clients(&self) -> bool {
        self.told.values().any(|event| {
            event.text("file.path").map(Path::new) == Some(&*self.judgement.surface.file) && is_clients(event)
        })
    }

    pub(super) fn done(
        &self,
        is_kept: bool,
        ground: Option<&Ground>,
        mended: &Mended,
        took: Duration,
        parts: &Parts,
    ) -> Event {
        let window = self.event(parts).and_then(since).map(|since| Window { since, until: None });
        let mut holding = window.map(|window| window.holding(self.running)).unwrap_or_default();
        let message = restore::done(self.judgement, is_kept, ground, mended) + &session::advice(&holding);
        holding.truncate(MOST_LISTED);
        let ground = ground.map(ToString::to_string);
        let response = Response { bytes: Some(mended.changed), took: Some(took), ..self.blank(&message) };
        let response = Response {
            ground: ground.as_deref(),
            action: AgentAction::ConfigReverted,
            holding: &holding,
            ..response
        };
        self.said(Level::Informational, response, parts)
    }

    pub(super) fn not_done(&self, why: &str, parts: &Parts) -> Event {
        let message = restore::not_done(self.judgement, why);
        // It stands, so it matters as much as before.
        self.said(self.judgement.level(), Response { reason: Some(why), ..self.blank(&message) }, parts)
    }

    /// That it is a fight. Of the client, which may save what it still has in memory, it is said once.
    pub(super) fn contested(&self, contest: Contest, parts: &Parts) -> Option<Event> {
        let Contest { times, wait, is_known_of_client } = contest;
        if is_known_of_client {
            return None;
        }
        let what = restore::subject(self.judgement);
        let seconds = wait.as_secs();
        let (level, message) = if self.is_clients() {
            let message = format!(
                "{what} was put right {times} times of late, and each time a running client saved what it had in \
                 memory: restart it. It goes on being put right, and that is not said again"
            );
            (Level::Medium, message)
        } else {
            let message = format!(
                "{what} was put right {times} times of late and is changed again and again: find who does it and \
                 end it first. Another change would stand for {seconds} s before it is put right"
            );
            (Level::Critical, message)
        };
        let response = Response { action: AgentAction::RevertContested, ..self.blank(&message) };
        Some(self.said(level, response, parts))
    }

    fn blank<'r>(&'r self, message: &'r str) -> Response<'r> {
        Response {
            action: AgentAction::RevertRefused,
            judgement: self.judgement,
            message,
            reason: None,
            ground: None,
            bytes: None,
            took: None,
            stood: None,
            drifts: &[],
            by: None,
            holding: &[],
        }
    }

    fn said(&self, level: Level, response: Response<'_>, parts: &Parts) -> Event {
        let context = self.home.context(parts);
        let drifts: Vec<String> = drift_ids(self.judgement, self.home, parts).into_iter().collect();
        let told = self.event(parts);
        let stood = told.and_then(|event| stood(event, context.time));
        let response = Response { drifts: &drifts, stood, ..response };
        let mut event = Event::response((parts.event_id)(context.time), level, &response, &context);
        told.into_iter().for_each(|told| name_writer(&mut event, told));
        event
    }
}

/// That an entry stands, since putting it right is being fought.
pub(super) fn still_contested(
    judgement: &Judgement,
    told: &Event,
    wait: Duration,
    home: &Home,
    parts: &Parts,
) -> Event {
    let message = format!(
        "{} was changed again, and stands for {} s before it is put right: it is being fought over",
        restore::subject(judgement),
        wait.as_secs().max(1)
    );
    let told = told.drift_id().map(|id| BTreeMap::from([(id.to_owned(), told.clone())])).unwrap_or_default();
    let answer = Answer { home, judgement, told: &told, running: &[] };
    let response = Response { action: AgentAction::RevertContested, ..answer.blank(&message) };
    let mut event = answer.said(Level::Critical, response, parts);
    parts.rules.apply(&mut event);
    event
}

pub(super) fn is_clients(event: &Event) -> bool {
    event.text("mcpwatch.provenance.actor") == Some(Actor::Client.as_str())
}

/// For how long a drift had stood.
fn stood(told: &Event, now: Timestamp) -> Option<Duration> {
    Duration::try_from(now.duration_since(since(told)?)).ok()
}

/// Since when it stood, as far as that was seen.
fn since(told: &Event) -> Option<Timestamp> {
    told.text("mcpwatch.drift.since").unwrap_or(told.time()).parse().ok()
}

/// Who made the change that is answered, as the event says that told it.
fn name_writer(event: &mut Event, told: &Event) {
    for field in ["process", "package", "mcpwatch.provenance"] {
        event.set_some(field, told.get(field).cloned());
    }
}
