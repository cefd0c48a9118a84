//! The journal cannot be written for a while: every alert still goes out, marked, and is in the journal afterwards.

use super::kit::{captured, led_to, refusal, verify};
use crate::support::disk::Disk;
use crate::support::{PATIENCE, Scratch, Watch, wait_until};
use rusqlite::Connection;
use serde_json::Value;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Files that nobody can change until this is dropped.
struct Immutable {
    files: Vec<PathBuf>,
}

impl Immutable {
    fn make(files: Vec<PathBuf>) -> Result<Self, String> {
        let made = Self { files };
        let mut refused =
            made.files.iter().filter_map(|file| refusal("chattr", &["+i", file.to_str().unwrap()]));
        let why = refused.next();
        drop(refused);
        why.map_or(Ok(made), Err)
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        for file in &self.files {
            let _why = refusal("chattr", &["-i", file.to_str().unwrap()]);
        }
    }
}

fn is_unrecorded(event: &Value) -> bool {
    event["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag == "journal-unwritable"))
}

/// Leads the server there and waits for the alert.
fn told(scratch: &Scratch, watch: &mut Watch, host: &str) -> Value {
    scratch.write(".claude.json", &led_to(host));
    watch.event_where(host, |event| {
        event["event"]["action"] == "endpoint-host-changed" && event["mcpwatch"]["drift"]["observed"] == host
    })
}

/// The trouble is over: everything that was told is in the journal, once, and what comes is told as ever.
fn is_made_up_for(scratch: &Scratch, mut watch: Watch) {
    wait_until("what was told is in the journal", || {
        let recorded = ids(&scratch.events());
        ids(&watch.events()).iter().all(|id| recorded.contains(id))
    });
    let unwritable = watch.events();
    let unwritable = unwritable.iter().filter(|event| event["event"]["action"] == "journal-unwritable");
    assert_eq!(unwritable.count(), 1, "said once");
    assert!(!is_unrecorded(&told(scratch, &mut watch, "after.test")));
    let mut recorded = ids(&scratch.events());
    let told = recorded.len();
    recorded.sort();
    recorded.dedup();
    assert_eq!(recorded.len(), told, "each once");
    assert_eq!(scratch.count("journal-unwritable"), 1);
    assert_eq!(scratch.settled().len(), 1);
    verify(scratch);
    assert_eq!(watch.stop("TERM").0, Some(0));
    verify(scratch);
}

fn ids(events: &[Value]) -> Vec<String> {
    events.iter().map(|event| event["event"]["id"].as_str().unwrap().to_owned()).collect()
}

/// Told while nothing can be recorded: at once or after a while, twice.
fn is_told_unrecorded(scratch: &Scratch, watch: &mut Watch) {
    assert!(is_unrecorded(&told(scratch, watch, "unrecorded-1.test")));
    assert!(is_unrecorded(&told(scratch, watch, "unrecorded-2.test")));
    let events = watch.events();
    let unwritable = events.iter().find(|event| event["event"]["action"] == "journal-unwritable");
    assert_eq!(unwritable.map(|event| event["mcpwatch"]["level"].as_str()), Some(Some("high")));
    assert!(watch.is_alive() && scratch.is_running());
}

/// A captured home whose journal lies on a small disk.
fn small_disk(scratch: &Scratch) -> Option<Disk> {
    let disk = Disk::mount(&scratch.state(), "3m")?;
    scratch.write(".claude.json", super::kit::HOME);
    scratch.expect(0, &["baseline", "capture"]);
    Some(disk)
}

/// An agent whose journal has no room left.
fn watch_while_it_fills(scratch: &Scratch, disk: &Disk) -> Watch {
    let mut watch = scratch.watch(&["--format", "json"]);
    disk.fill();
    // The log may have room of its own for some.
    let full = (0..500).any(|number| is_unrecorded(&told(scratch, &mut watch, &format!("{number}.test"))));
    assert!(full, "never full");
    watch
}

#[test]
fn a_full_disk_silences_no_alert_and_loses_none() {
    let scratch = Scratch::new();
    let Some(disk) = small_disk(&scratch) else { return };
    let mut watch = watch_while_it_fills(&scratch, &disk);
    is_told_unrecorded(&scratch, &mut watch);
    disk.make_room();
    is_made_up_for(&scratch, watch);
}

#[test]
fn an_agent_that_is_killed_while_the_disk_is_full_tells_what_stands_when_it_is_back() {
    let scratch = Scratch::new();
    let Some(disk) = small_disk(&scratch) else { return };
    let watch = watch_while_it_fills(&scratch, &disk);
    watch.stop("KILL");
    disk.make_room();
    let watch = scratch.watch(&[]);
    assert_eq!(scratch.settled().len(), 1);
    verify(&scratch);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn a_journal_that_may_not_be_changed_silences_no_alert() {
    let scratch = captured();
    let probe = scratch.path("probe");
    let mut open = fs::File::create(&probe).unwrap();
    // Open files keep a disk from being remounted read-only; an immutable file refuses them too, on most disks.
    match Immutable::make(vec![probe]) {
        Ok(_made) if open.write_all(b"x").is_err() => {}
        Ok(_) => {
            return eprintln!("not run: on this disk open files can be written though they are immutable");
        }
        Err(why) => return eprintln!("not run: no file can be made immutable here: {why}"),
    }
    let mut watch = scratch.watch(&["--format", "json"]);
    let files = ["journal.db", "journal.db-wal"].map(|name| scratch.state().join(name));
    let immutable = Immutable::make(files.to_vec()).unwrap();
    is_told_unrecorded(&scratch, &mut watch);
    drop(immutable);
    is_made_up_for(&scratch, watch);
}

#[test]
fn a_start_on_a_disk_that_may_only_be_read_says_so() {
    let scratch = Scratch::new();
    let Some(_disk) = small_disk(&scratch) else { return };
    let state = scratch.state();
    assert_eq!(refusal("mount", &["-o", "remount,ro", state.to_str().unwrap()]), None);
    let output = scratch.run(&["watch"]);
    assert_eq!(output.status.code(), Some(2));
    let said = crate::support::text(&output.stderr);
    assert!(said.contains(state.to_str().unwrap()) && said.to_lowercase().contains("read-only"), "{said}");
    assert!(scratch.drifts().is_empty(), "reading it is possible");
}

fn hold(scratch: &Scratch) -> Connection {
    let other = Connection::open(scratch.state().join("journal.db")).unwrap();
    other.busy_timeout(Duration::from_secs(5)).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    other
}

#[test]
fn a_journal_that_another_process_holds_silences_no_alert() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    let other = hold(&scratch);
    is_told_unrecorded(&scratch, &mut watch);
    other.execute_batch("COMMIT").unwrap();
    is_made_up_for(&scratch, watch);
}

#[test]
fn what_is_not_recorded_says_so_in_text_too() {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    let other = hold(&scratch);
    scratch.write(".claude.json", &led_to("evil.test"));
    let line = watch.line_with(&["endpoint-host-changed"]);
    assert!(line.ends_with(" (not recorded)"), "{line}");
    other.execute_batch("COMMIT").unwrap();
    wait_until("it is in the journal", || scratch.count("endpoint-host-changed") == 1);
    scratch.write(".claude.json", super::kit::HOME);
    assert!(!watch.line_with(&["drift-ended"]).ends_with("(not recorded)"));
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn a_journal_that_is_held_for_a_moment_is_waited_for() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    let other = hold(&scratch);
    scratch.write(".claude.json", &led_to("evil.test"));
    sleep(Duration::from_millis(300));
    other.execute_batch("COMMIT").unwrap();
    let alert = watch.event_where("the alert", |event| event["event"]["action"] == "endpoint-host-changed");
    assert!(!is_unrecorded(&alert));
    assert_eq!((scratch.count("endpoint-host-changed"), scratch.count("journal-unwritable")), (1, 0));
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn a_journal_that_is_held_for_a_minute_silences_no_alert() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    let other = hold(&scratch);
    let until = Instant::now() + Duration::from_secs(60);
    let mut number = 0;
    while Instant::now() < until {
        let start = Instant::now();
        assert!(is_unrecorded(&told(&scratch, &mut watch, &format!("{number}.test"))));
        assert!(start.elapsed() < PATIENCE / 4, "{:?}", start.elapsed());
        number += 1;
        sleep(Duration::from_secs(1));
    }
    other.execute_batch("COMMIT").unwrap();
    is_made_up_for(&scratch, watch);
}
