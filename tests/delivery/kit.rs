//! What the deliveries share: a home, an agent with sinks, events in any number, and how to compare what arrived.

use crate::support::{Scratch, Watch};
use jiff::Timestamp;
use mcpwatch::journal::{EventFilter, Journal};
use mcpwatch::model::digest::Key;
use mcpwatch::model::event::{AgentAction, Context, Event, HostFacts};
use mcpwatch::model::level::Level;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

pub(crate) const HOME: &str =
    r#"{"mcpServers":{"tracker":{"type":"http","url":"https://mcp.tracker.test/mcp"}}}"#;

/// A home with one server, captured, and a configuration with these sinks.
pub(crate) fn with_sinks(sinks: &str) -> Scratch {
    let scratch = Scratch::new();
    scratch.write(".claude.json", HOME);
    scratch.expect(0, &["baseline", "capture"]);
    configure(&scratch, sinks);
    scratch
}

/// Another configuration for the next agent, or for the next SIGHUP.
pub(crate) fn configure(scratch: &Scratch, sinks: &str) {
    closed_file(&scratch.path("config.toml"), sinks);
}

/// A file that only its owner can read.
pub(crate) fn closed_file(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// An agent with the configuration of the scratch directory.
pub(crate) fn agent(scratch: &Scratch) -> Watch {
    let mut command = scratch.command();
    command.arg("--config").arg(scratch.path("config.toml")).args(["watch", "--format", "json"]);
    scratch.start(command)
}

/// What `status` says with that configuration.
pub(crate) fn status(scratch: &Scratch) -> Value {
    let config = scratch.path("config.toml");
    let text = scratch.expect(0, &["--config", config.to_str().unwrap(), "status", "--format", "json"]);
    serde_json::from_str(&text).unwrap()
}

/// Leads the server elsewhere, which is a drift.
pub(crate) fn lead_to(scratch: &Scratch, host: &str) {
    scratch.write(".claude.json", &HOME.replace("mcp.tracker.test", host));
}

/// Puts so many events into the journal, as another process does.
pub(crate) fn record(scratch: &Scratch, count: usize) {
    let host = HostFacts { name: "box".into(), ..HostFacts::default() };
    let key = Key::from_bytes([0; 32]);
    let now = Timestamp::now();
    let context = Context { time: now, host: &host, home: None, user: None, key: &key };
    let event = |number: usize| {
        let id = mcpwatch::host::identity::event_id(now);
        let message = format!("{number}: {}", "something happened. ".repeat(20));
        Event::agent(id, AgentAction::DriftEnded, Level::Low, &message, &context)
    };
    record_all(scratch, (0..count).map(event).collect());
}

/// The same, for events that are made.
pub(crate) fn record_all(scratch: &Scratch, events: Vec<Event>) {
    Journal::open(&scratch.state()).unwrap().append_all(events).unwrap();
}

/// Everything that is in the journal, whatever home it is about.
pub(crate) fn recorded(scratch: &Scratch) -> Vec<Value> {
    let events = Journal::open(&scratch.state()).unwrap().events(&EventFilter::default()).unwrap();
    events.iter().map(|event| serde_json::from_str(&event.document).unwrap()).collect()
}

/// The number of an event.
pub(crate) fn number(event: &Value) -> i64 {
    event["event"]["sequence"].as_i64().unwrap_or_else(|| panic!("no event: {event}"))
}

/// What arrived, held against the journal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub(crate) missing: Vec<i64>,
    pub(crate) foreign: Vec<i64>,
    pub(crate) twice: usize,
    /// Whether each came for the first time after all before it.
    pub(crate) is_in_order: bool,
}

/// Compares what arrived with everything that is in the journal.
pub(crate) fn compare(scratch: &Scratch, arrived: &[i64]) -> Comparison {
    let journal: BTreeSet<i64> = recorded(scratch).iter().map(number).collect();
    let distinct: BTreeSet<i64> = arrived.iter().copied().collect();
    let mut newest = 0;
    let mut is_in_order = true;
    for number in arrived {
        // One that comes again has come before.
        if *number > newest {
            is_in_order &= journal.range(newest + 1..*number).next().is_none();
            newest = *number;
        }
    }
    Comparison {
        missing: journal.difference(&distinct).copied().collect(),
        foreign: distinct.difference(&journal).copied().collect(),
        twice: arrived.len() - distinct.len(),
        is_in_order,
    }
}
