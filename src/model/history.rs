//! What was told before that an event belongs to: that the same thing was put right of late, that the same package was
//! behind other changes. Kept in memory, bounded, for as long as an install is suspect. Must not know where events are
//! kept, nor what follows from it.

use super::event::{AgentAction, Event};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// So many things and packages are remembered; the one that was heard of last stays.
const MOST: usize = 512;

/// So much is remembered of each.
const MOST_EACH: usize = 64;

/// How many events an event names that it belongs to.
const NAMED: usize = 8;

/// What was told of late.
#[derive(Clone, Debug)]
pub struct History {
    window: SignedDuration,
    /// The reverts of each thing: event id and time.
    reverts: Memory,
    /// What each package changed: the thing, with the last event about it.
    packages: Memory,
}

/// What happened to each of many: by a name that tells it from others, the event and when.
#[derive(Clone, Debug, Default)]
struct Memory(BTreeMap<String, BTreeMap<String, Told>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Told {
    event: String,
    time: Timestamp,
}

impl History {
    /// Remembers what is no older than that.
    pub fn of(window: SignedDuration) -> Self {
        Self { window, reverts: Memory::default(), packages: Memory::default() }
    }

    /// Keeps an event that was told, for those that follow. Twice is once.
    pub fn note(&mut self, event: &Event) {
        let Ok(time) = event.time().parse::<Timestamp>() else { return };
        let told = Told { event: event.id().to_owned(), time };
        if event.action() == AgentAction::ConfigReverted.as_str() {
            let drifts = event.texts("mcpwatch.response.drifts");
            for thing in server(event).into_iter().chain(drifts.iter().map(|id| drift(id))) {
                self.reverts.keep(thing, told.event.clone(), told.clone());
            }
        }
        if let (Some(package), Some(thing)) = (package(event), thing(event)) {
            self.packages.keep(package, thing, told);
        }
    }

    /// Says in an event what came before it, and keeps it for those that follow.
    pub fn place(&mut self, event: &mut Event) {
        self.say(event);
        self.note(event);
    }

    fn say(&self, event: &mut Event) {
        let Ok(now) = event.time().parse::<Timestamp>() else { return };
        let is_near = |told: &&Told| now.duration_since(told.time) <= self.window;
        let things = server(event).into_iter().chain(event.drift_id().map(drift));
        let of_thing = things.map(|thing| self.reverts.of(&thing)).max_by_key(|told| told.len());
        let reverts: Vec<&Told> =
            of_thing.into_iter().flatten().map(|(_, told)| told).filter(is_near).collect();
        let own = thing(event);
        let of_package = package(event).map(|package| self.packages.of(&package)).unwrap_or_default();
        let changes: Vec<&Told> = of_package
            .iter()
            .filter(|(thing, _)| own.as_deref() != Some(*thing))
            .map(|(_, told)| *told)
            .filter(is_near)
            .collect();
        if let Some(last) = reverts.iter().map(|told| told.time).max() {
            event.set("mcpwatch.history.reverts", reverts.len());
            let since = now.duration_since(last).as_secs().max(0);
            event.set("mcpwatch.history.since_revert_seconds", since);
        }
        if !changes.is_empty() {
            event.set("mcpwatch.history.package_changes", changes.len());
        }
        let mut events: Vec<&Told> = reverts.into_iter().chain(changes).collect();
        if !events.is_empty() {
            events.sort_by(|one, other| (other.time, &other.event).cmp(&(one.time, &one.event)));
            let ids: Vec<&str> = events.iter().take(NAMED).map(|told| told.event.as_str()).collect();
            event.set("mcpwatch.history.events", ids);
        }
    }
}

impl Memory {
    fn keep(&mut self, name: String, what: String, told: Told) {
        let one = self.0.entry(name).or_default();
        one.insert(what, told);
        if one.len() > MOST_EACH {
            forget_oldest(one, |told| told.time);
        }
        if self.0.len() > MOST {
            forget_oldest(&mut self.0, |one| one.values().map(|told| told.time).max().unwrap_or_default());
        }
    }

    fn of(&self, name: &str) -> Vec<(&str, &Told)> {
        self.0.get(name).into_iter().flatten().map(|(what, told)| (what.as_str(), told)).collect()
    }
}

fn forget_oldest<V>(map: &mut BTreeMap<String, V>, time: impl Fn(&V) -> Timestamp) {
    let oldest = map.iter().min_by_key(|(_, value)| time(value)).map(|(name, _)| name.clone());
    oldest.map(|name| map.remove(&name));
}

/// The server that an event is about.
fn server(event: &Event) -> Option<String> {
    let name = event.text("mcpwatch.server")?;
    let word = |field| event.text(field).unwrap_or_default();
    Some(joined(["server", word("mcpwatch.home"), word("mcpwatch.scope"), word("mcpwatch.project"), name]))
}

fn drift(id: &str) -> String {
    joined(["drift", id])
}

/// The server or setting that a drift is about.
fn thing(event: &Event) -> Option<String> {
    event.drift_id()?;
    let word = |field| event.text(field).unwrap_or_default();
    let setting = || joined(["setting", word("file.path"), word("mcpwatch.drift.field")]);
    Some(server(event).unwrap_or_else(setting))
}

/// The package that did it, where that is at least likely.
fn package(event: &Event) -> Option<String> {
    Some(joined([event.text("package.type")?, event.text("package.name")?]))
}

/// Parts that no other parts make the same.
fn joined<const N: usize>(parts: [&str; N]) -> String {
    parts.map(|part| format!("{}:{part}", part.len())).concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn event(minute: u32, id: &str, more: Value) -> Event {
        let mut event = Event::from_document(json!({
            "@timestamp": format!("2026-01-02T03:{minute:02}:00.000000Z"),
            "event": { "id": id, "kind": "alert", "action": "endpoint-host-changed" },
            "mcpwatch": { "home": "/home/u", "scope": "user", "drift": { "id": format!("d-{id}") } },
        }))
        .unwrap();
        more.as_object().unwrap().iter().for_each(|(field, value)| event.set(field, value.clone()));
        event
    }

    fn history() -> History {
        History::of(SignedDuration::from_mins(30))
    }

    #[test]
    fn what_was_put_right_and_is_changed_again_says_so() {
        let mut history = history();
        let revert = json!({ "event.action": "config-reverted", "mcpwatch.server": "linear" });
        history.note(&event(1, "r1", revert.clone()));
        history.note(&event(3, "r2", revert.clone()));
        history.note(&event(3, "r2", revert));
        let mut again = event(5, "e", json!({ "mcpwatch.server": "linear" }));
        history.place(&mut again);
        assert_eq!(again.get("mcpwatch.history.reverts"), Some(&json!(2)));
        assert_eq!(again.get("mcpwatch.history.since_revert_seconds"), Some(&json!(120)));
        assert_eq!(again.texts("mcpwatch.history.events"), ["r2", "r1"]);
        for other in [
            json!({ "mcpwatch.server": "sentry" }),
            json!({ "mcpwatch.server": "linear", "mcpwatch.home": "/home/v" }),
            json!({ "mcpwatch.server": "linear", "@timestamp": "2026-01-02T04:03:00.000000Z" }),
        ] {
            let mut other = event(5, "o", other);
            history.place(&mut other);
            assert_eq!(other.get("mcpwatch.history"), None);
        }
    }

    #[test]
    fn a_setting_is_known_by_its_drift() {
        let mut history = history();
        let revert = json!({ "event.action": "config-reverted", "mcpwatch.response.drifts": ["d-e"] });
        history.note(&event(1, "r1", revert));
        let (mut same, mut other) = (event(2, "e", json!({})), event(2, "f", json!({})));
        history.place(&mut same);
        history.place(&mut other);
        assert_eq!(same.get("mcpwatch.history.reverts"), Some(&json!(1)));
        assert_eq!(other.get("mcpwatch.history"), None);
    }

    #[test]
    fn what_a_package_changed_is_counted_by_what_it_is_about() {
        let mut history = history();
        let by = |name: &str, server: &str| json!({ "package.type": "npm", "package.name": name, "mcpwatch.server": server });
        let mut placed = |id: &str, more: Value| {
            let mut event = event(2, id, more);
            history.place(&mut event);
            event.get("mcpwatch.history.package_changes").cloned()
        };
        assert_eq!(placed("1", by("evil", "linear")), None);
        assert_eq!(placed("2", by("evil", "linear")), None, "another component of the same server");
        assert_eq!(placed("3", by("evil", "sentry")), Some(json!(1)));
        assert_eq!(placed("4", by("other", "github")), None);
        let hook =
            json!({ "package.type": "npm", "package.name": "evil", "mcpwatch.drift.field": "hooks.Stop" });
        assert_eq!(placed("5", hook), Some(json!(2)));
    }

    #[test]
    fn memory_is_bounded() {
        let mut history = history();
        for number in 0..2 * MOST {
            let more = json!({ "event.action": "config-reverted", "mcpwatch.server": number.to_string() });
            history.note(&event((number % 60) as u32, &number.to_string(), more));
        }
        assert_eq!(history.reverts.0.len(), MOST);
    }
}
