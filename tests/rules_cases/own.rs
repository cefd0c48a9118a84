//! Rules of one's own and exceptions, through the real binary.

use super::shipped::leaves;
use super::support::{Scratch, wait_until};
use mcpwatch::rules::fields;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

const HOME: &str = r#"{"mcpServers":{"linear":{"type":"http","url":"https://mcp.linear.app/mcp"}}}"#;
const MOVED: &str = r#"{"mcpServers":{"linear":{"type":"http","url":"https://mcp.evil.test/mcp"}}}"#;
const PORT: &str = r#"{"mcpServers":{"linear":{"type":"http","url":"https://mcp.linear.app:8443/mcp"}}}"#;
const ID: &str = "0b1f3a52-6a04-4f0a-9f34-27f0f0b5a001";

const RULE: &str = "title: Any other port\nid: 0b1f3a52-6a04-4f0a-9f34-27f0f0b5a001\nlogsource:\n  product: mcpwatch\ndetection:\n  selection:\n    event.action: endpoint-port-changed\n  condition: selection\nlevel: critical\n";
const EXCEPTION: &str = "title: Our staging\nid: 0b1f3a52-6a04-4f0a-9f34-27f0f0b5a0ff\nlogsource:\n  product: mcpwatch\nfilter:\n  rules: any\n  selection:\n    mcpwatch.server: linear\n  condition: not selection\n";

fn captured() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(".claude.json", HOME);
    scratch.expect(0, &["baseline", "capture"]);
    scratch
}

/// A directory that only its owner can write, with a file in it.
fn dir(scratch: &Scratch, name: &str) -> PathBuf {
    let dir = scratch.path(name);
    fs::create_dir_all(&dir).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

fn put(dir: &std::path::Path, name: &str, text: &str) {
    let beside = dir.join(format!(".{name}"));
    fs::write(&beside, text).unwrap();
    fs::set_permissions(&beside, fs::Permissions::from_mode(0o644)).unwrap();
    fs::rename(beside, dir.join(name)).unwrap();
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn the_commands_answer() {
    let scratch = Scratch::new();
    let list = json(&scratch.expect(0, &["rules", "list", "--format", "json"]));
    assert!(list["rules"].as_array().unwrap().len() >= 50);
    assert_eq!(list["problems"], Value::Array(vec![]));
    assert!(scratch.expect(0, &["rules", "list"]).contains("install-redirects-endpoint"));
    assert!(scratch.expect(0, &["rules", "check"]).contains("0 problems"));
    let tested = json(&scratch.expect(0, &["rules", "test", "--format", "json"]));
    assert_eq!((&tested["failures"], &tested["untested"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    let explained = scratch.expect(0, &["rules", "explain", "install-redirects-endpoint"]);
    assert!(explained.contains("T1195") || explained.contains("t1195"), "{explained}");
    let id = list["rules"][0]["id"].as_str().unwrap();
    assert!(scratch.expect(0, &["rules", "explain", id]).contains(id));
    assert!(scratch.expect(0, &["rules", "explain", "hook-changed"]).contains("What to do"));
    scratch.expect(2, &["rules", "explain", "nonesuch"]);
}

#[test]
fn rules_of_ones_own_are_in_force_beside_the_shipped() {
    let scratch = captured();
    let rules = dir(&scratch, "rules");
    put(&rules, "port.yml", RULE);
    put(&rules, "broken.yml", "title: x\nlogsource:\n  product: mcpwatch\n  bad");
    put(&rules, "notes.txt", "not a rule");
    let rules = rules.to_str().unwrap().to_owned();
    scratch.write(".claude.json", PORT);
    let diff = scratch.run(&["--rules", &rules, "diff", "--format", "json"]);
    let diff: Value = serde_json::from_slice(&diff.stdout).unwrap();
    let named = diff["drifts"][0]["rules"].as_array().unwrap();
    assert_eq!((named[0].as_str(), named.len()), (Some(ID), 2), "{diff}");
    let check = scratch.expect(2, &["--rules", &rules, "rules", "check"]);
    assert!(check.contains("broken.yml:4:") && check.contains("1 problem"), "{check}");
    let doctor = scratch.run(&["--rules", &rules, "doctor"]);
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("broken.yml"));
    let list = json(&scratch.expect(0, &["--rules", &rules, "rules", "list", "--format", "json"]));
    assert!(list["rules"].as_array().unwrap().iter().any(|rule| rule["id"] == ID && rule["origin"] == "own"));
    fs::set_permissions(&rules, fs::Permissions::from_mode(0o777)).unwrap();
    let check = scratch.expect(2, &["--rules", &rules, "rules", "check"]);
    assert!(check.contains("chmod go-w"), "{check}");
}

#[test]
fn the_configuration_chooses_rules_and_exceptions() {
    let scratch = captured();
    let (rules, exceptions) = (dir(&scratch, "rules"), dir(&scratch, "exceptions"));
    put(&rules, "port.yml", RULE);
    put(&exceptions, "staging.yml", EXCEPTION);
    let config = scratch.path("config.toml");
    let text = |shipped: bool| {
        format!("shipped_rules = {shipped}\nrules = [{rules:?}]\nexceptions = [{exceptions:?}]\n")
    };
    fs::write(&config, text(false)).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o644)).unwrap();
    let with = ["--config", config.to_str().unwrap()];
    let list = json(&scratch.expect(0, &[&with[..], &["rules", "list", "--format", "json"]].concat()));
    assert_eq!(
        (list["rules"].as_array().unwrap().len(), list["exceptions"].as_array().unwrap().len()),
        (1, 1)
    );
    fs::write(&config, text(true)).unwrap();
    scratch.write(".claude.json", PORT);
    let diff = scratch.run(&[&with[..], &["diff", "--format", "json"]].concat());
    let diff: Value = serde_json::from_slice(&diff.stdout).unwrap();
    assert_eq!(diff["drifts"][0]["rules"], Value::Array(vec![]), "excepted");
}

#[test]
fn own_examples_are_tried() {
    let scratch = Scratch::new();
    let rules = dir(&scratch, "rules");
    put(&rules, "port.yml", RULE);
    let examples = rules.join("tests/port");
    fs::create_dir_all(&examples).unwrap();
    let event = |action: &str| format!(r#"{{"event":{{"action":"{action}"}}}}"#);
    fs::write(examples.join("match-port.json"), event("endpoint-port-changed")).unwrap();
    fs::write(examples.join("near-host.json"), event("endpoint-host-changed")).unwrap();
    let rules = rules.to_str().unwrap().to_owned();
    scratch.expect(0, &["--rules", &rules, "rules", "test"]);
    fs::write(examples.join("near-host.json"), event("endpoint-port-changed")).unwrap();
    assert!(scratch.expect(1, &["--rules", &rules, "rules", "test"]).contains("near-host.json"));
}

#[test]
fn the_agent_judges_by_rules_and_reads_them_anew() {
    let scratch = captured();
    let rules = dir(&scratch, "rules");
    put(&rules, "broken.yml", "title: [");
    let mut command = scratch.command();
    command.args(["--rules", rules.to_str().unwrap(), "watch", "--format", "json"]);
    let mut watch = scratch.start(command);
    let rejected =
        watch.event_where("of the broken rule", |event| event["event"]["action"] == "rule-rejected");
    assert!(rejected["message"].as_str().unwrap().contains("broken.yml, line "), "{rejected}");

    scratch.write(".claude.json", MOVED);
    let told = watch.event_where("of the host", |event| event["event"]["action"] == "endpoint-host-changed");
    assert_eq!(told["rule"]["ruleset"], "endpoint-moved");
    assert_eq!(told["mcpwatch"]["level"], "high");
    assert_eq!(told["mcpwatch"]["drift"]["level"], "high");
    assert!(told["threat"]["technique"]["id"].as_array().unwrap().contains(&"T1557".into()));
    assert!(told["tags"].as_array().unwrap().contains(&"owasp-mcp.mcp09".into()));

    // A rule that comes while it runs is in force without a word.
    put(&rules, "port.yml", RULE);
    let list = || {
        scratch.write(".claude.json", PORT);
        scratch.write(".claude.json", HOME);
        let ports = |event: &Value| event["event"]["action"] == "endpoint-port-changed";
        scratch
            .events()
            .iter()
            .rfind(|event| ports(event))
            .is_some_and(|event| event["mcpwatch"]["level"] == "critical")
    };
    wait_until("the new rule counts", list);
    watch.signal("HUP");
    watch.event_where("of the reload", |event| event["event"]["action"] == "agent-reloaded");
    assert_eq!(scratch.count("rule-rejected"), 1, "the same reason is said once");
    put(&rules, "broken.yml", "title: x");
    wait_until("the other reason is said", || scratch.count("rule-rejected") == 2);

    // One that breaks while it is in force stays in force as it was.
    put(&rules, "port.yml", "title: [");
    wait_until("the reason of the third is said", || scratch.count("rule-rejected") == 3);
    let before = scratch.count("endpoint-port-changed");
    scratch.write(".claude.json", HOME);
    scratch.write(".claude.json", PORT);
    wait_until("the port is told once more", || scratch.count("endpoint-port-changed") > before);
    assert!(list(), "the last event is as grave as the rule said before it broke");

    for event in scratch.events() {
        for field in leaves(&event, "") {
            assert!(fields::may_stand_in_a_document(&field), "{field} in {}", event["event"]["action"]);
        }
    }
    assert_eq!(watch.stop("TERM").0, Some(0));
}

const CAME_BACK: &str = "title: It came back\nid: 0b1f3a52-6a04-4f0a-9f34-27f0f0b5a002\nlogsource:\n  product: mcpwatch\ndetection:\n  selection:\n    mcpwatch.history.since_revert_seconds|lte: 86400\n  condition: selection\nlevel: critical\n";

#[test]
fn a_rule_knows_what_was_put_right_before_across_restarts() {
    let scratch = captured();
    let rules = dir(&scratch, "rules");
    put(&rules, "came-back.yml", CAME_BACK);
    let config = scratch.path("config.toml");
    fs::write(&config, format!("shipped_rules = false\nrules = [{rules:?}]\n")).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o644)).unwrap();
    let start = || {
        let mut command = scratch.command();
        command.arg("--config").arg(&config).args(["watch", "--format", "json"]);
        scratch.start(command)
    };
    let is_of = |event: &Value, action: &str| event["event"]["action"] == action;
    let mut watch = start();
    scratch.write(".claude.json", MOVED);
    let first = watch.event_where("the drift", |event| is_of(event, "endpoint-host-changed"));
    assert!(first["mcpwatch"]["history"].is_null() && first["mcpwatch"]["level"] == "high", "{first}");
    // By another process: the agent learns of it from the journal.
    scratch.expect(0, &["revert", "linear"]);
    watch.event_where("its end", |event| is_of(event, "drift-ended"));
    scratch.write(".claude.json", MOVED);
    let again = watch.event_where("the drift again", |event| {
        is_of(event, "endpoint-host-changed") && event["event"]["id"] != first["event"]["id"]
    });
    let reverted = scratch.events().into_iter().find(|event| is_of(event, "config-reverted")).unwrap();
    let history = &again["mcpwatch"]["history"];
    assert_eq!((history["reverts"].as_i64(), &again["mcpwatch"]["level"]), (Some(1), &"critical".into()));
    assert_eq!(history["events"], serde_json::json!([reverted["event"]["id"]]));
    let diff = scratch.run(&["diff"]);
    let told = String::from_utf8_lossy(&diff.stdout).contains("told as critical, rule came-back");
    assert!(told, "{}", String::from_utf8_lossy(&diff.stdout));
    scratch.expect(0, &["revert", "linear"]);
    watch.event_where("its end again", |event| {
        is_of(event, "drift-ended") && event["mcpwatch"]["drift"]["event"] == again["event"]["id"]
    });
    assert_eq!(watch.stop("TERM").0, Some(0));
    let mut watch = start();
    scratch.write(".claude.json", MOVED);
    let later = watch.event_where("it once more", |event| is_of(event, "endpoint-host-changed"));
    assert_eq!(later["mcpwatch"]["history"]["reverts"], 2, "{later}");
    assert_eq!(watch.stop("TERM").0, Some(0));
}
