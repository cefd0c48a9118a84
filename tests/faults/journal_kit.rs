//! What the faults of the journal share: a drift that is told, and what must be true of the journal afterwards.

use super::kit::{led_to, verify};
use crate::support::{Scratch, Watch, wait_until};
use rusqlite::Connection;
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

pub(crate) const FILES: [&str; 3] = ["journal.db", "journal.db-wal", "journal.db-shm"];

/// A drift is told; gives its event.
pub(crate) fn told(scratch: &Scratch, watch: &mut Watch, host: &str) -> Value {
    scratch.write(".claude.json", &led_to(host));
    watch.event_where(host, |event| {
        event["event"]["action"] == "endpoint-host-changed" && event["mcpwatch"]["drift"]["observed"] == host
    })
}

pub(crate) fn is_replaced(event: &Value) -> bool {
    event["event"]["action"] == "journal-replaced"
}

/// Waits until the agent says what became of the journal.
pub(crate) fn replaced(watch: &mut Watch) -> Value {
    let event = watch.event_where("that the journal was replaced", is_replaced);
    assert_eq!(event["mcpwatch"]["level"], "critical");
    event
}

/// Ends the agent: all that it told is in the journal that stands, each event once, and the chain is whole.
pub(crate) fn nothing_is_lost(scratch: &Scratch, mut watch: Watch) {
    assert!(watch.is_alive());
    wait_until("others see that it runs", || scratch.is_running());
    let told: Vec<Value> = watch.events();
    assert_eq!(watch.stop("TERM").0, Some(0));
    let recorded = scratch.events();
    for event in &told {
        let of_it = recorded.iter().filter(|other| other["event"]["id"] == event["event"]["id"]);
        assert_eq!(of_it.count(), 1, "{event}");
    }
    assert_eq!(recorded.last().unwrap()["event"]["action"], "agent-stopped");
    verify(scratch);
    scratch.settled();
}

/// What was set aside in the state directory, sorted; without logs and indexes.
pub(crate) fn set_aside(scratch: &Scratch) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(scratch.state())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.to_str().unwrap().contains(".set-aside-") && path.to_str().unwrap().ends_with('Z')
        })
        .collect();
    found.sort();
    found
}

/// A copy of the journal as it is now, in one file beside the state directory.
pub(crate) fn copied(scratch: &Scratch) -> PathBuf {
    let copy = scratch.path("copy.db");
    let open = Connection::open(scratch.state().join("journal.db")).unwrap();
    open.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    fs::set_permissions(&copy, Permissions::from_mode(0o600)).unwrap();
    copy
}

pub(crate) fn remove(scratch: &Scratch) {
    for name in FILES {
        let _gone = fs::remove_file(scratch.state().join(name));
    }
}

pub(crate) fn head(scratch: &Scratch) -> Value {
    scratch.status()["journal"]["head"].clone()
}
