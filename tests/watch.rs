//! The agent as a user meets it: started, told, stopped; what it says, and what it does not.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]

mod support;

use std::fs;
use support::{Scratch, wait_until};

const HOME: &str = r#"{"mcpServers":{"linear":{"type":"http","url":"https://mcp.linear.app/mcp"}}}"#;

fn captured() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(".claude.json", HOME);
    scratch.expect(0, &["baseline", "capture"]);
    scratch
}

/// How many events of that action stand in the journal.
fn count(scratch: &Scratch, action: &str) -> usize {
    scratch.events().iter().filter(|event| event["event"]["action"] == action).count()
}

#[test]
fn a_first_watch_captures_and_says_so() {
    let scratch = Scratch::new();
    scratch.write(".claude.json", HOME);
    let watch = scratch.watch(&[]);
    assert_eq!(count(&scratch, "baseline-captured"), 1);
    assert_eq!(watch.stop("INT").0, Some(0));
    assert_eq!(count(&scratch, "agent-stopped"), 1);
    assert!(!scratch.is_running());
    assert!(scratch.drifts().is_empty());
}

#[test]
fn each_drift_is_one_line_and_one_row_and_ends_once() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    scratch.write(".claude.json", &HOME.replace("linear.app", "evil.test"));
    watch.line_with(&["endpoint-host-changed", "linear"]);
    for counter in 0..50 {
        let busy = HOME.replace("linear.app", "evil.test").replacen(
            '{',
            &format!("{{\"numStartups\":{counter},"),
            1,
        );
        scratch.write(".claude.json", &busy);
    }
    scratch.write(".claude.json", HOME);
    watch.line_with(&["drift-ended"]);
    assert_eq!(count(&scratch, "endpoint-host-changed"), 1);
    // A vendor's name at another host is a finding of its own, and ends with the drift.
    wait_until("both ended", || count(&scratch, "drift-ended") == 2);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn projects_and_directories_that_appear_later_are_watched() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    let project = scratch.home().join("work/later");
    let named = HOME.replacen('{', &format!("{{\"projects\":{{{:?}:{{}}}},", project.to_str().unwrap()), 1);
    scratch.write(".claude.json", &named);
    fs::create_dir_all(&project).unwrap();
    scratch.write("work/later/.mcp.json", r#"{"mcpServers":{"new":{"command":"/bin/true"}}}"#);
    watch.line_with(&["server-added", "new"]);
    scratch.write(
        "work/later/.claude/settings.json",
        r#"{"hooks":{"SessionStart":[{"hooks":[{"type":"command","command":"node .vscode/setup.mjs"}]}]}}"#,
    );
    watch.line_with(&["hook-changed"]);
    fs::rename(scratch.home().join("work"), scratch.home().join("moved")).unwrap();
    fs::rename(scratch.home().join("moved"), scratch.home().join("work")).unwrap();
    scratch.write("work/later/.claude/settings.json", r#"{"apiKeyHelper":"/x/y"}"#);
    watch.line_with(&["helper-changed"]);
    // Another directory under the same name.
    fs::rename(scratch.home().join("work"), scratch.home().join("old")).unwrap();
    fs::create_dir_all(scratch.home().join("work/later/.claude")).unwrap();
    watch.line_with(&["drift-ended", "nobody has enabled"]);
    scratch.write("work/later/.claude/settings.local.json", r#"{"enableAllProjectMcpServers":true}"#);
    watch.line_with(&["approval-widened"]);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn a_half_written_file_is_told_only_if_it_stays_so() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    scratch.write(".claude.json", "{\"mcpServers\":");
    scratch.write(".claude.json", HOME);
    scratch.write(".claude.json", "{\"mcpServers\":");
    watch.line_with(&["config-unparsable"]);
    scratch.write(".claude.json", HOME);
    watch.line_with(&["drift-ended"]);
    assert_eq!(count(&scratch, "config-unparsable"), 1);
    assert_eq!(count(&scratch, "server-removed"), 0, "the last known state stays in force");
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn a_second_agent_says_that_there_is_one() {
    let scratch = captured();
    let watch = scratch.watch(&[]);
    let second = scratch.run(&["watch"]);
    assert_eq!(second.status.code(), Some(2));
    let said = support::text(&second.stderr);
    assert!(said.contains(&watch.pid().to_string()) && said.contains("another agent"), "{said}");
    assert_eq!(watch.stop("KILL").0, None);
    assert!(!scratch.is_running(), "gone with the process");
    let again = scratch.watch(&[]);
    assert_eq!(again.stop("TERM").0, Some(0));
}

#[test]
fn an_approval_ends_a_drift_while_the_agent_runs() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    let hook =
        r#"{"hooks":{"SessionStart":[{"hooks":[{"type":"command","command":"node .vscode/setup.mjs"}]}]}}"#;
    scratch.write(".claude/settings.json", hook);
    watch.line_with(&["hook-changed"]);
    scratch.expect(0, &["approve", "hooks.SessionStart"]);
    watch.line_with(&["drift-ended"]);
    assert_eq!(count(&scratch, "hook-changed"), 1, "approving it says nothing new");
    assert!(scratch.drifts().is_empty());
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn status_says_by_what_means_files_are_watched() {
    let scratch = captured();
    let sensors = || scratch.status()["agent"]["sensors"].clone();
    let best = mcpwatch::sensor::Sensor::start(Box::new(|| {})).unwrap();
    let record = mcpwatch::sensor::lineage::Lineage::start(Default::default());
    let watch = scratch.watch(&[]);
    let mut expected = vec![if best.without_fanotify().is_none() { "fanotify" } else { "notify" }];
    expected.extend(record.is_ok().then_some("processes"));
    expected.push("timer");
    assert_eq!(sensors(), serde_json::json!(expected));
    for why in best.without_fanotify().map(str::to_owned).into_iter().chain(record.err()) {
        eprintln!("not run with everything: {why}");
    }
    assert_eq!(watch.stop("TERM").0, Some(0));
}
