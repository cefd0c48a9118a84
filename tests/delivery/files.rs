//! Files, standard output, numbers for Prometheus; what `status` says; what SIGHUP changes.

use super::kit::{agent, compare, configure, lead_to, number, record, status, with_sinks};
use crate::support::{Scratch, wait_until};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

fn lines(scratch: &Scratch, name: &str) -> Vec<Value> {
    let text = fs::read_to_string(scratch.path(name)).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn numbers(scratch: &Scratch, name: &str) -> Vec<i64> {
    lines(scratch, name).iter().map(number).collect()
}

/// A sink with a file of the scratch directory.
fn file(scratch: &Scratch, name: &str, more: &str) -> String {
    let path: PathBuf = scratch.path(name);
    format!("[[sink]]\nname = \"{}\"\ntype = \"file\"\npath = {path:?}\n{more}\n", name.replace('.', "-"))
}

#[test]
fn what_happens_stands_in_the_file_as_in_the_journal() {
    let scratch = with_sinks("");
    configure(
        &scratch,
        &(file(&scratch, "all.jsonl", "")
            + &file(&scratch, "high.jsonl", "level = \"high\"\nfrom = \"end\"")),
    );
    let mut watch = agent(&scratch);
    lead_to(&scratch, "evil.test");
    watch.line_with(&["endpoint-host-changed"]);
    wait_until("both files say it", || {
        ["all.jsonl", "high.jsonl"].iter().all(|name| {
            lines(&scratch, name).iter().any(|event| event["event"]["action"] == "endpoint-host-changed")
        })
    });
    assert_eq!(watch.stop("TERM").0, Some(0));
    // The very last word too, and from the first event on.
    let compared = compare(&scratch, &numbers(&scratch, "all.jsonl"));
    assert!(compared.missing.is_empty() && compared.is_in_order && compared.twice == 0, "{compared:?}");
    assert_eq!(lines(&scratch, "all.jsonl"), scratch.events());
    assert!(lines(&scratch, "high.jsonl").iter().all(|event| event["mcpwatch"]["level"] == "high"));
    let mode = fs::metadata(scratch.path("all.jsonl")).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o640);
    let sinks = status(&scratch)["sinks"].clone();
    assert_eq!(sinks[0], serde_json::json!({"name": "all-jsonl", "pending": 0, "last_error": null}));
    assert_eq!(sinks[1]["name"], "high-jsonl");
}

#[test]
fn a_file_is_rotated_and_nothing_is_lost_between() {
    let scratch = with_sinks("");
    configure(&scratch, &file(&scratch, "events", "max_size = \"64KiB\"\nkeep = 100\nbatch = 20"));
    record(&scratch, 300);
    let watch = agent(&scratch);
    wait_until("it is all there", || status(&scratch)["sinks"][0]["pending"] == 0);
    assert_eq!(watch.stop("TERM").0, Some(0));
    let rotated = (1..=100).rev().map(|number| format!("events.{number}"));
    let names: Vec<String> =
        rotated.filter(|name| scratch.path(name).exists()).chain(["events".into()]).collect();
    assert!(names.len() > 2, "{names:?}");
    let arrived: Vec<i64> = names.iter().flat_map(|name| numbers(&scratch, name)).collect();
    let compared = compare(&scratch, &arrived);
    assert!(compared.missing.is_empty() && compared.is_in_order && compared.twice == 0, "{compared:?}");
}

#[test]
fn sighup_brings_new_sinks_and_ends_old_ones() {
    let scratch = with_sinks("");
    configure(&scratch, &file(&scratch, "old", ""));
    let watch = agent(&scratch);
    wait_until("the old one has it", || !lines(&scratch, "old").is_empty());
    fs::rename(scratch.path("old"), scratch.path("moved")).unwrap();
    configure(&scratch, &(file(&scratch, "old", "") + &file(&scratch, "new", "")));
    watch.signal("HUP");
    wait_until("both have the reload", || {
        ["old", "new"].iter().all(|name| {
            lines(&scratch, name).iter().any(|event| event["event"]["action"] == "agent-reloaded")
        })
    });
    configure(&scratch, &file(&scratch, "new", ""));
    watch.signal("HUP");
    wait_until("the new one has the second reload", || {
        let reloads = lines(&scratch, "new");
        reloads.iter().filter(|event| event["event"]["action"] == "agent-reloaded").count() == 2
    });
    record(&scratch, 1);
    wait_until("it is well", || status(&scratch)["sinks"][0]["pending"] == 0);
    let compared = compare(&scratch, &numbers(&scratch, "new"));
    assert!(compared.missing.is_empty() && compared.is_in_order, "{compared:?}");
    assert!(numbers(&scratch, "old").len() < numbers(&scratch, "new").len());
}

#[test]
fn standard_output_says_it_once() {
    let scratch = with_sinks("[[sink]]\nname = \"out\"\ntype = \"stdout\"\nformat = \"ecs-flat\"\n");
    let mut watch = agent(&scratch);
    lead_to(&scratch, "evil.test");
    watch.line_with(&["\"event.action\":\"endpoint-host-changed\""]);
    let numbers: Vec<i64> =
        watch.events().iter().map(|event| event["event.sequence"].as_i64().unwrap()).collect();
    let mut sorted = numbers.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(numbers, sorted);
}

#[test]
fn prometheus_gets_numbers_that_are_true() {
    let scratch = with_sinks("");
    let path = scratch.path("mcpwatch.prom");
    let metrics = format!("[[sink]]\nname = \"metrics\"\ntype = \"prometheus\"\npath = {path:?}\n");
    configure(&scratch, &(metrics + &file(&scratch, "disk", "")));
    let says = |line: &str| fs::read_to_string(&path).unwrap_or_default().lines().any(|found| found == line);
    let watch = agent(&scratch);
    lead_to(&scratch, "evil.test");
    wait_until("the drift is counted", || {
        says("mcpwatch_up 1")
            && says("mcpwatch_drifts_standing{level=\"high\"} 1")
            && says("mcpwatch_events_total{action=\"endpoint-host-changed\",level=\"high\"} 1")
            && says("mcpwatch_sink_failing{sink=\"disk\"} 0")
    });
    assert!(says("mcpwatch_watched{kind=\"homes\"} 1"));
    assert_eq!(watch.stop("TERM").0, Some(0));
    wait_until("it says that it is down", || says("mcpwatch_up 0"));
    assert_eq!(status(&scratch)["sinks"].as_array().unwrap().len(), 1, "numbers are no events");
}

#[test]
fn a_file_that_may_lead_elsewhere_is_refused_and_said() {
    let scratch = with_sinks("");
    let precious = scratch.path("precious");
    fs::write(&precious, "precious").unwrap();
    std::os::unix::fs::symlink(&precious, scratch.path("events")).unwrap();
    configure(&scratch, &file(&scratch, "events", ""));
    let mut watch = agent(&scratch);
    watch.line_with(&["sink-failing", "is a symbolic link"]);
    assert!(status(&scratch)["sinks"][0]["last_error"].as_str().unwrap().contains("is a symbolic link"));
    fs::remove_file(scratch.path("events")).unwrap();
    watch.line_with(&["sink-restored"]);
    assert_eq!(status(&scratch)["sinks"][0]["last_error"], Value::Null);
    assert_eq!(fs::read_to_string(&precious).unwrap(), "precious");
}
