//! Accepting and taking back: what is named is accepted, nothing else, and what a template rules is not.

use super::{HOME, captured, refusal};
use crate::support::Scratch;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

fn with_template(text: &str) -> (Scratch, String) {
    let scratch = captured();
    let dir = scratch.path("baselines");
    fs::create_dir(&dir).unwrap();
    fs::set_permissions(&dir, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(dir.join("acme.json"), text).unwrap();
    let dir = dir.to_str().unwrap().to_owned();
    (scratch, dir)
}

#[test]
fn a_name_in_two_scopes_is_not_guessed_at() {
    let scratch = captured();
    let project = scratch.home().join("app");
    fs::create_dir(&project).unwrap();
    let both = HOME.replace("mcp.linear.app", "mcp2.linear.app").replacen(
        '{',
        &format!(
            "{{\"projects\":{{{project:?}:{{\"mcpServers\":{{\"linear\":{{\"command\":\"/bin/true\"}}}}}}}},"
        ),
        1,
    );
    scratch.write(".claude.json", &both);
    let said = refusal(&scratch, 2, &["approve", "linear"]);
    assert!(said.contains("--scope user") && said.contains("--scope local --project ~/app"), "{said}");
    scratch.expect(0, &["approve", "linear", "--scope", "user"]);
    assert_eq!(scratch.expect(0, &["diff", "db"]).lines().count(), 1);
    assert!(scratch.drifts().iter().all(|drift| drift.starts_with("server-")), "the local one still stands");
    scratch.expect(0, &["approve", "linear", "--scope", "local", "--project", project.to_str().unwrap()]);
    scratch.expect(0, &["diff"]);
}

#[test]
fn settings_absences_and_everything_can_be_accepted() {
    let scratch = captured();
    scratch.write(
        ".claude/settings.json",
        r#"{"hooks":{"SessionStart":[{"hooks":[{"type":"command","command":"make hello"}]}]}}"#,
    );
    scratch.write(".claude.json", r#"{"mcpServers":{}}"#);
    scratch.expect(0, &["approve", "hooks.SessionStart", "--reason", "mine"]);
    scratch.expect(0, &["approve", "db"]);
    assert_eq!(scratch.drifts(), ["server-removed linear"]);
    scratch.expect(0, &["approve", "--all"]);
    scratch.expect(0, &["diff"]);
    assert!(scratch.expect(0, &["approve", "--all"]).contains("Nothing to approve"));
    let event =
        scratch.events().into_iter().find(|event| event["event"]["action"] == "server-approved").unwrap();
    assert_eq!(event["mcpwatch"]["approval"]["reason"], "mine");
    assert!(refusal(&scratch, 2, &["approve", "hooks.SessionStrat"]).contains("\"hooks.SessionStart\""));
}

#[test]
fn an_approval_ends_when_it_was_meant_to_or_is_taken_back() {
    let scratch = captured();
    scratch.write(".claude.json", &HOME.replace("@1.4.2", "@1.4.3"));
    assert!(refusal(&scratch, 2, &["approve", "db", "--expires", "2020-01-01T00:00:00Z"]).contains("past"));
    scratch.expect(0, &["approve", "db", "--expires", "2h"]);
    scratch.expect(0, &["diff"]);
    let shown: Value =
        serde_json::from_str(&scratch.expect(0, &["baseline", "show", "--format", "json"])).unwrap();
    let row = shown["entries"].as_array().unwrap().iter().find(|row| row["name"] == "db").unwrap();
    assert!(row["ground"]["expires"].is_string());
    let id = row["ground"]["id"].to_string();
    scratch.expect(0, &["approve", "--withdraw", &id]);
    scratch.expect(1, &["diff"]);
    assert!(refusal(&scratch, 2, &["approve", "--withdraw", &id]).contains("withdrawn"));
    assert!(refusal(&scratch, 2, &["approve", "--withdraw", "999"]).contains("no approval 999"));
    assert_eq!(scratch.events().last().unwrap()["event"]["action"], "approval-withdrawn");
}

#[test]
fn where_a_template_rules_the_refusal_names_it() {
    let (scratch, dir) = with_template(
        r#"{"mcpServers":{"linear":{"type":"http","url":"https://mcp.linear.app/v2"}},
            "mcpwatch":{"name":"acme-default","version":3}}"#,
    );
    let said = scratch.expect(1, &["--baselines", &dir, "approve", "linear"]);
    assert!(said.contains("refused") && said.contains("acme-default"), "{said}");
    scratch.expect(1, &["diff", "--baselines", &dir]);
    assert!(scratch.expect(0, &["baseline", "show", "--baselines", &dir]).contains("acme-default version 3"));
}

#[test]
fn a_template_is_validated_without_showing_its_values() {
    let (scratch, dir) = with_template(
        "{\n  \"mcpServers\": {\"x\": {\"command\": \"srv\", \"env\": {\"TOKEN\": \"hunter2\"}}},\n  \"mcpwatch\": {\"nmae\": \"hunter2\"}\n}",
    );
    let file = format!("{dir}/acme.json");
    let shown = scratch.expect(2, &["baseline", "check", &file]);
    assert!(
        shown.contains(&format!("{file}:3:")) || shown.replace("\n  ", "").contains("acme.json:3:"),
        "{shown}"
    );
    assert!(shown.contains("^^^^") && !shown.contains("hunter2"), "{shown}");
    let said = refusal(&scratch, 2, &["diff", "--baselines", &dir]);
    assert!(said.contains("acme.json:3:") && !said.contains("hunter2"), "{said}");
    assert_eq!(scratch.run(&["baseline", "check", "/nonexistent"]).status.code(), Some(2));
    fs::write(&file, r#"{"mcpServers":{}}"#).unwrap();
    assert!(scratch.expect(0, &["baseline", "check", &file]).contains("The template holds"));
}

#[test]
fn an_event_is_approved_only_while_its_drift_stands_as_it_stood() {
    let scratch = captured();
    let watch = scratch.watch(&[]);
    let changed = HOME.replace("@1.4.2", "@1.4.3");
    scratch.write(".claude.json", &changed);
    let mut watch = watch;
    watch.line_with(&["args-changed", "db"]);
    let events = scratch.events();
    let event = events.iter().find(|event| event["event"]["action"] == "args-changed").unwrap();
    let id = event["event"]["id"].as_str().unwrap();
    scratch.write(".claude.json", &HOME.replace("@1.4.2", "@6.6.6"));
    assert!(refusal(&scratch, 1, &["approve", "--event", id]).contains("no longer stands"));
    scratch.write(".claude.json", &changed);
    scratch.expect(0, &["approve", "--event", id]);
    scratch.expect(0, &["diff"]);
    assert!(refusal(&scratch, 2, &["approve", "--event", "none"]).contains("no event none"));
    assert_eq!(watch.stop("TERM").0, Some(0));
}
