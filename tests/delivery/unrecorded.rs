//! While the journal cannot be written, sinks get every alert all the same, marked; and again once it is recorded.

use super::kit::{agent, lead_to, number, record, with_sinks};
use super::receiver::{Log, Receiver};
use crate::support::disk::Disk;
use crate::support::{Scratch, wait_until};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

fn is_marked(event: &Value) -> bool {
    event["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag == "journal-unwritable"))
}

fn ids(events: &[Value]) -> BTreeSet<String> {
    events.iter().map(|event| event["event"]["id"].as_str().unwrap().to_owned()).collect()
}

fn lines(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap_or_default();
    let whole = text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
    whole.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn observed(event: &Value) -> Option<&str> {
    event["mcpwatch"]["drift"]["observed"].as_str()
}

/// Two sinks, one of them a file on another disk than the journal's.
fn scene(scratch: &Scratch, log: &Log) -> (Receiver, std::path::PathBuf) {
    let receiver = Receiver::start(None, log);
    let out = scratch.path("out");
    fs::create_dir(&out).unwrap();
    fs::set_permissions(&out, fs::Permissions::from_mode(0o700)).unwrap();
    let file = out.join("events.jsonl");
    super::kit::configure(
        scratch,
        &format!(
            "[[sink]]\nname = \"disk\"\ntype = \"file\"\npath = {file:?}\n\
             [[sink]]\nname = \"siem\"\ntype = \"syslog\"\nurl = \"tcp://127.0.0.1:{}\"\n",
            receiver.port
        ),
    );
    (receiver, file)
}

#[test]
fn a_full_disk_keeps_no_alert_from_a_sink() {
    let scratch = Scratch::new();
    let Some(disk) = Disk::mount(&scratch.state(), "3m") else { return };
    scratch.write(".claude.json", super::kit::HOME);
    scratch.expect(0, &["baseline", "capture"]);
    let log = Log::default();
    let (receiver, file) = scene(&scratch, &log);
    let mut watch = agent(&scratch);
    disk.fill();
    // The log may have room of its own for some.
    let mut hosts = (0..500).map(|number| format!("{number}.test"));
    let unrecorded = hosts
        .find(|host| {
            lead_to(&scratch, host);
            is_marked(&watch.event_where(host, |event| observed(event) == Some(host)))
        })
        .unwrap();
    let has_marked = |events: &[Value]| {
        events.iter().any(|event| is_marked(event) && observed(event) == Some(&unrecorded))
    };
    wait_until("the file has it", || has_marked(&lines(&file)));
    wait_until("the daemon has it", || has_marked(&log.lock().unwrap()));
    disk.make_room();
    wait_until("it is recorded", || {
        scratch.events().iter().any(|event| observed(event) == Some(&unrecorded))
    });
    assert_eq!(watch.stop("TERM").0, Some(0));
    let journal = scratch.events();
    assert!(!journal.iter().any(is_marked));
    // What was passed on by itself comes again, with its number and under the same id.
    let recorded =
        |events: &[Value]| events.iter().filter(|event| !is_marked(event)).cloned().collect::<Vec<_>>();
    wait_until("the file has what the journal has", || ids(&recorded(&lines(&file))) == ids(&journal));
    wait_until("the daemon too", || ids(&recorded(&log.lock().unwrap())) == ids(&journal));
    for events in [lines(&file), log.lock().unwrap().clone()] {
        assert!(ids(&events).is_subset(&ids(&journal)), "what was passed on is recorded");
        let numbers: Vec<i64> = recorded(&events).iter().map(number).collect();
        assert!(numbers.is_sorted(), "{numbers:?}");
    }
    drop(receiver);
}

#[test]
fn a_journal_that_another_process_holds_keeps_no_alert_from_a_sink() {
    let scratch = with_sinks("");
    let log = Log::default();
    let (receiver, file) = scene(&scratch, &log);
    record(&scratch, 10);
    let mut watch = agent(&scratch);
    wait_until("the file has all of it", || lines(&file).len() >= scratch.events().len());
    let other = rusqlite::Connection::open(scratch.state().join("journal.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    lead_to(&scratch, "evil.test");
    let told = watch.event_where("it", |event| observed(event) == Some("evil.test"));
    assert!(is_marked(&told));
    wait_until("the file has it", || ids(&lines(&file)).is_superset(&ids(std::slice::from_ref(&told))));
    other.execute_batch("COMMIT").unwrap();
    wait_until("both have it recorded", || {
        let has = |events: &[Value]| {
            events.iter().any(|event| !is_marked(event) && event["event"]["id"] == told["event"]["id"])
        };
        has(&lines(&file)) && has(&log.lock().unwrap())
    });
    assert_eq!(watch.stop("TERM").0, Some(0));
    drop(receiver);
}
