//! Findings: what an event becomes, and that no document, however odd, becomes one that OCSF would not take. The schema
//! itself is asked in `tests/export.rs`.

use super::*;
use crate::model::hidden::is_hidden;
use proptest::prelude::*;

fn found(document: &Value) -> Value {
    let mut line = Vec::new();
    write(document.as_object().unwrap(), &mut line);
    let line = String::from_utf8(line).unwrap();
    assert!(!line.chars().any(is_hidden), "{line:?}");
    serde_json::from_str(&line).unwrap()
}

#[test]
fn a_drift_is_a_finding_that_is_created_updated_and_closed() {
    let mut document = json!({
        "@timestamp": "2026-01-02T03:04:05.678901Z", "message": "It moved.",
        "event": { "id": "e", "kind": "alert", "action": "endpoint-host-changed", "sequence": 7 },
        "rule": { "id": "r", "name": "Moved" }, "threat": { "technique": { "id": ["T1557", "T1195.002", "AML.T0051"] } },
        "mcpwatch": { "level": "high", "drift": { "id": "d" }, "rules": ["r", "s"], "server": "linear" },
        "process": { "pid": 7, "entity_id": "7-1", "parent": { "pid": 6 } },
    });
    let finding = found(&document);
    assert_eq!((&finding["type_uid"], &finding["severity_id"]), (&json!(200_401), &json!(4)));
    assert_eq!((&finding["time"], &finding["is_alert"]), (&json!(1_767_323_045_678_i64), &json!(true)));
    assert_eq!((&finding["finding_info"]["uid"], &finding["metadata"]["uid"]), (&json!("d"), &json!("e")));
    let attacks = &finding["attacks"];
    assert_eq!(
        (&attacks[1]["technique"]["uid"], &attacks[1]["sub_technique"]["uid"]),
        (&json!("T1195"), &json!("T1195.002"))
    );
    assert_eq!(attacks[1]["sub_technique"]["name"], "Compromise Software Supply Chain");
    assert_eq!(attacks[2]["technique"]["uid"], "AML.T0051");
    assert_eq!(finding["actor"]["process"]["parent_process"]["pid"], 6);
    assert_eq!(finding["unmapped"]["mcpwatch"], document["mcpwatch"]);
    document["mcpwatch"]["drift"]["changed"] = json!(true);
    assert_eq!(found(&document)["activity_name"], "Update");
    document["event"] = json!({ "kind": "state", "action": "drift-ended", "duration": 5_000_000 });
    let closed = found(&document);
    assert_eq!(
        (&closed["activity_id"], &closed["status_id"], &closed["duration"]),
        (&json!(3), &json!(4), &json!(5))
    );
}

#[test]
fn what_the_agent_tells_of_itself_is_no_alert() {
    let finding = found(&json!({ "event": { "kind": "state", "action": "agent-started" } }));
    assert_eq!((&finding["activity_id"], &finding["is_alert"]), (&json!(99), &json!(false)));
    assert_eq!(finding["severity_id"], 0);
}

fn odd() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<f32>().prop_map(|number| json!(number)),
        ".{0,9}".prop_map(Value::String),
        Just(json!("2026-01-02T03:04:05Z")),
        Just(json!([])),
        Just(json!({})),
        Just(json!(["T1.2", 7, ""])),
    ];
    let names = prop::sample::select(vec![
        "pid",
        "name",
        "id",
        "parent",
        "user",
        "path",
        "entity_id",
        "port",
        "original",
    ]);
    leaf.prop_recursive(3, 20, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::vec((names.clone(), inner), 0..4).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}

proptest! {
    #[test]
    fn types_are_kept_whatever_a_document_holds(
        process in odd(), file in odd(), url in odd(), host in odd(), event in odd(), tags in odd(), threat in odd(),
    ) {
        let finding = found(&json!({
            "@timestamp": tags.clone(), "process": process, "file": file, "url": url, "host": host, "event": event,
            "tags": tags.clone(), "threat": { "technique": threat }, "rule": tags.clone(), "mcpwatch": { "rules": tags },
        }));
        prop_assert!(finding["time"].is_i64() && finding["finding_info"]["uid"].is_string());
        if let Some(process) = finding["actor"].get("process") {
            prop_assert!(process.get("pid").is_some_and(Value::is_i64) || process.get("uid").is_some_and(Value::is_string));
        }
        for evidence in finding["evidences"].as_array().into_iter().flatten() {
            prop_assert_eq!(evidence.as_object().map(Map::len), Some(1));
        }
    }
}
