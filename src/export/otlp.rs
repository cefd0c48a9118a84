//! Events as log records of OpenTelemetry, in the messages of OTLP. Must not know how they travel.
//!
//! The messages are those of `opentelemetry/proto/{collector/logs,logs,common,resource}/v1`, as far as a sender of logs
//! needs them. The crate `opentelemetry-proto` has them all, and brings the SDK and an executor along; so they stand
//! here, and a test reads them back with the official definitions.

pub mod messages;

use self::messages::{
    AnyValue, KeyValue, List, Members, Record, Request, Resource, ResourceLogs, Scope, ScopeLogs, any_value,
};
use super::{PRODUCT, Stored, VERSION};
use crate::model::level::Level;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Deeper than any document. Receivers refuse more than a hundred messages within each other, and each list or object
/// takes up to three.
const DEEPEST: usize = 24;

/// What is said of the machine goes to the resource, under the names that OpenTelemetry has for it.
const OF_THE_MACHINE: [(&str, &str); 4] = [
    ("host.name", "host.name"),
    ("host.id", "host.id"),
    ("host.architecture", "host.arch"),
    ("host.os.type", "os.type"),
];

/// One request with these events, in their order.
pub fn request<'e>(events: impl Iterator<Item = Stored<'e>>) -> Request {
    let mut resource_logs: Vec<ResourceLogs> = Vec::new();
    for event in events {
        let (resource, record) = (resource(event), record(event));
        match resource_logs.last_mut().filter(|last| last.resource.as_ref() == Some(&resource)) {
            Some(last) => last.scope_logs.iter_mut().for_each(|scope| scope.log_records.push(record.clone())),
            None => {
                let scope = Scope { name: PRODUCT.to_owned(), version: VERSION.to_owned() };
                let scope_logs = vec![ScopeLogs { scope: Some(scope), log_records: vec![record] }];
                resource_logs.push(ResourceLogs { resource: Some(resource), scope_logs });
            }
        }
    }
    Request { resource_logs }
}

/// Where it happened, and who tells it.
fn resource(event: Stored<'_>) -> Resource {
    let own = [("service.name", PRODUCT), ("service.version", VERSION)];
    let own = own.into_iter().map(|(key, value)| KeyValue::new(key, text(value)));
    let machine = OF_THE_MACHINE.iter().filter(|(field, _)| !event.text(field).is_empty());
    let machine = machine.map(|(field, key)| KeyValue::new(key, text(event.text(field))));
    Resource { attributes: own.chain(machine).collect() }
}

fn record(event: Stored<'_>) -> Record {
    let level: Level = event.text("mcpwatch.level").parse().unwrap_or(Level::Critical);
    let mut attributes = Vec::new();
    flatten("", event.document, DEEPEST, &mut attributes);
    Record {
        time_unix_nano: nanoseconds(event.text("@timestamp")),
        observed_time_unix_nano: nanoseconds(event.text("event.created")),
        severity_number: severity(level),
        severity_text: level.as_str().to_owned(),
        body: Some(text(event.text("message"))),
        attributes,
        event_name: event.text("event.action").to_owned(),
    }
}

/// Every field by its dotted name, but those that have a place of their own.
fn flatten(prefix: &str, members: &Map<String, Value>, depth: usize, out: &mut Vec<KeyValue>) {
    for (name, value) in members {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Object(inner) if depth > 0 => flatten(&name, inner, depth - 1, out),
            Value::Null => {}
            _ if name == "message" => {}
            value => out.push(KeyValue::new(&name, any(value, depth))),
        }
    }
}

fn any(value: &Value, depth: usize) -> AnyValue {
    let value = match value {
        Value::String(text) => any_value::Value::Text(text.clone()),
        Value::Bool(truth) => any_value::Value::Truth(*truth),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => any_value::Value::Whole(whole),
            None => any_value::Value::Real(number.as_f64().unwrap_or_default()),
        },
        Value::Array(items) if depth > 0 => {
            let values = items.iter().map(|item| any(item, depth - 1)).collect();
            any_value::Value::List(List { values })
        }
        Value::Object(members) if depth > 0 => {
            let members = members.iter().map(|(key, value)| KeyValue::new(key, any(value, depth - 1)));
            any_value::Value::Members(Members { values: members.collect() })
        }
        Value::Null | Value::Array(_) | Value::Object(_) => return AnyValue { value: None },
    };
    AnyValue { value: Some(value) }
}

fn text(text: &str) -> AnyValue {
    AnyValue { value: Some(any_value::Value::Text(text.to_owned())) }
}

/// 0, which means unknown, where it is no time.
fn nanoseconds(time: &str) -> u64 {
    let time = time.parse::<Timestamp>().map(Timestamp::as_nanosecond);
    time.ok().and_then(|nanoseconds| u64::try_from(nanoseconds).ok()).unwrap_or(0)
}

/// `SeverityNumber`: INFO, INFO2, WARN, ERROR, FATAL.
fn severity(level: Level) -> i32 {
    match level {
        Level::Informational => 9,
        Level::Low => 10,
        Level::Medium => 13,
        Level::High => 17,
        Level::Critical => 21,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use prost::Message as _;
    use serde_json::json;

    fn sent(document: &Value) -> Request {
        let text = document.to_string();
        let stored = Stored { document: document.as_object().unwrap(), text: &text };
        let bytes = request([stored, stored].into_iter()).encode_to_vec();
        Request::decode(bytes.as_slice()).unwrap()
    }

    #[test]
    fn a_record_says_when_how_bad_what_and_all_else() {
        let request = sent(&json!({
            "@timestamp": "2026-01-02T03:04:05.000006Z", "message": "It happened.",
            "event": {"action": "agent-gap", "sequence": 7}, "host": {"name": "box", "os": {"type": "linux"}},
            "mcpwatch": {"level": "high", "list": [{"a": [1, null]}], "none": null, "ok": true, "part": 0.5},
        }));
        let [logs] = request.resource_logs.as_slice() else { panic!("one machine") };
        let attributes = |attributes: &[KeyValue]| -> Vec<String> {
            attributes.iter().map(|attribute| attribute.key.clone()).collect()
        };
        let machine = attributes(&logs.resource.as_ref().unwrap().attributes);
        assert_eq!(machine, ["service.name", "service.version", "host.name", "os.type"]);
        let records = &logs.scope_logs[0].log_records;
        assert_eq!(records.len(), 2);
        let record = &records[0];
        assert_eq!(record.time_unix_nano, 1_767_323_045_000_006_000);
        assert_eq!((record.severity_number, record.severity_text.as_str()), (17, "high"));
        assert_eq!((&record.body, record.event_name.as_str()), (&Some(text("It happened.")), "agent-gap"));
        let names = attributes(&record.attributes);
        for name in ["@timestamp", "event.sequence", "host.os.type", "mcpwatch.list", "mcpwatch.ok"] {
            assert!(names.contains(&name.to_owned()), "{name} in {names:?}");
        }
        assert!(!names.contains(&"mcpwatch.none".to_owned()) && !names.contains(&"message".to_owned()));
    }

    #[test]
    fn events_of_two_machines_do_not_mix() {
        let one = json!({"host": {"name": "a"}});
        let other = json!({"host": {"name": "b"}});
        let stored = |value: &'static Value| Stored { document: value.as_object().unwrap(), text: "" };
        let (one, other): (&'static Value, &'static Value) = (Box::leak(one.into()), Box::leak(other.into()));
        let request = request([stored(one), stored(other), stored(one)].into_iter());
        assert_eq!(request.resource_logs.len(), 3, "in their order");
    }

    #[test]
    fn what_is_strange_is_sent_all_the_same() {
        let mut deep = json!(1);
        for _ in 0..200 {
            deep = json!({ "a": [deep] });
        }
        let request = sent(&json!({"@timestamp": "soon", "mcpwatch": deep, "event": 7, "message": null}));
        let record = &request.resource_logs[0].scope_logs[0].log_records[0];
        assert_eq!((record.time_unix_nano, record.severity_number), (0, 21));
    }
}
