//! The journal from outside: what it keeps, what it refuses, and what it never lets out.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests look at the files from outside"
)]

#[path = "journal/chaining.rs"]
mod chaining;
#[path = "journal/columns.rs"]
mod columns;
#[path = "journal/delivering.rs"]
mod delivering;
#[path = "journal/keeping.rs"]
mod keeping;
#[path = "journal/refusing.rs"]
mod refusing;
#[path = "journal/sharing.rs"]
mod sharing;
#[path = "journal/trimming.rs"]
mod trimming;

use jiff::Timestamp;
use mcpwatch::journal::NewApproval;
use mcpwatch::model::digest::Key;
use mcpwatch::model::event::{AgentAction, Context, Event, HostFacts};
use mcpwatch::model::level::Level;
use mcpwatch::model::secret::Secret;
use mcpwatch::model::subject::Subject;
use mcpwatch::model::surface::Scope;
use mcpwatch::model::text::Text;
use mcpwatch::model::value::{Members, Value};
use std::path::PathBuf;

/// What must never be found in a file.
const CANARY: &str = "c4n4ry-t0ken-7f3e";

fn time(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_000_000 + second).unwrap()
}

fn state() -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let state = root.path().join("state");
    (root, state)
}

fn event(id: &str, action: AgentAction, level: Level, second: i64) -> Event {
    let host = HostFacts { name: "box".into(), ..HostFacts::default() };
    let key = Key::from_bytes([0; 32]);
    let context = Context { time: time(second), host: &host, home: None, user: None, key: &key };
    Event::agent(id.into(), action, level, "It happened.", &context)
}

fn approval(name: &str) -> NewApproval {
    let mut header = Text::plain("Bearer ");
    header.push_secret(CANARY);
    let headers = Value::Object(Members::from_iter([("Authorization".into(), Value::Text(header))]));
    NewApproval {
        subject: Subject::Server { scope: Scope::User, project: None, name: name.into() },
        content: Value::Object(Members::from_iter([
            ("url".into(), Value::plain("https://mcp.linear.app/mcp")),
            ("headers".into(), headers),
            ("timeout".into(), Value::Number(0.1)),
        ])),
        raw: Secret::new(format!("{{\"headers\":{{\"Authorization\":\"Bearer {CANARY}\"}}}}")),
        file: PathBuf::from("/home/u/.claude.json"),
        by: "u".into(),
        uid: Some(1000),
        reason: None,
        expires: None,
        event: None,
    }
}
