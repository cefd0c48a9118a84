//! The journal as evidence: what was tampered with is named, what was put back is noticed, and one event is shown
//! whole.

use super::{captured, flat, home, refusal};
use crate::support::Scratch;
use jiff::Timestamp;
use mcpwatch::journal::Journal;
use mcpwatch::model::digest::Key;
use mcpwatch::model::event::{AgentAction, Context, Event, HostFacts};
use mcpwatch::model::level::Level;
use mcpwatch::model::retention::Retention;
use rusqlite::Connection;
use serde_json::Value;
use std::fs;
use std::time::Duration;

fn event(id: &str, second: i64, message: &str) -> Event {
    let (host, key) = (HostFacts::default(), Key::from_bytes([0; 32]));
    let time = Timestamp::from_second(1_767_000_000 + second).unwrap();
    let context = Context { time, host: &host, home: None, user: None, key: &key };
    Event::agent(id.into(), AgentAction::AgentGap, Level::Low, message, &context)
}

/// A journal of ten events.
fn ten() -> Scratch {
    let scratch = Scratch::new();
    let mut journal = Journal::open(&scratch.state()).unwrap();
    let id = |n: i64| format!("0199c0de-{n:04}-7222-8333-444455556666");
    journal.append_all((1..=10).map(|n| event(&id(n), n, "Something changed.")).collect()).unwrap();
    scratch
}

fn tamper(scratch: &Scratch, sql: &str) {
    Connection::open(scratch.state().join("journal.db")).unwrap().execute_batch(sql).unwrap();
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn head(scratch: &Scratch) -> String {
    let status = json(&scratch.expect(0, &["status", "--format", "json"]));
    status["journal"]["head"].as_str().unwrap().to_owned()
}

#[test]
fn a_whole_journal_says_from_when_to_when_and_its_head() {
    let scratch = ten();
    let said = flat(&scratch.expect(0, &["verify"]));
    assert!(said.starts_with("The journal is whole: 10 events from 2025-12-29T09:20:01Z event 1"), "{said}");
    assert!(said.contains("to 2025-12-29T09:20:10Z event 10") && said.contains(&head(&scratch)), "{said}");
    let document = json(&scratch.expect(0, &["verify", "--format", "json"]));
    assert_eq!(document["whole"], true);
    assert_eq!((&document["events"], &document["last"]["sequence"]), (&10.into(), &10.into()));
    assert_eq!(document["head"], head(&scratch));
    assert!(document["broken"].is_null() && document["sought"].is_null());
    let printed = scratch.events();
    assert_eq!(printed[9]["mcpwatch"]["chain"]["hash"], head(&scratch));
    assert_eq!(printed[9]["mcpwatch"]["chain"]["previous"], printed[8]["mcpwatch"]["chain"]["hash"]);
    assert!(scratch.expect(0, &["status"]).contains(&head(&scratch)[..16]));
}

#[test]
fn whatever_is_tampered_with_is_named() {
    let swap = "UPDATE events SET seq = -1 WHERE seq = 4; UPDATE events SET seq = 4 WHERE seq = 5; \
                UPDATE events SET seq = 5 WHERE seq = -1";
    let insert = "INSERT INTO events SELECT 11, 'forged', time, action, level, kind, home, \
                  replace(document, '444455556666', 'forged'), hash FROM events WHERE seq = 10";
    let shift = "UPDATE events SET seq = seq + 100 WHERE seq >= 7";
    for (change, event, said) in [
        (
            "UPDATE events SET document = replace(document, 'Something', 'Nothing') WHERE seq = 6",
            6,
            "is not what mcpwatch stored",
        ),
        (
            "UPDATE events SET document = replace(document, '{', '{ ') WHERE seq = 6",
            6,
            "is not what mcpwatch stored",
        ),
        ("UPDATE events SET document = '' WHERE seq = 6", 6, "is not what mcpwatch stored"),
        ("UPDATE events SET document = CAST(x'ff' AS TEXT) WHERE seq = 6", 6, "is not what mcpwatch stored"),
        ("UPDATE events SET hash = '' WHERE seq = 6", 6, "is not what mcpwatch stored"),
        ("UPDATE events SET hash = upper(hash) WHERE seq = 6", 6, "is not what mcpwatch stored"),
        ("UPDATE events SET id = 'x' WHERE seq = 6", 6, "column \"id\""),
        ("UPDATE events SET time = '2020' WHERE seq = 6", 6, "column \"time\""),
        ("UPDATE events SET action = 'agent-started' WHERE seq = 6", 6, "column \"action\""),
        ("UPDATE events SET level = 'informational' WHERE seq = 6", 6, "column \"level\""),
        ("UPDATE events SET kind = 'state' WHERE seq = 6", 6, "column \"kind\""),
        ("UPDATE events SET home = '/h' WHERE seq = 6", 6, "column \"home\""),
        ("DELETE FROM events WHERE seq = 5", 6, "event 5 is missing"),
        ("DELETE FROM events WHERE seq < 4", 4, "events 1 to 3 are missing"),
        ("DELETE FROM events WHERE seq > 7", 8, "events 8 to 10 are missing: the newest events were cut off"),
        ("DELETE FROM events", 1, "events 1 to 10 are missing"),
        ("DELETE FROM events; DELETE FROM head", 0, "record of the newest event is missing"),
        (swap, 4, "is not what mcpwatch stored"),
        (insert, 11, "is not what mcpwatch stored"),
        (shift, 107, "is not what mcpwatch stored"),
        ("DELETE FROM head", 0, "record of the newest event is missing"),
        ("UPDATE head SET seq = 9", 0, "record of the newest event does not fit"),
        (
            "UPDATE head SET seq = 9, hash = (SELECT hash FROM events WHERE seq = 9); DELETE FROM events WHERE seq = 10",
            0,
            "does not fit",
        ),
    ] {
        let scratch = ten();
        tamper(&scratch, change);
        let text = flat(&scratch.expect(1, &["verify"]));
        assert!(text.starts_with("The journal was changed") && text.contains(said), "{change}\n{text}");
        let document = json(&scratch.expect(1, &["verify", "--format", "json"]));
        assert_eq!(document["whole"], false);
        assert_eq!(document["broken"]["sequence"].as_i64().unwrap_or(0), event, "{change}: {document}");
        // What comes later does not make it good again.
        let mut journal = Journal::open(&scratch.state()).unwrap();
        journal.append(event_after()).unwrap();
        drop(journal);
        scratch.expect(1, &["verify"]);
    }
}

fn event_after() -> Event {
    event("0199c0df-0000-7222-8333-444455556666", 99, "Later.")
}

#[test]
fn an_exported_hash_shows_that_the_whole_was_put_back() {
    let scratch = ten();
    let file = scratch.state().join("journal.db");
    let earlier = fs::read(&file).unwrap();
    let old_head = head(&scratch);
    let mut journal = Journal::open(&scratch.state()).unwrap();
    journal.append(event_after()).unwrap();
    drop(journal);
    let exported = head(&scratch);
    let found = flat(&scratch.expect(0, &["verify", "--head", &old_head]));
    assert!(found.contains("is there: event 10 of 2025-12-29T09:20:10Z; 1 event followed"), "{found}");
    scratch.expect(0, &["verify", "--head", &exported[..16].to_uppercase()]);
    for beside in ["journal.db-wal", "journal.db-shm"] {
        fs::remove_file(scratch.state().join(beside)).unwrap_or_default();
    }
    fs::write(&file, earlier).unwrap();
    scratch.expect(0, &["verify"]);
    scratch.expect(0, &["verify", "--head", &old_head]);
    let said = flat(&scratch.expect(1, &["verify", "--head", &exported]));
    assert!(said.contains("is not there: no event of this journal has this hash"), "{said}");
    let document = json(&scratch.expect(1, &["verify", "--head", &exported, "--format", "json"]));
    assert_eq!((&document["whole"], &document["sought"]["state"]), (&true.into(), &"unknown".into()));
    for wrong in ["abc", "xyzxyzxyzxyzxyzxyz"] {
        assert!(refusal(&scratch, 2, &["verify", "--head", wrong]).contains("16"), "{wrong}");
    }
}

#[test]
fn what_was_dropped_is_said() {
    let scratch = ten();
    let dropped = scratch.events()[3]["mcpwatch"]["chain"]["hash"].as_str().unwrap().to_owned();
    let older = scratch.events()[2]["mcpwatch"]["chain"]["hash"].as_str().unwrap().to_owned();
    let mut journal = Journal::open(&scratch.state()).unwrap();
    let retention = Retention { keep: Duration::from_secs(5), ..Retention::default() };
    journal.retain(&retention, Timestamp::from_second(1_767_000_010).unwrap()).unwrap().unwrap();
    drop(journal);
    let said = flat(&scratch.expect(0, &["verify"]));
    assert!(said.contains("dropped 4 events up to event 4, seen 2025-12-29T09:20:01Z to"), "{said}");
    let said = flat(&scratch.expect(1, &["verify", "--head", &dropped]));
    assert!(
        said.contains("is not there any more: it was the last of the events that were dropped"),
        "{said}"
    );
    let said = flat(&scratch.expect(1, &["verify", "--head", &older]));
    assert!(said.contains("older than what is kept"), "{said}");
    tamper(&scratch, "DELETE FROM checkpoints");
    assert!(flat(&scratch.expect(1, &["verify"])).contains("events 1 to 4 are missing"));
}

#[test]
fn without_a_journal_there_is_nothing_to_verify_or_show() {
    let scratch = home();
    for arguments in [&["verify"][..], &["show", "1"]] {
        let said = refusal(&scratch, 2, arguments);
        assert!(said.contains("there is no journal") && said.contains("baseline capture"), "{said}");
    }
    assert!(!scratch.state().exists());
}

#[test]
fn it_can_be_verified_while_an_agent_writes() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    for version in ["2", "3", "4", "5"] {
        scratch.write(".claude.json", &super::HOME.replace("@1.4.2", &format!("@{version}")));
        scratch.expect(0, &["verify"]);
        watch.line_with(&["args-changed", "db"]);
    }
    let said = scratch.expect(0, &["verify", "--head", &head(&scratch)]);
    assert!(said.contains("is there"), "{said}");
    assert_eq!(watch.stop("TERM").0, Some(0));
    scratch.expect(0, &["verify"]);
}

#[test]
fn one_event_is_shown_whole() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    scratch.write(".claude.json", &super::HOME.replace("mcp.linear.app", "evil.test"));
    watch.line_with(&["endpoint-host-changed", "linear"]);
    let events = scratch.events();
    let event = events.iter().find(|event| event["event"]["action"] == "endpoint-host-changed").unwrap();
    let id = event["event"]["id"].as_str().unwrap();
    let number = event["event"]["sequence"].to_string();
    let shown = scratch.expect(0, &["show", id]);
    // What says how long ago it was may say more each time.
    let steady = |shown: &str| -> Vec<String> {
        let is_steady = |line: &&str| {
            !line.starts_with("se") && !line.starts_with("since") && !line.contains("has stood")
        };
        shown.lines().filter(is_steady).map(str::to_owned).collect()
    };
    for name in [&number, &id.to_uppercase()] {
        assert_eq!(steady(&scratch.expect(0, &["show", name])), steady(&shown));
    }
    for part in [
        "endpoint-host-changed   HIGH \n",
        "server     linear  of claude-code\n",
        "expected   - mcp.linear.app\n",
        "observed   + evil.test\n",
        "mcpwatch rules explain endpoint-host-changed",
    ] {
        assert!(shown.contains(part), "{part:?} is missing in\n{shown}");
    }
    assert!(flat(&shown).contains(&format!("approve --event {id}")), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    assert_eq!(&json(&scratch.expect(0, &["show", id, "--format", "json"])), event);
    scratch.write(".claude.json", super::HOME);
    watch.line_with(&["drift-ended"]);
    assert!(scratch.expect(0, &["show", id]).contains("since then ended 20"));
    assert_eq!(watch.stop("TERM").0, Some(0));
    assert!(!shown.contains("hunter2"));
}

#[test]
fn an_id_that_is_not_there_or_not_enough_is_refused() {
    let scratch = ten();
    let said = refusal(&scratch, 2, &["show", "0199c0de"]);
    assert!(
        said.contains("10 events begin with 0199c0de") && said.contains("show 0199c0de-0003-7222"),
        "{said}"
    );
    let shown = scratch.expect(0, &["show", "0199C0DE-0003"]);
    assert!(shown.contains("agent-gap") && shown.contains("event 3 of the journal"), "{shown}");
    assert!(refusal(&scratch, 2, &["show", "0199"]).contains("8 characters"));
    assert!(refusal(&scratch, 2, &["show", "ffffffff"]).contains("there is no event ffffffff"));
    assert!(refusal(&scratch, 2, &["show", "11"]).contains("there is no event 11"));
    tamper(&scratch, "UPDATE events SET document = 'x' WHERE seq = 3");
    assert!(refusal(&scratch, 2, &["show", "3"]).contains("verify"));
}

#[test]
fn an_approval_and_its_event_come_together_or_not_at_all() {
    let scratch = captured();
    scratch.write(".claude.json", &super::HOME.replace("@1.4.2", "@1.4.3"));
    // Refuses the event, after the approval was written.
    tamper(&scratch, "CREATE TRIGGER no_events BEFORE INSERT ON events BEGIN SELECT raise(ABORT, 'no'); END");
    for arguments in [&["approve", "db"][..], &["approve", "--withdraw", "1"], &["baseline", "capture"]] {
        scratch.expect(2, arguments);
    }
    tamper(&scratch, "DROP TRIGGER no_events");
    assert_eq!(scratch.drifts(), ["args-changed db"], "nothing was approved or taken back");
    scratch.expect(0, &["approve", "db"]);
    scratch.expect(0, &["diff"]);
    scratch.expect(0, &["verify"]);
}

#[test]
fn an_approval_cannot_be_put_in_force_again_unseen() {
    let scratch = captured();
    scratch.write(".claude.json", &super::HOME.replace("@1.4.2", "@1.4.3"));
    scratch.expect(0, &["approve", "db", "--expires", "2h"]);
    scratch.expect(0, &["approve", "--withdraw", "1"]);
    scratch.expect(0, &["verify"]);
    for change in [
        "UPDATE approvals SET withdrawn_at = NULL, withdrawn_by = NULL",
        "UPDATE approvals SET expires = NULL",
        "UPDATE approvals SET by = 'somebody else' WHERE id = 2",
        "DELETE FROM approvals WHERE id = 2",
    ] {
        let file = scratch.state().join("journal.db");
        let before = fs::read(&file).unwrap();
        tamper(&scratch, change);
        let said = flat(&scratch.expect(1, &["verify"]));
        assert!(
            said.contains("an approval was added, changed or deleted in the database"),
            "{change}: {said}"
        );
        // The next approval does not make it genuine.
        scratch.expect(0, &["approve", "--all"]);
        scratch.expect(0, &["baseline", "capture"]);
        scratch.expect(1, &["verify"]);
        for beside in ["journal.db-wal", "journal.db-shm"] {
            fs::remove_file(scratch.state().join(beside)).unwrap_or_default();
        }
        fs::write(&file, before).unwrap();
        scratch.expect(0, &["verify"]);
    }
}
