//! The machine gives less than the agent would like.

use super::kit::{HOME, captured, config, led_to, refusal, with_projects};
use crate::support::{Scratch, text};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

/// Runs what follows with ten watches for all of its processes together.
const WITH_TEN_WATCHES: &str = r#"echo 10 > /proc/sys/user/max_inotify_watches && exec "$0" "$@""#;

/// Runs what follows with four inotify instances for all of its processes together.
const WITH_FOUR_INSTANCES: &str = r#"echo 4 > /proc/sys/user/max_inotify_instances && exec "$0" "$@""#;

/// The command under such a limit.
fn limited(how: &str, inside: &Command) -> Command {
    let mut command = Command::new("unshare");
    command.args(["-Ur", "sh", "-c", how]).arg(inside.get_program()).args(inside.get_args());
    command.current_dir(inside.get_current_dir().unwrap());
    command
}

/// How often it was said that the system gives too little.
fn limits_told(scratch: &Scratch) -> usize {
    let told = |event: &&Value| {
        event["event"]["action"] == "sensor-degraded" && event["message"].as_str().unwrap().contains("sysctl")
    };
    scratch.events().iter().filter(told).count()
}

#[test]
fn too_few_watches_are_named_with_the_setting_and_cost_time_but_no_drift() {
    if let Some(why) = refusal("unshare", &["-Ur", "sh", "-c", WITH_TEN_WATCHES, "true"]) {
        return eprintln!("not run: no user namespace with a limit of its own: {why}");
    }
    let scratch = captured();
    let config = config(&scratch, "rescan = \"5s\"\n");
    let project = |number: i32| scratch.home().join(format!("work/{number}"));
    for number in 0..20 {
        fs::create_dir_all(project(number)).unwrap();
    }
    scratch.write(".claude.json", &with_projects(HOME, (0..20).map(project)));
    let mut inside = scratch.command();
    inside.args(["--config", &config, "watch"]);
    let mut watch = scratch.start(limited(WITH_TEN_WATCHES, &inside));
    watch.line_with(&["sensor-degraded", "sysctl"]);
    let status = scratch.status();
    let degraded = status["agent"]["degraded"].as_array().unwrap();
    assert!(degraded.iter().any(|why| why.as_str().unwrap().contains("sysctl")), "{degraded:?}");
    // At least half of them have no watch.
    for number in 0..20 {
        let server = format!(r#"{{"mcpServers":{{"new-{number}-":{{"command":"/bin/true"}}}}}}"#);
        fs::write(project(number).join(".mcp.json"), server).unwrap();
    }
    for number in 0..20 {
        let name = format!("new-{number}-");
        if !watch.seen.iter().any(|line| line.contains(&name)) {
            watch.line_with(&["server-added", &name]);
        }
    }
    assert_eq!(scratch.count("server-added"), 20, "each once");
    assert_eq!(limits_told(&scratch), 1, "said once");
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn more_homes_than_the_system_has_ears_for_are_watched_and_it_is_said_once() {
    if let Some(why) = refusal("unshare", &["-Ur", "sh", "-c", WITH_FOUR_INSTANCES, "true"]) {
        return eprintln!("not run: no user namespace with a limit of its own: {why}");
    }
    let scratch = captured();
    let homes: Vec<_> = (0..8).map(|number| scratch.path(&format!("home-{number}"))).collect();
    let of_all = |arguments: &[&str]| {
        let mut command = scratch.command();
        command.args(homes.iter().flat_map(|home| ["--home".as_ref(), home.as_os_str()])).args(arguments);
        command
    };
    for home in &homes {
        fs::create_dir(home).unwrap();
        fs::write(home.join(".claude.json"), HOME).unwrap();
    }
    assert!(of_all(&["baseline", "capture"]).output().unwrap().status.success());
    let mut watch = scratch.start(limited(WITH_FOUR_INSTANCES, &of_all(&["watch", "--format", "json"])));
    for (number, home) in homes.iter().enumerate() {
        fs::write(home.join(".claude.json"), led_to(&format!("{number}.test"))).unwrap();
    }
    for number in 0..homes.len() {
        let host = format!("{number}.test");
        let is_told = |event: &serde_json::Value| event["mcpwatch"]["drift"]["observed"] == host.as_str();
        if !watch.events().iter().any(is_told) {
            watch.event_where(&host, is_told);
        }
    }
    let said: Vec<String> = watch
        .events()
        .iter()
        .filter(|event| event["event"]["action"] == "sensor-degraded")
        .map(|event| event["message"].to_string())
        .collect();
    let different: BTreeSet<&String> = said.iter().collect();
    assert_eq!(said.len(), different.len(), "the same sentence over and over: {said:#?}");
    let degraded = scratch.status()["agent"]["degraded"].as_array().unwrap().len();
    assert!(degraded <= different.len().max(1), "and over and over in status: {degraded}");
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn too_few_open_files_are_refused_with_the_limit_to_raise() {
    let scratch = captured();
    for most in ["12", "24", "63"] {
        let mut command = Command::new("prlimit");
        let inside = scratch.command();
        command
            .arg(format!("--nofile={most}"))
            .arg(inside.get_program())
            .args(inside.get_args())
            .arg("watch");
        command.current_dir(inside.get_current_dir().unwrap());
        let refused = command.output().unwrap();
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{most}: {said}");
        assert!(said.contains(&format!("may have {most} files open")), "{said}");
        assert!(said.contains("ulimit -n 1024") && said.contains("LimitNOFILE=1024"), "{said}");
    }
    assert!(scratch.events().iter().all(|event| event["event"]["action"] != "agent-started"));
    // What is only not asked for is taken.
    let mut command = Command::new("prlimit");
    let inside = scratch.command();
    command.arg("--nofile=12:1024").arg(inside.get_program()).args(inside.get_args()).arg("watch");
    command.current_dir(inside.get_current_dir().unwrap());
    let mut watch = scratch.start(command);
    scratch.write(".claude.json", &led_to("evil.test"));
    watch.line_with(&["endpoint-host-changed", "evil.test"]);
    assert_eq!(scratch.count("sensor-degraded"), scratch.count("sensor-degraded").min(1));
    assert_eq!(watch.stop("TERM").0, Some(0));
}
