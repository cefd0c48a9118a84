//! How the level follows from who did it: a step up when a package install did, a step down when a person did, with
//! the client's own command, and for the record only what a person answered in the client's dialogs. Must not know
//! any rule.

use super::dialog::is_answer_to_a_dialog;
use crate::model::event::Event;
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::provenance::{Actor, Confidence};
use serde_json::Value;

/// What a person's own command may lower: nothing by which another host is contacted or another program run, since
/// a client that was made to do it looks like one that was asked to.
const LOWERED: &[DriftKind] = &[
    DriftKind::ServerAdded,
    DriftKind::ServerRemoved,
    DriftKind::EndpointPathChanged,
    DriftKind::HeadersChanged,
    DriftKind::OauthScopesChanged,
    DriftKind::OauthScopesWidened,
    DriftKind::OauthClientChanged,
    DriftKind::OauthCallbackChanged,
    DriftKind::FieldChanged,
    DriftKind::ApprovalWidened,
    DriftKind::TrustGranted,
];

/// The level, given who did it.
pub(super) fn by_provenance(level: Level, event: &Event) -> Level {
    let word = |field: &str| event.text(field).unwrap_or_default();
    let actor = word("mcpwatch.provenance.actor");
    let install = word("mcpwatch.provenance.install.confidence");
    let is_sure = |word: &str| word == Confidence::Likely.as_str() || word == Confidence::Proven.as_str();
    if actor == Actor::Install.as_str() && is_sure(install) {
        return neighbour(level, 1);
    }
    let is_proven = word("mcpwatch.provenance.confidence") == Confidence::Proven.as_str();
    let is_client = is_proven && actor == Actor::Client.as_str() && is_alone(event);
    let is_raised = Some(level.as_str()) != event.text("mcpwatch.drift.level");
    if is_client && !is_raised && is_answer_to_a_dialog(event) {
        return Level::Informational;
    }
    let is_lowered = event.action().parse().is_ok_and(|kind: DriftKind| LOWERED.contains(&kind));
    if is_lowered && is_client && is_persons_command(event) {
        return neighbour(level, -1);
    }
    level
}

/// Whether nobody else wrote the file between two of our readings: it could be their change that the client kept.
fn is_alone(event: &Event) -> bool {
    let writer = event.get("process.entity_id");
    let others = event.get("mcpwatch.provenance.other_writers").and_then(Value::as_array);
    others.into_iter().flatten().all(|other| writer.is_some() && other.get("entity_id") == writer)
}

/// `claude mcp …` typed at a terminal. An interactive session is no such thing: in it the model may write too.
fn is_persons_command(event: &Event) -> bool {
    let is_interactive = event.get("process.interactive").and_then(Value::as_bool) == Some(true);
    let arguments = event.get("process.args").and_then(Value::as_array);
    let first = arguments
        .into_iter()
        .flatten()
        .skip(1)
        .filter_map(Value::as_str)
        // The client may be a script that an engine runs.
        .find(|argument| !argument.starts_with('-') && !argument.contains('/'));
    is_interactive && first == Some("mcp")
}

fn neighbour(level: Level, steps: isize) -> Level {
    let at = Level::ALL.iter().position(|one| *one == level).unwrap_or_default();
    at.checked_add_signed(steps).and_then(|at| Level::ALL.get(at)).copied().unwrap_or(level)
}
