//! Several processes at one journal, and places where nothing can be written.

use super::*;
use mcpwatch::host::refusal::Refusal;
use mcpwatch::journal::{EventFilter, Journal, JournalError};
use rusqlite::Connection;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_reader_sees_what_a_writer_commits() {
    let (_root, state) = state();
    let mut writer = Journal::open(&state).unwrap();
    let mut reader = Journal::open_existing(&state).unwrap().unwrap();
    let before = reader.data_version().unwrap();
    writer.append(event("a", AgentAction::AgentStarted, Level::Low, 0)).unwrap();
    assert_ne!(reader.data_version().unwrap(), before);
    assert_eq!(reader.events(&EventFilter::default()).unwrap().len(), 1);
    let refused = reader.append(event("b", AgentAction::AgentStarted, Level::Low, 0)).unwrap_err();
    assert!(matches!(refused, JournalError::ReadOnly(_)), "{refused}");
}

#[test]
fn many_may_make_it_at_once_and_write_at_once() {
    let (_root, state) = state();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let state = &state;
            scope.spawn(move || {
                let mut journal = Journal::open(state).unwrap();
                for n in 0..10 {
                    let id = format!("{writer}-{n}");
                    journal.append(event(&id, AgentAction::AgentGap, Level::Low, n)).unwrap();
                }
            });
        }
    });
    let journal = Journal::open(&state).unwrap();
    assert_eq!((journal.count().unwrap(), journal.last_sequence().unwrap()), (40, 40));
}

#[test]
fn a_lock_that_stays_is_named() {
    let (_root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    let other = Connection::open(state.join("journal.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    journal.set_patience(std::time::Duration::from_millis(50)).unwrap();
    let refused = journal.append(event("a", AgentAction::AgentGap, Level::Low, 0)).unwrap_err();
    assert!(matches!(refused, JournalError::Locked(_)) && refused.is_busy(), "{refused}");
    assert_eq!(journal.count().unwrap(), 0, "reading goes on");
}

/// Root may write everywhere, so that this one says nothing when root runs it.
#[test]
fn a_read_only_directory_can_be_read() {
    let (_root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    journal.append(event("a", AgentAction::AgentStarted, Level::Low, 0)).unwrap();
    drop(journal);
    fs::set_permissions(&state, Permissions::from_mode(0o500)).unwrap();
    let journal = Journal::open_existing(&state).unwrap().unwrap();
    assert_eq!(journal.count().unwrap(), 1);
    drop(journal);
    let is_root = fs::write(state.join("probe"), b"").is_ok();
    let refused = Journal::open(&state).map(|mut journal| {
        journal.append(event("b", AgentAction::AgentStarted, Level::Low, 0)).map(|stored| stored.sequence)
    });
    if !is_root {
        let is_named = match &refused {
            Err(error) | Ok(Err(error)) => {
                matches!(
                    error,
                    JournalError::ReadOnly(_) | JournalError::Refused(Refusal::NoPermission { .. })
                )
            }
            Ok(Ok(_)) => false,
        };
        assert!(is_named, "{refused:?}");
    }
    fs::set_permissions(&state, Permissions::from_mode(0o700)).unwrap();
}
