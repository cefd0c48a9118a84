//! What was found, in OCSF's words: what kind of message it is, by which rules, with which techniques. Must not know of
//! the things that an event is about.

use super::object::{Object, list, members};
use super::techniques;
use crate::model::event::AgentAction;
use serde_json::{Value, json};

/// OCSF's `analytic.type_id` of a rule.
const RULE: i64 = 1;

/// `activity_id` and its caption: a finding is created, updated or closed, and what the agent tells of itself is none of it.
pub(super) fn activity(event: Object<'_>) -> (i64, &'static str) {
    let is_alert = event.text("event.kind") == Some("alert");
    match event.text("event.action").and_then(|action| action.parse().ok()) {
        Some(AgentAction::DriftEnded) => (3, "Close"),
        _ if event.get("mcpwatch.drift.changed") == Some(&Value::Bool(true)) => (2, "Update"),
        _ if is_alert => (1, "Create"),
        _ => (99, "Other"),
    }
}

/// `action_id` and `disposition_id`: what was done about it.
pub(super) fn disposition(event: Object<'_>) -> (i64, i64) {
    const OBSERVED: i64 = 3;
    const MODIFIED: i64 = 4;
    match event.text("event.action").and_then(|action| action.parse().ok()) {
        Some(AgentAction::ConfigReverted) => (MODIFIED, 11),
        Some(AgentAction::RevertRefused | AgentAction::RevertContested) => (OBSERVED, 13),
        Some(AgentAction::ServerApproved | AgentAction::BaselineCaptured) => (OBSERVED, 8),
        _ if event.text("event.kind") == Some("alert") => (OBSERVED, 19),
        _ => (OBSERVED, 17),
    }
}

pub(super) fn finding_info(event: Object<'_>) -> Value {
    // A finding is the drift, whose id stays while it stands; several events are of one finding.
    let uid = event.value("mcpwatch.drift.id").or_else(|| event.value("event.id"));
    let action = event.text("event.action").unwrap_or("unknown");
    let title = event.text("rule.name").map_or_else(|| action.replace('-', " "), str::to_owned);
    let rest = members([
        ("uid", Some(uid.unwrap_or_else(|| "unknown".into()))),
        ("title", Some(title.into())),
        ("desc", event.value("rule.description").or_else(|| event.value("message"))),
        ("types", Some(json!([action]))),
        ("created_time", event.time("event.created")),
        ("first_seen_time", event.time("mcpwatch.drift.since").or_else(|| event.time("@timestamp"))),
        ("last_seen_time", event.time("@timestamp")),
        ("src_url", event.value("rule.reference")),
        ("analytic", analytic(event)),
        ("attacks", attacks(event)),
        ("data_sources", event.value("mcpwatch.provenance.method").map(|method| json!([method]))),
    ]);
    rest.unwrap_or_default()
}

/// The strongest rule.
fn analytic(event: Object<'_>) -> Option<Value> {
    let (uid, name) = (event.value("rule.id"), event.value("rule.name"));
    uid.as_ref().or(name.as_ref())?;
    let desc = event.value("rule.description");
    members([
        ("type_id", Some(RULE.into())),
        ("type", Some("Rule".into())),
        ("uid", uid),
        ("name", name),
        ("desc", desc),
    ])
}

/// The techniques of MITRE, those below another under it.
pub(super) fn attacks(event: Object<'_>) -> Option<Value> {
    let ids = event.get("threat.technique.id")?.as_array()?.iter().filter_map(Value::as_str);
    // Some readers of findings demand a name, for what only a rule of one's own names too.
    let named = |id: &str| json!({ "uid": id, "name": techniques::name(id).unwrap_or(id) });
    let attack = |id: &str| match id.split_once('.') {
        Some((technique, below)) if below.bytes().all(|byte| byte.is_ascii_digit()) => {
            json!({ "technique": named(technique), "sub_technique": named(id) })
        }
        _ => json!({ "technique": named(id) }),
    };
    list(ids.filter(|id| !id.is_empty()).map(attack).collect())
}

/// What to search for: the field, OCSF's `type_id` of what it names, and where it stands in the finding. Only types that
/// older versions of the schema know as well.
const OBSERVABLES: [(&str, i64, &str, &str); 7] = [
    ("host.name", 1, "Hostname", "device.hostname"),
    ("user.name", 4, "User Name", "resources[].owner.name"),
    ("url.original", 6, "URL String", "evidences[].url.url_string"),
    ("url.domain", 1, "Hostname", "evidences[].url.hostname"),
    ("file.name", 7, "File Name", "evidences[].file.name"),
    ("file.hash.sha256", 8, "Hash", "evidences[].file.hashes[].value"),
    ("process.name", 9, "Process Name", "actor.process.name"),
];

pub(super) fn observables(event: Object<'_>) -> Option<Value> {
    let there = OBSERVABLES.iter().filter_map(|(field, id, caption, name)| {
        Some(json!({ "name": name, "type_id": id, "type": caption, "value": event.text(field)? }))
    });
    list(there.collect())
}
