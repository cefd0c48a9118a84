//! The command line as a person or a script meets it: exit codes, what stands where, what is refused.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]

#[path = "cli/aftermath.rs"]
mod aftermath;
#[path = "cli/approving.rs"]
mod approving;
#[path = "cli/broken_chain.rs"]
mod broken_chain;
#[path = "cli/configuring.rs"]
mod configuring;
#[path = "cli/evidence.rs"]
mod evidence;
#[path = "cli/looking.rs"]
mod looking;
#[path = "cli/signing.rs"]
mod signing;
mod support;

use support::{Scratch, text};

/// A home with a remote and a local server, a hook and a secret.
const HOME: &str = r#"{
  "mcpServers": {
    "linear": {
      "type": "http",
      "url": "https://mcp.linear.app/mcp",
      "headers": {"Authorization": "Bearer hunter2hunter2"}
    },
    "db": {"command": "npx", "args": ["-y", "@acme/db@1.4.2"]}
  }
}"#;

fn home() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(".claude.json", HOME);
    scratch
}

fn captured() -> Scratch {
    let scratch = home();
    scratch.expect(0, &["baseline", "capture"]);
    scratch
}

/// What a command that must end with `code` says on standard error.
fn refusal(scratch: &Scratch, code: i32, arguments: &[&str]) -> String {
    let output = scratch.run(arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{}\n{said}", text(&output.stdout));
    said
}

/// Text as if it had not been wrapped.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn without_a_baseline_diff_says_what_makes_one() {
    let scratch = home();
    let output = scratch.run(&["diff"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(said.starts_with("mcpwatch: there is nothing to compare with"), "{said}");
    assert!(said.contains("baseline capture"), "{said}");
    assert!(
        text(&output.stdout).contains("secret-exposed"),
        "what looks wrong by itself is said all the same"
    );
    assert!(!text(&output.stdout).contains("server-added"), "what nobody had to approve yet is not drift");
    assert!(!scratch.state().exists(), "looking makes nothing");
}

#[test]
fn exit_codes_are_those_of_diff() {
    let scratch = captured();
    assert_eq!(scratch.expect(0, &["diff"]), "No drift: everything is as it should be · 1 surface read\n");
    scratch.write(".claude.json", &HOME.replace("@1.4.2", "@latest"));
    let shown = scratch.expect(1, &["diff"]);
    assert!(shown.contains("args-changed") && shown.contains("-     \"@acme/db@1.4.2\""), "{shown}");
    scratch.expect(0, &["diff", "linear"]);
    scratch.expect(1, &["diff", "db"]);
    assert!(refusal(&scratch, 2, &["diff", "lineer"]).contains("did you mean \"linear\"?"));
    for usage in
        [&["frobnicate"][..], &["diff", "--frobnicate"], &["approve"], &["approve", "--all", "x"], &[]]
    {
        assert_eq!(scratch.run(usage).status.code(), Some(2), "{usage:?}");
    }
}

#[test]
fn what_is_new_is_captured_once_and_a_finding_stays_standing() {
    let scratch = captured();
    assert!(scratch.expect(0, &["baseline", "capture"]).contains("Nothing to capture"));
    scratch.write(".claude.json", &HOME.replace("mcp.linear.app", "10.1.2.3").replace("@1.4.2", "@1.4.3"));
    let said = scratch.expect(1, &["baseline", "capture"]);
    for part in ["changed", "2 approved", "Not approved", "endpoint-suspicious", "approve linear"] {
        assert!(said.contains(part), "{part} is missing in\n{said}");
    }
    assert_eq!(scratch.drifts().iter().filter(|drift| !drift.starts_with("endpoint-suspicious")).count(), 0);
    scratch.expect(0, &["approve", "linear"]);
    scratch.expect(0, &["diff"]);
}

#[test]
fn every_command_has_help_and_none_is_promised_that_is_not_there() {
    let scratch = Scratch::new();
    let help = scratch.expect(0, &["--help"]);
    for command in [
        "watch",
        "diff",
        "baseline",
        "approve",
        "revert",
        "events",
        "export",
        "show",
        "installs",
        "verify",
        "credentials",
        "rules",
        "status",
        "doctor",
        "completions",
        "man",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is missing in\n{help}");
        assert!(scratch.expect(0, &[command, "--help"]).contains("Usage: mcpwatch "), "{command}");
    }
    assert!(!help.contains("mend-file"), "the agent calls it, and nobody else");
    assert!(scratch.expect(0, &["--version"]).starts_with("mcpwatch "));
    assert!(scratch.expect(0, &["completions", "bash"]).contains("_mcpwatch"));
    let page = scratch.expect(0, &["man"]);
    assert!(page.contains(".SH COMMANDS") && page.contains("mcpwatch baseline capture"), "{page}");
    assert!(scratch.expect(0, &["rules", "explain", "hook-changed"]).starts_with("hook-changed\n"));
    assert!(refusal(&scratch, 2, &["rules", "explain", "hook-chnged"]).contains("\"hook-changed\""));
}

#[test]
fn status_says_what_the_contract_says() {
    let scratch = home();
    let before: serde_json::Value =
        serde_json::from_str(&scratch.expect(0, &["status", "--format", "json"])).unwrap();
    assert_eq!(
        before["agent"],
        serde_json::json!({"running": false, "pid": null, "since": null, "sensors": [], "degraded": []})
    );
    assert_eq!(before["journal"], serde_json::json!({"events": 0, "last": null, "head": null}));
    assert_eq!(before["watched"]["homes"], 1);
    scratch.expect(0, &["baseline", "capture"]);
    let after: serde_json::Value =
        serde_json::from_str(&scratch.expect(0, &["status", "--format", "json"])).unwrap();
    assert_eq!(after["journal"]["events"], 1);
    assert!(scratch.expect(0, &["status"]).contains("not running"));
}

#[test]
fn the_doctor_names_what_fails_and_how_to_mend_it() {
    let scratch = captured();
    let healthy = scratch.expect(0, &["doctor"]);
    assert!(healthy.contains("closed to others") && healthy.contains("is sound"), "{healthy}");
    std::fs::create_dir(scratch.home().join(".mcp.json")).unwrap();
    scratch.write("config.toml", "rescan = 5");
    let config = scratch.home().join("config.toml");
    let ill = scratch.expect(1, &["doctor", "--config", config.to_str().unwrap()]);
    assert!(
        ill.contains("FAIL") && flat(&ill).contains("line 1, column 10: \"rescan\" must be a time"),
        "{ill}"
    );
}
