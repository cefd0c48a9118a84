//! Findings against OCSF: strictly against its own schema, and, where it is installed, with the models that others
//! build on.

use crate::corpus::documents;
use mcpwatch::export::{Format, Stored};
use mcpwatch::rules::Rules;
use serde_json::{Map, Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// The class and the objects that are used, from the schema's own export.
const SCHEMA: &str = include_str!("../schemas/ocsf-1.8.0.json");

fn findings() -> Vec<Value> {
    let mut findings = Vec::new();
    for (document, text) in documents() {
        let mut line = Vec::new();
        Format::Ocsf.write(Stored { document, text }, &mut line);
        findings.push(serde_json::from_slice(&line).unwrap());
    }
    findings
}

/// A reader of the schema.
struct Schema {
    schema: Value,
    profiles: Vec<String>,
}

impl Schema {
    fn object(&self, path: &str, value: &Map<String, Value>, kind: &Value, faults: &mut Vec<String>) {
        let attributes = kind["attributes"].as_object().unwrap();
        let is_on = |attribute: &Value| {
            attribute["profile"].as_str().is_none_or(|profile| self.profiles.iter().any(|on| on == profile))
        };
        for (name, attribute) in attributes {
            if attribute["required"] == true && is_on(attribute) && !value.contains_key(name) {
                faults.push(format!("{path}.{name} is missing"));
            }
        }
        for (name, value) in value {
            let path = format!("{path}.{name}");
            match attributes.get(name) {
                None => faults.push(format!("{path} is unknown")),
                Some(attribute) if !is_on(attribute) => {
                    faults.push(format!("{path} needs {}", attribute["profile"]))
                }
                Some(attribute) if attribute["deprecated"] == true => {
                    faults.push(format!("{path} is deprecated"))
                }
                Some(attribute) if attribute["list"] == true => match value.as_array() {
                    Some(items) => items.iter().for_each(|item| self.value(&path, item, attribute, faults)),
                    None => faults.push(format!("{path} is no list")),
                },
                Some(attribute) => self.value(&path, value, attribute, faults),
            }
        }
        for (constraint, names) in kind["constraints"].as_object().into_iter().flatten() {
            let there = names
                .as_array()
                .unwrap()
                .iter()
                .filter(|name| value.contains_key(name.as_str().unwrap()))
                .count();
            if (constraint == "at_least_one" && there == 0) || (constraint == "just_one" && there != 1) {
                faults.push(format!("{path}: {constraint} of {names}"));
            }
        }
    }

    fn value(&self, path: &str, value: &Value, attribute: &Value, faults: &mut Vec<String>) {
        if let Some(object) = attribute["object"].as_str() {
            let kind = &self.schema["objects"][object];
            match value {
                Value::Object(_) if object == "object" => {}
                Value::Object(value) if kind.is_object() => self.object(path, value, kind, faults),
                _ => faults
                    .push(format!("{path} is no {object}, or that is not among the objects of the test")),
            }
            return;
        }
        let fits = match attribute["type"].as_str().unwrap() {
            "integer_t" | "long_t" => value.is_i64(),
            "string_t" => value.is_string(),
            "boolean_t" => value.is_boolean(),
            "json_t" => true,
            other => panic!("{path}: {other}"),
        };
        if !fits {
            faults.push(format!("{path} is {value} and should be {}", attribute["type"]));
        }
        if let Some(allowed) = attribute["enum"].as_array()
            && let number = value.to_string()
            && !allowed.iter().any(|one| one.as_str() == Some(&number))
        {
            faults.push(format!("{path} is {value}, none of {allowed:?}"));
        }
    }
}

#[test]
fn every_finding_keeps_to_the_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    for finding in findings() {
        let profiles = finding["metadata"]["profiles"].as_array().unwrap();
        let profiles = profiles.iter().map(|profile| profile.as_str().unwrap().to_owned()).collect();
        let schema = Schema { schema: schema.clone(), profiles };
        let mut faults = Vec::new();
        schema.object("$", finding.as_object().unwrap(), &schema.schema["class"], &mut faults);
        assert_eq!(faults, Vec::<String>::new(), "{finding:#}");
        let sum = finding["class_uid"].as_i64().unwrap() * 100 + finding["activity_id"].as_i64().unwrap();
        assert_eq!(finding["type_uid"], sum);
    }
}

#[test]
fn a_fault_is_found() {
    let schema = Schema { schema: serde_json::from_str(SCHEMA).unwrap(), profiles: vec!["host".into()] };
    let mut finding = findings().swap_remove(0);
    finding["severity_id"] = 7.into();
    finding["time"] = "now".into();
    finding["nothing"] = 1.into();
    finding["finding_info"].as_object_mut().unwrap().remove("uid");
    let mut faults = Vec::new();
    schema.object("$", finding.as_object().unwrap(), &schema.schema["class"], &mut faults);
    for expected in [
        "$.severity_id is 7",
        "$.time is \"now\"",
        "$.nothing is unknown",
        "$.finding_info.uid is missing",
        "needs \"security_control\"",
    ] {
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}: {faults:#?}");
    }
}

#[test]
fn the_models_that_others_build_on_take_every_finding() {
    let Some(python) = std::env::var_os("MCPWATCH_OCSF_PYTHON") else {
        eprintln!("did not run: py-ocsf-models is not installed (tests/run installs it)");
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/export/ocsf_models.py");
    let mut models =
        Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = models.stdin.take().unwrap();
    let lines: String = findings().iter().map(|finding| format!("{finding}\n")).collect();
    input.write_all(lines.as_bytes()).unwrap();
    drop(input);
    let output = models.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.starts_with(&format!("{} findings", findings().len())), "{said}");
}

#[test]
fn techniques_that_shipped_rules_name_have_their_names() {
    let rules = Rules::load(Rules::shipped_sources());
    let mut ids: Vec<String> = rules.rules().iter().flat_map(mcpwatch::rules::Rule::techniques).collect();
    ids.sort_unstable();
    ids.dedup();
    assert!(ids.len() > 20);
    let document = json!({ "threat": { "technique": { "id": ids } } });
    let mut line = Vec::new();
    let text = document.to_string();
    Format::Ocsf.write(Stored { document: document.as_object().unwrap(), text: &text }, &mut line);
    let finding: Value = serde_json::from_slice(&line).unwrap();
    for attack in finding["attacks"].as_array().unwrap() {
        for technique in attack.as_object().unwrap().values() {
            assert_ne!(technique["name"], technique["uid"]);
        }
    }
}
