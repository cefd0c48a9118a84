//! Events for the tests of the sinks.

use crate::model::digest::Key;
use crate::model::event::{AgentAction, Context, Event, HostFacts};
use crate::model::level::Level;
use crate::model::outgoing::Outgoing;
use jiff::Timestamp;

/// An event of that number.
pub(crate) fn outgoing(sequence: i64) -> Outgoing {
    saying(sequence, "It happened.")
}

/// An event of that number that says so.
pub(crate) fn saying(sequence: i64, message: &str) -> Outgoing {
    let host = HostFacts { name: "box".into(), ..HostFacts::default() };
    let key = Key::from_bytes([0; 32]);
    let context = Context { time: Timestamp::UNIX_EPOCH, host: &host, home: None, user: None, key: &key };
    let id = format!("id-{sequence}");
    let mut event = Event::agent(id, AgentAction::AgentGap, Level::Medium, message, &context);
    event.set("event.sequence", sequence);
    let document = serde_json::to_string(event.document()).unwrap_or_default();
    Outgoing { sequence, event, document }
}
