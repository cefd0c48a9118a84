//! More happens than the system tells of: the agent sleeps while its notifications run over.

use super::kit::{HOME, captured, hook, led_to};
use std::fs;

/// How many notifications wait at most, by the system's word.
fn queue() -> usize {
    let limit = |which: &str| -> usize {
        let limit = fs::read_to_string(format!("/proc/sys/fs/{which}/max_queued_events")).unwrap_or_default();
        limit.trim().parse().unwrap_or(16_384)
    };
    limit("inotify").max(limit("fanotify"))
}

#[test]
fn what_was_never_heard_of_is_found_all_the_same() {
    if queue() > 100_000 {
        return eprintln!("not run: {} notifications fit here, and to make more takes long", queue());
    }
    let scratch = captured();
    scratch.write(".claude/settings.json", "{}");
    let mut watch = scratch.watch(&[]);
    watch.signal("STOP");
    // The same thing done to the same name again may be told once, so that a file is given one name after the other.
    let name = |number: usize| scratch.home().join(format!("noise-{number}"));
    fs::write(name(0), "").unwrap();
    for number in 0..=queue() {
        fs::rename(name(number), name(number + 1)).unwrap();
    }
    scratch.write(".claude.json", &led_to("evil.test"));
    scratch.write(".claude/settings.json", &hook("true"));
    watch.signal("CONT");
    assert_eq!(scratch.settled().len(), 2);
    // And from then on it hears again.
    scratch.write(".claude.json", HOME);
    watch.line_with(&["drift-ended"]);
    assert_eq!(scratch.settled().len(), 1);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn an_agent_that_was_stopped_for_a_while_goes_on_where_it_was() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    watch.signal("STOP");
    for number in 0..100 {
        scratch.write(".claude.json", &led_to(&format!("{number}.test")));
    }
    assert_eq!(scratch.count("endpoint-host-changed"), 0);
    watch.signal("CONT");
    watch.line_with(&["endpoint-host-changed", "99.test"]);
    assert_eq!(scratch.settled().len(), 1);
    assert_eq!(watch.stop("TERM").0, Some(0));
}
