//! What came and went while the agent could not read: that it happened is told, although nobody knows what it was.

use super::kit::{HOME, captured, led_to};
use crate::support::{Scratch, wait_until};
use std::fs;

/// Puts a text in the place of `.claude.json` by a rename from that name.
fn put(scratch: &Scratch, draft: &str, text: &str) {
    let draft = scratch.home().join(draft);
    fs::write(&draft, text).unwrap();
    fs::rename(draft, scratch.claude_json()).unwrap();
}

#[test]
fn a_tamper_that_nobody_could_read_is_told_without_its_content() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    watch.signal("STOP");
    put(&scratch, "sedXY1", &led_to("evil.test"));
    put(&scratch, "sedXY2", HOME);
    watch.signal("CONT");
    let event = watch.event_where("it is told", |event| event["event"]["action"] == "change-unread");
    assert_eq!(event["mcpwatch"]["unread"]["versions"], 1);
    assert_eq!(event["file"]["path"].as_str(), scratch.claude_json().to_str());
    assert!(scratch.settled().is_empty());
    assert_eq!(scratch.count("endpoint-host-changed"), 0);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn the_clients_own_saves_in_a_row_are_no_news() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    watch.signal("STOP");
    for count in 0..50 {
        let text = HOME.replacen('{', &format!("{{\"numStartups\":{count},"), 1);
        put(&scratch, &format!(".claude.json.tmp.4711.0123456789{count:02}"), &text);
    }
    watch.signal("CONT");
    // What comes after them is told, so they were heard.
    put(&scratch, ".claude.json.tmp.4711.0123456789ab", &led_to("evil.test"));
    watch.line_with(&["endpoint-host-changed"]);
    put(&scratch, ".claude.json.tmp.4711.0123456789cd", HOME);
    wait_until("it ended", || scratch.settled().is_empty());
    assert_eq!(scratch.count("change-unread"), 0, "{:?}", watch.seen);
    assert_eq!(watch.stop("TERM").0, Some(0));
}
