//! Detection Findings as the Open Cybersecurity Schema Framework has them: class 2004 of version 1.8, with the profiles
//! `host` and `security_control`. Must not know how lines travel.
//!
//! What the class has no place for stands in `unmapped`, so that nothing of an event is lost.

mod finding;
mod object;
mod techniques;
mod things;

use self::finding::{activity, attacks, disposition, finding_info, observables};
use self::object::Object;
use self::things::{actor, device, evidences, resources};
use super::{PRODUCT, VERSION, json_text};
use crate::model::level::Level;
use serde_json::{Map, Value, json};

/// The version of the schema.
const SCHEMA: &str = "1.8.0";

/// Findings, and of them Detection Findings.
const CATEGORY: i64 = 2;
const CLASS: i64 = 2004;

/// Appends the event as a Detection Finding.
pub(super) fn write(document: &Map<String, Value>, out: &mut Vec<u8>) {
    json_text::visible(&json_text::of(&detection(Object(document))), out);
}

fn detection(event: Object<'_>) -> Map<String, Value> {
    let (activity, activity_name) = activity(event);
    let (severity, severity_name) = severity(event.text("mcpwatch.level"));
    let (action, disposition) = disposition(event);
    let is_alert = event.text("event.kind") == Some("alert");
    let mut finding = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            finding.insert(name.to_owned(), value);
        }
    };
    put("class_uid", Some(CLASS.into()));
    put("class_name", Some("Detection Finding".into()));
    put("category_uid", Some(CATEGORY.into()));
    put("category_name", Some("Findings".into()));
    put("activity_id", Some(activity.into()));
    put("activity_name", Some(activity_name.into()));
    put("type_uid", Some((CLASS * 100 + activity).into()));
    put("type_name", Some(format!("Detection Finding: {activity_name}").into()));
    put("severity_id", Some(severity.into()));
    put("severity", Some(severity_name.into()));
    put("time", Some(event.time("@timestamp").unwrap_or_else(|| json!(0))));
    put("start_time", event.time("mcpwatch.drift.since").or_else(|| event.time("event.start")));
    put("end_time", event.time("event.end"));
    let nanoseconds = event.get("event.duration").and_then(Value::as_u64);
    put("duration", nanoseconds.map(|nanoseconds| (nanoseconds / 1_000_000).into()));
    put("message", event.value("message"));
    put("status_id", (is_alert || activity == 3).then(|| if activity == 3 { 4 } else { 1 }.into()));
    put("is_alert", Some(is_alert.into()));
    put("action_id", Some(action.into()));
    put("disposition_id", Some(disposition.into()));
    put("metadata", Some(metadata(event)));
    put("finding_info", Some(finding_info(event)));
    put("attacks", attacks(event));
    put("device", device(event));
    put("actor", actor(event));
    put("evidences", evidences(event));
    put("resources", resources(event));
    put("observables", observables(event));
    put("unmapped", Some(unmapped(event)));
    finding
}

fn metadata(event: Object<'_>) -> Value {
    let mut metadata = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            metadata.insert(name.to_owned(), value);
        }
    };
    put("version", Some(SCHEMA.into()));
    put("product", Some(json!({ "name": PRODUCT, "vendor_name": PRODUCT, "version": VERSION })));
    put("profiles", Some(json!(["host", "security_control"])));
    put("uid", event.value("event.id"));
    put("event_code", event.value("event.action"));
    put("sequence", event.get("event.sequence").and_then(Value::as_i64).map(Value::from));
    put("log_name", event.value("event.dataset"));
    put("original_time", event.value("@timestamp"));
    put("logged_time", event.time("event.created"));
    put("correlation_uid", event.value("mcpwatch.drift.id"));
    put("labels", event.texts("tags"));
    Value::Object(metadata)
}

/// What stands nowhere else: all of `mcpwatch`, with the place in the chain, and the fields of the schema's objects that
/// the class has no place for.
fn unmapped(event: Object<'_>) -> Value {
    let kept = ["mcpwatch", "package", "ecs", "file", "event", "rule"];
    let members = kept.iter().filter_map(|name| Some(((*name).to_owned(), event.0.get(*name)?.clone())));
    Value::Object(members.collect())
}

fn severity(level: Option<&str>) -> (i64, &'static str) {
    match level.and_then(|level| level.parse().ok()) {
        Some(Level::Informational) => (1, "Informational"),
        Some(Level::Low) => (2, "Low"),
        Some(Level::Medium) => (3, "Medium"),
        Some(Level::High) => (4, "High"),
        Some(Level::Critical) => (5, "Critical"),
        None => (0, "Unknown"),
    }
}

#[cfg(test)]
mod tests;
