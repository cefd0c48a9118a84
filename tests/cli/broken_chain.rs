//! A chain that was broken: the doctor names it, and a person can go on after it without a lie.

use super::{captured, flat, refusal};
use crate::support::{Scratch, text, wait_until};
use rusqlite::Connection;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const EVENT: &str =
    "UPDATE events SET document = replace(document, 'informational', 'INFORMATIONAL') WHERE seq = 1";
const APPROVAL: &str = "UPDATE approvals SET reason = 'forged' WHERE id = 1";

fn tamper(scratch: &Scratch, sql: &str) {
    Connection::open(scratch.state().join("journal.db")).unwrap().execute_batch(sql).unwrap();
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A journal with approvals and a drift that stands, as the agent left it.
fn with_a_drift() -> Scratch {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    scratch.write(".claude.json", &super::HOME.replace("@1.4.2", "@1.4.3"));
    watch.line_with(&["args-changed"]);
    assert_eq!(watch.stop("TERM").0, Some(0));
    scratch
}

/// What was set aside, sorted.
fn set_aside(scratch: &Scratch) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(scratch.state())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_str().unwrap().contains("journal-broken.db.set-aside-"))
        .collect();
    found.sort();
    found
}

#[test]
fn the_doctor_names_a_broken_chain_and_the_next_command() {
    let scratch = captured();
    assert!(flat(&scratch.expect(0, &["doctor"])).contains("chain every event is as mcpwatch stored it"));
    for (change, said) in [(EVENT, "event 1: its document"), (APPROVAL, "an approval was added, changed")] {
        let scratch = captured();
        tamper(&scratch, change);
        let ill = flat(&scratch.expect(1, &["doctor"]));
        assert!(ill.contains("FAIL chain the journal was changed: ") && ill.contains(said), "{ill}");
        assert!(ill.contains("to mend it: mcpwatch") && ill.contains(" verify"), "{ill}");
        assert!(flat(&scratch.expect(1, &["verify"])).contains("verify --set-aside"));
    }
}

#[test]
fn after_a_broken_chain_a_new_one_goes_on_with_what_was_approved() {
    let scratch = with_a_drift();
    let (drifts, last) = (scratch.drifts(), scratch.events().pop().unwrap());
    tamper(&scratch, EVENT);
    let said = flat(&scratch.expect(0, &["verify", "--set-aside"]));
    assert!(said.contains("The journal was changed: event 1"), "{said}");
    assert!(said.contains("1 standing drift taken over") && !said.contains("help"), "{said}");
    scratch.expect(0, &["verify"]);
    assert_eq!(scratch.drifts(), drifts, "the approvals hold as before");
    let events = scratch.events();
    let [first] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(first["event"]["action"], "journal-replaced");
    let number = |event: &Value| event["event"]["sequence"].as_i64().unwrap();
    assert_eq!(number(first), number(&last) + 1, "no number is used twice");
    let aside = set_aside(&scratch);
    let [aside] = aside.as_slice() else { panic!("{aside:?}") };
    let journal = &first["mcpwatch"]["journal"];
    assert_eq!(journal["set_aside"]["path"].as_str(), aside.to_str());
    assert_eq!(journal["set_aside"]["head"]["hash"], last["mcpwatch"]["chain"]["hash"]);
    assert_eq!((&journal["broken"]["sequence"], &journal["broken"]["fault"]), (&1.into(), &"changed".into()));
    let old = Connection::open(aside).unwrap();
    let count = |sql: &str| old.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT max(seq) FROM events"), number(&last), "the broken one is as it was");
    assert_eq!(count("SELECT count(*) FROM events WHERE instr(document, 'INFORMATIONAL') > 0"), 1);
    // The agent goes on with it, and tells nothing twice.
    let mut watch = scratch.watch(&[]);
    scratch.write(".claude.json", super::HOME);
    watch.line_with(&["drift-ended"]);
    assert_eq!(watch.stop("TERM").0, Some(0));
    assert_eq!(scratch.count("args-changed"), 0);
    scratch.expect(0, &["verify"]);
    // The doctor sees that something waits to be looked into, and that nothing fails.
    assert!(flat(&scratch.expect(0, &["doctor"])).contains("warn set aside 1 other journal"));
}

#[test]
fn approvals_that_cannot_be_proven_are_not_taken_over() {
    for change in [APPROVAL, "DELETE FROM head", "UPDATE head SET mac = ''"] {
        let scratch = with_a_drift();
        tamper(&scratch, change);
        let said = json(&scratch.expect(0, &["verify", "--set-aside", "--format", "json"]));
        assert_eq!(
            (&said["whole"], &said["set_aside"]["approvals"]),
            (&false.into(), &Value::Null),
            "{said}"
        );
        assert_eq!(said["set_aside"]["standing"], 1);
        scratch.expect(0, &["verify"]);
        scratch.expect(2, &["diff"]);
        scratch.expect(0, &["baseline", "capture"]);
        assert!(scratch.drifts().is_empty());
        scratch.expect(0, &["verify"]);
    }
}

#[test]
fn what_is_whole_or_in_use_is_not_set_aside() {
    let scratch = captured();
    let head = |scratch: &Scratch| scratch.status()["journal"]["head"].clone();
    let before = head(&scratch);
    assert!(flat(&scratch.expect(0, &["verify", "--set-aside"])).ends_with("Nothing was set aside."));
    assert_eq!((head(&scratch), set_aside(&scratch).len()), (before, 0));
    refusal(&scratch, 2, &["verify", "--set-aside", "--head", "0123456789abcdef"]);
    let watch = scratch.watch(&[]);
    tamper(&scratch, EVENT);
    assert!(flat(&refusal(&scratch, 2, &["verify", "--set-aside"])).contains("stop it first"));
    assert_eq!(set_aside(&scratch).len(), 0);
    assert_eq!(watch.stop("TERM").0, Some(0));
    // Somebody who follows the events keeps nobody from it.
    let mut follow = scratch.command();
    follow.args(["events", "--follow"]).stdout(std::process::Stdio::piped());
    let mut follow = follow.spawn().unwrap();
    wait_until("it reads", || scratch.state().join("journal.db-shm").exists());
    scratch.expect(0, &["verify", "--set-aside"]);
    follow.kill().unwrap();
    follow.wait().unwrap();
    scratch.expect(0, &["verify"]);
    assert!(text(&scratch.run(&["events"]).stdout).contains("journal-replaced"));
}
