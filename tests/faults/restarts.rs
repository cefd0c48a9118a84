//! The agent ends, well or not, and starts again: what stood is not told again, what changed meanwhile is.

use super::kit::{HOME, captured, hook, led_to};
use crate::support::{Scratch, wait_until};

/// The actions of the events from the last start on. What it says of its sensors is another matter: in a container
/// one is missing each time.
fn since_start(scratch: &Scratch) -> Vec<String> {
    let mut actions: Vec<String> =
        scratch.events().iter().map(|event| event["event"]["action"].as_str().unwrap().to_owned()).collect();
    actions.retain(|action| !action.starts_with("sensor-"));
    let start = actions.iter().rposition(|action| action == "agent-started").unwrap();
    actions[start..].to_vec()
}

/// Starts with a drift that stands, ends so, changes nothing and starts again.
fn is_told_once(signal: &str) {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    scratch.write(".claude.json", &led_to("evil.test"));
    watch.line_with(&["endpoint-host-changed"]);
    scratch.write(".claude/settings.json", &hook("true"));
    watch.line_with(&["hook-changed"]);
    watch.stop(signal);
    for _ in 0..3 {
        let watch = scratch.watch(&[]);
        let said = since_start(&scratch);
        let told = watch.stop(signal);
        assert_eq!(said, ["agent-started"], "nothing changed, so nothing is said: {told:?}");
    }
    let mut watch = scratch.watch(&[]);
    assert_eq!(scratch.settled().len(), 2);
    // It is known that they stand, so that their ends are told.
    scratch.write(".claude.json", HOME);
    watch.line_with(&["drift-ended  user  tracker"]);
    scratch.write(".claude/settings.json", "{}");
    watch.line_with(&["drift-ended"]);
    assert!(scratch.settled().is_empty());
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn what_stood_before_a_clean_end_is_not_told_again() {
    is_told_once("TERM");
}

#[test]
fn what_stood_before_a_sigkill_is_not_told_again() {
    is_told_once("KILL");
}

#[test]
fn what_came_while_it_was_down_is_told_after_the_gap() {
    for signal in ["TERM", "KILL"] {
        let scratch = captured();
        scratch.watch(&[]).stop(signal);
        scratch.write(".claude.json", &led_to("evil.test"));
        let watch = scratch.watch(&[]);
        wait_until("the drift is told", || scratch.count("endpoint-host-changed") == 1);
        assert_eq!(since_start(&scratch), ["agent-started", "agent-gap", "endpoint-host-changed"]);
        assert_eq!(scratch.settled().len(), 1);
        watch.stop("KILL");
        drop(scratch.watch(&[]));
        assert_eq!(since_start(&scratch), ["agent-started"], "the gap was told");
    }
}

#[test]
fn what_ended_while_it_was_down_ends_after_the_gap() {
    for signal in ["TERM", "KILL"] {
        let scratch = captured();
        let mut watch = scratch.watch(&[]);
        scratch.write(".claude.json", &led_to("evil.test"));
        watch.line_with(&["endpoint-host-changed"]);
        watch.stop(signal);
        scratch.write(".claude.json", HOME);
        let _watch = scratch.watch(&[]);
        wait_until("its end is told", || scratch.count("drift-ended") == 1);
        assert_eq!(since_start(&scratch), ["agent-started", "agent-gap", "drift-ended"]);
        assert!(scratch.settled().is_empty());
    }
}

#[test]
fn what_became_another_while_it_was_down_is_told_as_changed() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    scratch.write(".claude.json", &led_to("evil.test"));
    watch.line_with(&["endpoint-host-changed"]);
    watch.stop("KILL");
    scratch.write(".claude.json", &led_to("worse.test"));
    let _watch = scratch.watch(&[]);
    assert_eq!(scratch.settled().len(), 1);
    assert_eq!(since_start(&scratch), ["agent-started", "agent-gap", "endpoint-host-changed"]);
}

#[test]
fn a_rewrite_while_it_was_down_that_means_the_same_is_no_gap() {
    let scratch = captured();
    scratch.watch(&[]).stop("TERM");
    scratch.write(".claude.json", &HOME.replacen('{', "{\"numStartups\":7,", 1));
    let watch = scratch.watch(&[]);
    assert!(scratch.settled().is_empty());
    assert_eq!(watch.stop("TERM").0, Some(0));
    assert_eq!(since_start(&scratch), ["agent-started", "agent-stopped"]);
}

#[test]
fn an_approval_while_it_was_down_ends_the_drift() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    scratch.write(".claude/settings.json", &hook("true"));
    watch.line_with(&["hook-changed"]);
    watch.stop("TERM");
    scratch.expect(0, &["approve", "hooks.SessionStart"]);
    let _watch = scratch.watch(&[]);
    wait_until("its end is told", || scratch.count("drift-ended") == 1);
    assert!(scratch.settled().is_empty());
    assert_eq!(scratch.count("hook-changed"), 1);
}

#[test]
fn half_a_save_that_stood_when_it_ended_is_told_by_the_next() {
    let scratch = captured();
    let watch = scratch.watch(&[]);
    scratch.write(".claude.json", &HOME[..30]);
    watch.stop("KILL");
    let mut watch = scratch.watch(&[]);
    watch.line_with(&["config-unparsable"]);
    assert_eq!(scratch.settled().len(), 1);
    assert_eq!(watch.stop("TERM").0, Some(0));
    let watch = scratch.watch(&[]);
    assert_eq!(since_start(&scratch), ["agent-started"]);
    assert_eq!(scratch.settled().len(), 1);
    watch.stop("TERM");
}

#[test]
fn every_home_is_remembered_by_itself() {
    let scratch = captured();
    let second = scratch.path("second");
    std::fs::create_dir(&second).unwrap();
    std::fs::write(second.join(".claude.json"), HOME).unwrap();
    let of_both = |arguments: &[&str]| {
        let mut command = scratch.command();
        command.arg("--home").arg(&second).args(arguments);
        command
    };
    assert!(of_both(&["baseline", "capture"]).output().unwrap().status.success());
    let mut watch = scratch.start(of_both(&["watch"]));
    scratch.write(".claude.json", &led_to("evil.test"));
    watch.line_with(&["endpoint-host-changed"]);
    std::fs::write(second.join(".claude.json"), led_to("evil.test")).unwrap();
    watch.line_with(&["endpoint-host-changed"]);
    watch.stop("KILL");
    // Without the second home nothing of it has ended: nobody looked.
    let watch = scratch.watch(&[]);
    assert_eq!(since_start(&scratch), ["agent-started"]);
    watch.stop("KILL");
    let mut watch = scratch.start(of_both(&["watch"]));
    assert_eq!(since_start(&scratch), ["agent-started"]);
    std::fs::write(second.join(".claude.json"), HOME).unwrap();
    watch.line_with(&["drift-ended"]);
    assert_eq!(watch.stop("TERM").0, Some(0));
}
