//! Accepting and taking back: what is named is accepted, nothing else, and what a template rules is not.

use super::{HOME, captured, flat, refusal};
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

#[test]
fn what_is_recorded_of_an_approval_is_who_when_why_and_from_which_drift() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    scratch.write(".claude.json", &HOME.replace("@1.4.2", "@1.4.3"));
    watch.line_with(&["args-changed", "db"]);
    let told = scratch.events().into_iter().find(|event| event["event"]["action"] == "args-changed").unwrap();
    // By its name: the event that told the drift is found all the same.
    let mut command = scratch.command();
    let is_root = rustix::process::geteuid().is_root();
    let output =
        command.env("SUDO_UID", "54321").args(["approve", "db", "--reason", "new"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let shown: Value =
        serde_json::from_str(&scratch.expect(0, &["baseline", "show", "--format", "json"])).unwrap();
    let row = shown["entries"].as_array().unwrap().iter().find(|row| row["name"] == "db").unwrap();
    let ground = &row["ground"];
    assert_eq!((&ground["event"], &ground["reason"]), (&told["event"]["id"], &Value::from("new")));
    assert!(ground["at"].as_str().is_some_and(|at| at.starts_with("20")), "{ground}");
    let events = scratch.events();
    let event = events.iter().find(|event| event["event"]["action"] == "server-approved").unwrap();
    let approval = &event["mcpwatch"]["approval"];
    assert_eq!(approval["by"], ground["by"]);
    assert_eq!(approval["event"], told["event"]["id"]);
    assert!(approval["drifts"][0].as_str().unwrap().starts_with("args-changed args"), "{approval}");
    if is_root {
        assert_eq!(
            (&approval["by"], &approval["uid"]),
            (&"54321 (uid 54321, as root)".into(), &"54321".into())
        );
    } else {
        assert_ne!(approval["uid"], "54321", "only sudo says who it was, and it runs things as root");
    }
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn every_server_is_shown_with_what_it_stands_on() {
    let (scratch, dir) = with_template(
        r#"{"mcpServers":{"named":{"type":"http","url":"https://named.example/mcp"}},
            "allowedMcpServers":[{"serverUrl":"https://*.ok.example/*"}],
            "deniedMcpServers":[{"serverUrl":"http://*"}],"mcpwatch":{"name":"acme","version":3}}"#,
    );
    let more = HOME.replacen(
        "\"mcpServers\": {",
        r#""mcpServers": {"named":{"type":"http","url":"https://named.example/mcp"},
            "allowed":{"type":"http","url":"https://a.ok.example/mcp"},
            "denied":{"type":"http","url":"http://b.example/mcp"},"new":{"command":"/bin/true"},"#,
        1,
    );
    scratch.write(".claude.json", &more);
    let shown = flat(&scratch.expect(0, &["baseline", "show", "--baselines", &dir]));
    for line in [
        "named server local, project, user, template acme version 3 plugin",
        "allowed server user ~/.claude.json template acme version 3 (allows url https://*.ok.example/*)",
        "denied server user ~/.claude.json template acme version 3 (denies url http://*)",
        "new server user ~/.claude.json nothing",
        "linear server user approval",
        "db server user approval",
    ] {
        assert!(shown.contains(line), "{line} is missing in\n{shown}");
    }
}

#[test]
fn a_fleet_can_switch_local_approvals_off() {
    let (scratch, dir) = with_template(
        r#"{"mcpServers":{"linear":{"type":"http","url":"https://mcp.linear.app/mcp",
            "headers":{"Authorization":"Bearer hunter2hunter2"}}},"mcpwatch":{"name":"acme"}}"#,
    );
    let config = scratch.path("config.toml");
    fs::write(&config, "local_approvals = false\n").unwrap();
    let config = config.to_str().unwrap();
    let options = ["--config", config, "--baselines", &dir];
    let with = |more: &[&'static str]| [&options[..], more].concat();
    for refused in [&["approve", "db"][..], &["approve", "--all"], &["baseline", "capture"]] {
        let said = flat(&refusal(&scratch, 1, &with(refused)));
        assert!(said.contains("switched off (local_approvals = false in") && said.contains(config), "{said}");
    }
    // What was approved before has no effect, and nobody is told to approve.
    let shown = flat(&scratch.expect(1, &with(&["diff"])));
    assert!(shown.contains("db") && shown.contains("server-added"), "{shown}");
    assert!(shown.contains("switched off") && !shown.contains("mcpwatch approve"), "{shown}");
    let table = flat(&scratch.expect(0, &with(&["baseline", "show"])));
    assert!(
        table.contains("switched off") && table.contains("db server user ~/.claude.json nothing"),
        "{table}"
    );
    // The agent goes by templates alone too, and captures nothing.
    let mut watch = scratch.watch(&options);
    watch.line_with(&["server-added", "db"]);
    assert_eq!(watch.stop("TERM").0, Some(0));
    assert_eq!(scratch.count("baseline-captured"), 1, "the one before");
    // Without a template there is nothing to compare with, and no advice that would be refused.
    let alone = flat(&refusal(&scratch, 2, &["diff", "--config", config]));
    assert!(alone.contains("no template") && alone.contains("switched off"), "{alone}");
    scratch.expect(0, &["diff"]);
}
