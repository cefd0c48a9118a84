//! Whatever else a document says, field by field: nothing of it is left out because nobody thought of it. Knows
//! nothing of what the fields mean.

use serde_json::{Map, Value};

/// Fields that are the same for every event, or that are shown in their own place.
const SHOWN_ELSEWHERE: [&str; 37] = [
    "@timestamp",
    "ecs.version",
    "message",
    "event.id",
    "event.kind",
    "event.action",
    "event.module",
    "event.dataset",
    "event.category",
    "event.type",
    "event.created",
    "event.sequence",
    "event.severity",
    "file.path",
    "file.name",
    "file.directory",
    "host.name",
    "host.hostname",
    "host.id",
    "host.architecture",
    "host.os.type",
    "host.os.kernel",
    "user.id",
    "user.name",
    "mcpwatch.home",
    "mcpwatch.level",
    "mcpwatch.client",
    "mcpwatch.scope",
    "mcpwatch.project",
    "mcpwatch.server",
    "mcpwatch.drift.field",
    "mcpwatch.drift.expected",
    "mcpwatch.drift.observed",
    "mcpwatch.drift.source",
    "mcpwatch.drift.baseline",
    "mcpwatch.chain.hash",
    "mcpwatch.chain.previous",
];

/// The rest of the document: dotted names and values, in the order of the document. Who did it is not among them.
pub(super) fn rest(document: &Map<String, Value>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, value) in document {
        collect(name.clone(), value, &mut found);
    }
    found.retain(|(name, _)| !SHOWN_ELSEWHERE.contains(&name.as_str()));
    found
}

fn collect(name: String, value: &Value, found: &mut Vec<(String, String)>) {
    match value {
        // Told by itself.
        Value::Object(_) if matches!(name.as_str(), "process" | "mcpwatch.provenance") => {}
        Value::Object(members) => {
            members.iter().for_each(|(member, value)| collect(format!("{name}.{member}"), value, found));
        }
        Value::Null => {}
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            found.push((name, items.iter().map(word).collect::<Vec<_>>().join(", ")));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| collect(format!("{name}[{at}]"), item, found));
        }
        leaf => found.push((name, word(leaf))),
    }
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_nobody_thought_of_is_there_too() {
        let document = json!({
            "message": "m",
            "package": {"name": "left-pad", "version": "1.0.0"},
            "mcpwatch": {"level": "low", "provenance": {"method": "kernel"},
                "other": {"list": [{"pid": 1}], "none": null}},
            "threat": {"technique": {"id": ["T1565", "T1195"]}},
            "process": {"pid": 7, "command_line": "node x.js", "parent": {"pid": 6, "name": "npm"}},
        });
        let document = document.as_object().unwrap();
        let shown: Vec<String> =
            rest(document).into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            shown,
            [
                "mcpwatch.other.list[0].pid=1",
                "package.name=left-pad",
                "package.version=1.0.0",
                "threat.technique.id=T1565, T1195",
            ]
        );
    }
}
