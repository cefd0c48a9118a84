//! The journal is taken away under the agent: what it tells is in the journal that everybody reads, or is marked.

use super::kit::{captured, led_to};
use crate::support::{Scratch, Watch, wait_until};
use std::fs;

const FILES: [&str; 3] = ["journal.db", "journal.db-wal", "journal.db-shm"];

/// A drift is told, and its word is true: what is not marked can be read by others.
fn is_told_truly(scratch: &Scratch, watch: &mut Watch, host: &str) -> bool {
    scratch.write(".claude.json", &led_to(host));
    let alert = watch.event_where(host, |event| {
        event["event"]["action"] == "endpoint-host-changed" && event["mcpwatch"]["drift"]["observed"] == host
    });
    let is_marked = alert["tags"].as_array().is_some_and(|tags| tags.contains(&"journal-unwritable".into()));
    let listed = scratch.run(&["events", "--format", "json"]);
    let id = alert["event"]["id"].as_str().unwrap();
    assert!(
        is_marked || crate::support::text(&listed.stdout).contains(id),
        "told as if it were recorded, and nobody can read it: {host}"
    );
    is_marked
}

#[test]
fn a_journal_that_was_deleted_is_missed() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    for name in FILES {
        let _gone = fs::remove_file(scratch.state().join(name));
    }
    is_told_truly(&scratch, &mut watch, "one.test");
    is_told_truly(&scratch, &mut watch, "two.test");
    assert!(watch.is_alive());
    // It ends when it is told to, although there may be nothing to write its end to.
    watch.stop("TERM");
}

#[test]
fn a_journal_that_was_replaced_is_not_written_and_missed() {
    let (scratch, other) = (captured(), captured());
    let mut watch = scratch.watch(&["--format", "json"]);
    for name in FILES {
        let _gone = fs::remove_file(scratch.state().join(name));
    }
    let foreign = other.state().join("journal.db");
    let place = scratch.state().join("journal.db");
    let beside = scratch.state().join("beside");
    fs::copy(&foreign, &beside).unwrap();
    fs::rename(&beside, &place).unwrap();
    is_told_truly(&scratch, &mut watch, "one.test");
    assert_eq!(fs::read(&place).unwrap(), fs::read(&foreign).unwrap(), "it is another installation's");
    assert!(watch.is_alive());
    watch.stop("TERM");
}

#[test]
fn a_journal_that_was_moved_away_and_back_is_gone_on_with() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    let away = scratch.path("away");
    fs::rename(scratch.state(), &away).unwrap();
    scratch.write(".claude.json", &led_to("evil.test"));
    watch.event_where("the alert", |event| event["event"]["action"] == "endpoint-host-changed");
    // One is made in its place sooner or later; the old one is the one that counts.
    for number in 0.. {
        if fs::rename(&away, scratch.state()).is_ok() {
            break;
        }
        let _made = fs::rename(scratch.state(), scratch.path(&format!("made-{number}")));
    }
    scratch.write(".claude.json", &led_to("evil-2.test"));
    watch.event_where("the alert", |event| event["mcpwatch"]["drift"]["observed"] == "evil-2.test");
    wait_until("it is in this journal", || scratch.count("endpoint-host-changed") > 0);
    watch.stop("TERM");
}
