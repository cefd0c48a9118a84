//! Events: what happened, as one document in ECS field names. Pure: no clock, no files; who makes an event
//! says when and where. Must not know how events are stored or delivered.

mod action;
mod drift;
pub mod fields;
pub mod identity;
mod install;
mod install_seen;
mod provenance;
mod response;
#[cfg(test)]
mod tests;

pub use self::action::AgentAction;
pub use self::drift::{DriftIdentity, Observed};
pub use self::provenance::Authorship;
pub use self::response::Response;

use crate::model::digest::Key;
use crate::model::level::Level;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::path::Path;

/// The version of the Elastic Common Schema that the field names are taken from.
pub const ECS_VERSION: &str = "8.17.0";

/// What an event says about the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostFacts {
    /// Its name on the network.
    pub name: String,
    /// The id that it was given when it was installed.
    pub id: Option<String>,
    /// `x86_64`, `aarch64`, …
    pub architecture: String,
    /// `linux`, `macos`, …
    pub os_type: String,
    /// The kernel's release.
    pub kernel: String,
}

/// What an event says about whose configuration it is about, or who acted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserFacts {
    /// The account's number.
    pub uid: u32,
    /// Its name.
    pub name: String,
}

/// What is the same for every event of one moment.
#[derive(Clone, Debug)]
pub struct Context<'c> {
    /// When it was seen.
    pub time: Timestamp,
    /// Where.
    pub host: &'c HostFacts,
    /// In whose home, where it is about one.
    pub home: Option<&'c Path>,
    /// Whose that home is.
    pub user: Option<&'c UserFacts>,
    /// The key that turns secrets into fingerprints.
    pub key: &'c Key,
}

/// One event. What it is found by (id, time, action, level, kind) is read from the document itself, so that the
/// two cannot disagree.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    document: Map<String, Value>,
}

/// A time as every document and every column spells it: UTC, microseconds, of one length, so that texts sort
/// as times do.
pub fn time_text(time: Timestamp) -> String {
    format!("{time:.6}")
}

impl Event {
    /// What every event has.
    fn new(id: String, kind: &str, action: &str, level: Level, message: &str, context: &Context<'_>) -> Self {
        let time = time_text(context.time);
        let mut event = Self { document: Map::new() };
        event.set("@timestamp", time.as_str());
        event.set("ecs.version", ECS_VERSION);
        event.set("message", message);
        event.set("event.id", id);
        event.set("event.kind", kind);
        event.set("event.action", action);
        event.set("event.module", "mcpwatch");
        event.set("event.created", time);
        event.set("host.name", context.host.name.as_str());
        event.set("host.hostname", context.host.name.as_str());
        event.set_some("host.id", context.host.id.clone());
        event.set("host.architecture", context.host.architecture.as_str());
        event.set("host.os.type", context.host.os_type.as_str());
        event.set("host.os.kernel", context.host.kernel.as_str());
        if let Some(user) = context.user {
            event.set("user.id", user.uid.to_string());
            event.set("user.name", user.name.as_str());
        }
        event.set_some("mcpwatch.home", context.home.map(|home| home.to_string_lossy().into_owned()));
        event.set_level(level);
        event
    }

    /// What the agent did or met. `message` is one sentence for a person and holds no secret.
    pub fn agent(
        id: String,
        action: AgentAction,
        level: Level,
        message: &str,
        context: &Context<'_>,
    ) -> Self {
        let mut event = Self::new(id, action.kind(), action.as_str(), level, message, context);
        event.set("event.dataset", "mcpwatch.agent");
        event.set("event.category", json!([action.category()]));
        event.set("event.type", json!([action.event_type()]));
        event
    }

    /// An event that was stored; `None` when the document is no event.
    pub fn from_document(document: Value) -> Option<Self> {
        let Value::Object(document) = document else { return None };
        let event = Self { document };
        let is_whole = ["event.id", "@timestamp", "event.action", "event.kind"]
            .iter()
            .all(|field| event.text(field).is_some());
        is_whole.then_some(event)
    }

    /// The document.
    pub fn document(&self) -> &Map<String, Value> {
        &self.document
    }

    /// The document as it is stored.
    pub fn to_text(&self) -> String {
        serde_json::to_string(&self.document).unwrap_or_default() // NOTE(unreachable): a map with keys that are texts
    }

    /// The document, for storing or printing.
    pub fn into_document(self) -> Value {
        Value::Object(self.document)
    }

    /// The value of a field by its dotted name.
    pub fn get(&self, field: &str) -> Option<&Value> {
        let mut parts = field.split('.');
        let first = self.document.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    }

    /// The text of a field by its dotted name.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.get(field)?.as_str()
    }

    /// The texts of a list by its dotted name; none where it is no list.
    pub fn texts(&self, field: &str) -> Vec<String> {
        let list = self.get(field).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Sets a field by its dotted name. What is no object on the way there is replaced by one.
    pub fn set(&mut self, field: &str, value: impl Into<Value>) {
        let mut members = &mut self.document;
        let mut parts = field.split('.').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                members.insert(part.to_owned(), value.into());
                return;
            }
            // Mostly it is there: no name is written out for it.
            if !members.get(part).is_some_and(Value::is_object) {
                members.insert(part.to_owned(), Value::Object(Map::new()));
            }
            let Some(Value::Object(inner)) = members.get_mut(part) else { return };
            members = inner;
        }
    }

    /// Takes a field out by its dotted name.
    pub fn remove(&mut self, field: &str) {
        let (way, last) = field.rsplit_once('.').unwrap_or(("", field));
        let mut parts = way.split('.').filter(|part| !part.is_empty());
        let members =
            parts.try_fold(&mut self.document, |members, part| members.get_mut(part)?.as_object_mut());
        members.map(|members| members.remove(last));
    }

    /// Sets a field when there is something to set.
    pub fn set_some(&mut self, field: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.set(field, value);
        }
    }

    /// Adds one of ECS `tags`, once.
    pub fn add_tag(&mut self, tag: &str) {
        if let Value::Array(tags) = self.document.entry("tags").or_insert_with(|| json!([]))
            && !tags.iter().any(|known| known == tag)
        {
            tags.push(tag.into());
        }
    }

    /// Adds one of ECS `tags` before all others.
    pub fn tag_first(&mut self, tag: &str) {
        if let Value::Array(tags) = self.document.entry("tags").or_insert_with(|| json!([])) {
            tags.insert(0, tag.into());
        }
    }

    /// Sets the level and the severity that goes with it.
    pub fn set_level(&mut self, level: Level) {
        self.set("mcpwatch.level", level.as_str());
        self.set("event.severity", level.severity());
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.text("event.id").unwrap_or_default()
    }

    /// When it was seen, as [`time_text`] spells it.
    pub fn time(&self) -> &str {
        self.text("@timestamp").unwrap_or_default()
    }

    /// The drift kind or the agent's action.
    pub fn action(&self) -> &str {
        self.text("event.action").unwrap_or_default()
    }

    /// ECS `event.kind`: `alert`, `event` or `state`.
    pub fn kind(&self) -> &str {
        self.text("event.kind").unwrap_or_default()
    }

    /// How much it matters.
    pub fn level(&self) -> Level {
        self.text("mcpwatch.level").and_then(|word| word.parse().ok()).unwrap_or(Level::Informational)
    }

    /// The home it is about.
    pub fn home(&self) -> Option<&str> {
        self.text("mcpwatch.home")
    }

    /// The drift's id, the same for as long as the drift stands.
    pub fn drift_id(&self) -> Option<&str> {
        self.text("mcpwatch.drift.id")
    }

    /// A digest of what was told of the drift: what was observed and expected, and the level.
    pub fn drift_state(&self) -> Option<&str> {
        self.text("mcpwatch.drift.state")
    }
}
