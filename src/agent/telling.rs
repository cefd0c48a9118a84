//! What the agent says of itself: its start and end, and trouble, each once. Knows nothing of drifts.

use super::AgentError;
use super::home::Home;
use super::running::Running;
use crate::model::event::{AgentAction, Context, Event, time_text};
use crate::model::level::Level;
use crate::sensor::Means;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What was said of trouble, so that it is not said twice: the reason, and the sentence.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    known: BTreeMap<String, String>,
}

/// How the trouble changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// There is more.
    Worse(String),
    /// That is over.
    Over(String),
}

impl Trouble {
    /// Takes in all trouble there is now; says what is new and what is over.
    pub(super) fn now(&mut self, now: BTreeMap<String, String>) -> Vec<Change> {
        let worse = now.iter().filter(|(reason, _)| !self.known.contains_key(*reason));
        let over = self.known.iter().filter(|(reason, _)| !now.contains_key(*reason));
        let changes = worse
            .map(|(_, sentence)| Change::Worse(sentence.clone()))
            .chain(over.map(|(_, sentence)| Change::Over(sentence.clone())))
            .collect();
        self.known = now;
        changes
    }

    /// Every sentence.
    pub(super) fn sentences(&self) -> impl Iterator<Item = &str> {
        self.known.values().map(String::as_str)
    }
}

impl Running<'_> {
    /// An event of the agent itself.
    pub(super) fn own_event(&self, action: AgentAction, level: Level, message: &str) -> Event {
        let parts = &self.parts;
        let time = parts.clock.now();
        let context = Context { time, host: &parts.host, home: None, user: None, key: &parts.key };
        Event::agent((parts.event_id)(time), action, level, message, &context)
    }

    /// Says in the lock file how the agent is, when that has changed.
    pub(super) fn announce(&mut self) -> Result<(), AgentError> {
        if self.beginning.is_some() {
            return Ok(());
        }
        let said = self.announcement(self.since);
        if said != self.announced {
            self.lock.announce(said.clone())?;
            self.announced = said;
        }
        Ok(())
    }

    /// The sensors that it hears from.
    pub(super) fn sensors(&self) -> Vec<String> {
        let homes = &self.homes;
        let means: BTreeSet<Means> = homes.iter().flat_map(|home| home.sight.means.iter().copied()).collect();
        let record = self.parts.attribution.is_recording().then(|| "processes".to_owned());
        means.iter().map(Means::to_string).chain(record).chain(["timer".to_owned()]).collect()
    }

    /// What is not watched as it should be.
    pub(super) fn degraded(&self) -> Vec<&str> {
        let also = self.outage.iter().chain(&self.rejected).map(String::as_str).chain(self.unsigned.told());
        self.trouble.sentences().chain(also).collect()
    }

    /// Says in the lock file that the agent is ready, and how it watches.
    pub(super) fn announcement(&self, since: Timestamp) -> Map<String, Value> {
        let homes = &self.homes;
        let sum = |count: fn(&Home) -> usize| homes.iter().map(count).sum::<usize>();
        let (sensors, degraded) = (self.sensors(), self.degraded());
        let mut said = Map::new();
        said.insert("since".into(), Value::String(time_text(since)));
        said.insert("sensors".into(), json!(sensors));
        said.insert("degraded".into(), json!(degraded));
        said.insert(
            "watched".into(),
            json!({
                "homes": homes.len(),
                "surfaces": sum(|home| home.sight.surfaces),
                "projects": sum(|home| home.sight.projects),
            }),
        );
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_told_once_and_so_is_its_end() {
        let mut trouble = Trouble::default();
        let one = || BTreeMap::from([("limit".to_owned(), "7 directories".to_owned())]);
        assert_eq!(trouble.now(one()), [Change::Worse("7 directories".into())]);
        let other_count = BTreeMap::from([("limit".to_owned(), "9 directories".to_owned())]);
        assert_eq!(trouble.now(other_count), [], "the same trouble");
        assert_eq!(trouble.sentences().collect::<Vec<_>>(), ["9 directories"]);
        assert_eq!(trouble.now(BTreeMap::new()), [Change::Over("9 directories".into())]);
    }
}
