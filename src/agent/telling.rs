//! What the agent says of itself: its start and end, and trouble, each once. Knows nothing of drifts.

use super::{Agent, AgentError, Memory};
use crate::model::event::{AgentAction, Context, Event, time_text};
use crate::model::level::Level;
use crate::sensor::notify::NotifySensor;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// What was said of trouble, so that it is not said twice.
#[derive(Default)]
pub(super) struct Told {
    pub(super) degraded: BTreeSet<String>,
    rejected: Option<String>,
}

impl Agent<'_> {
    /// Says once that a baseline was refused, and again when it is refused for another reason.
    pub(super) fn tell_rejected(
        &mut self,
        why: Option<String>,
        told: &mut Told,
        tell: &mut dyn FnMut(&Event),
    ) -> Result<(), AgentError> {
        if why != told.rejected
            && let Some(why) = &why
        {
            let message =
                format!("a template or approval is refused, and the last good ones stay in force: {why}");
            self.record(AgentAction::TemplateRejected, Level::High, &message, tell)?;
        }
        told.rejected = why;
        Ok(())
    }

    /// Says once what a sensor cannot do.
    pub(super) fn degrade(
        &mut self,
        why: &str,
        told: &mut Told,
        tell: &mut dyn FnMut(&Event),
    ) -> Result<(), AgentError> {
        if told.degraded.insert(why.to_owned()) {
            self.record(AgentAction::SensorDegraded, Level::Medium, why, tell)?;
        }
        Ok(())
    }

    pub(super) fn record(
        &mut self,
        action: AgentAction,
        level: Level,
        message: &str,
        tell: &mut dyn FnMut(&Event),
    ) -> Result<(), AgentError> {
        let key = self.journal.key().clone();
        let time = self.clock.now();
        let context = Context { time, host: &self.host, home: None, user: None, key: &key };
        let event = Event::agent((self.event_id)(time), action, level, message, &context);
        let stored = self.journal.append(event)?;
        if let Some(event) = stored.event() {
            tell(&event);
        }
        Ok(())
    }

    pub(super) fn announce(
        &mut self,
        since: Timestamp,
        memories: &[Memory],
        sensor: Option<&NotifySensor>,
        degraded: &BTreeSet<String>,
    ) -> Result<(), AgentError> {
        let surfaces: usize = memories.iter().map(|memory| memory.files.len()).sum();
        let projects: BTreeSet<&Path> = memories
            .iter()
            .flat_map(|memory| &memory.files)
            .filter(|file| file.ends_with(".claude/settings.local.json"))
            .filter_map(|file| file.parent()?.parent())
            .collect();
        let mut said = Map::new();
        said.insert("since".into(), Value::String(time_text(since)));
        said.insert(
            "sensors".into(),
            if sensor.is_some() { json!(["notify", "timer"]) } else { json!(["timer"]) },
        );
        said.insert("degraded".into(), json!(degraded));
        said.insert(
            "watched".into(),
            json!({"homes": self.homes.len(), "surfaces": surfaces, "projects": projects.len()}),
        );
        Ok(self.lock.announce(said)?)
    }
}
