//! What goes in comes out, and only through the door.

use super::*;
use mcpwatch::journal::{ApprovalState, EventFilter, Journal, JournalError};
use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

const HOME: &str = "/home/u";

#[test]
fn approvals_come_back_with_their_secrets_and_their_masking() {
    let (_root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    let new = approval("linear");
    let ids = journal.approve(Path::new(HOME), vec![new.clone(), approval("other")], time(0)).unwrap();
    assert_eq!(ids, [1, 2]);
    drop(journal);
    let journal = Journal::open_existing(&state).unwrap().unwrap();
    let found = journal.approvals(Path::new(HOME), time(1)).unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].subject, new.subject);
    assert_eq!(found[0].content, new.content);
    assert_eq!(found[0].content.shown(journal.key()), new.content.shown(journal.key()));
    assert_eq!(found[0].raw, new.raw);
    assert_eq!(&*found[0].at, "2025-12-29T09:20:00.000000Z");
    assert!(journal.approvals(Path::new("/home/v"), time(1)).unwrap().is_empty());
}

#[test]
fn whose_an_approval_is_cannot_be_changed_without_the_key() {
    let (_root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    journal.approve(Path::new(HOME), vec![approval("linear")], time(0)).unwrap();
    let of = |journal: &Journal| journal.approvals(Path::new(HOME), time(1)).map(|found| found[0].uid);
    assert_eq!(of(&journal).unwrap(), Some(1000));
    let change = |sql: &str| {
        rusqlite::Connection::open(state.join("journal.db")).unwrap().execute_batch(sql).unwrap();
    };
    for uid in ["0", "NULL"] {
        change(&format!("UPDATE approvals SET uid = {uid}"));
        assert!(matches!(of(&journal), Err(JournalError::Tampered { id: 1, .. })), "{uid}");
    }
    change("UPDATE approvals SET uid = 1000");
    assert_eq!(of(&journal).unwrap(), Some(1000));
    // One that was given before that was recorded is nobody's.
    let mut old = approval("old");
    old.uid = None;
    journal.approve(Path::new(HOME), vec![old], time(2)).unwrap();
    assert_eq!(journal.approvals(Path::new(HOME), time(3)).unwrap()[1].uid, None);
}

#[test]
fn a_later_approval_takes_the_place_of_the_former() {
    let (_root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    journal.approve(Path::new(HOME), vec![approval("a")], time(0)).unwrap();
    let mut limited = approval("a");
    limited.expires = Some(time(10));
    journal.approve(Path::new(HOME), vec![limited], time(1)).unwrap();
    journal.approve(Path::new("/home/v"), vec![approval("a")], time(1)).unwrap();
    let in_force = |second| journal.approvals(Path::new(HOME), time(second)).unwrap();
    assert_eq!(in_force(9).iter().map(|a| a.id).collect::<Vec<_>>(), [2]);
    assert!(in_force(10).is_empty(), "an approval ends at its time, not after it");
    let states: Vec<_> =
        journal.all_approvals(time(10)).unwrap().into_iter().map(|record| record.state).collect();
    assert!(matches!(&states[0], ApprovalState::Superseded { by: 2, .. }));
    assert_eq!(states[1..], [ApprovalState::Expired, ApprovalState::InForce]);
}

#[test]
fn what_is_withdrawn_is_gone_and_says_so() {
    let (_root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    journal.approve(Path::new(HOME), vec![approval("a")], time(0)).unwrap();
    journal.approve(Path::new(HOME), vec![approval("a")], time(0)).unwrap();
    assert!(matches!(journal.withdraw(1, "u", time(1)), Err(JournalError::Superseded { id: 1, later: 2 })));
    assert_eq!(journal.withdraw(2, "u", time(1)).unwrap().id, 2);
    assert!(journal.approvals(Path::new(HOME), time(1)).unwrap().is_empty());
    let again = journal.withdraw(2, "u", time(2)).unwrap_err().to_string();
    assert!(again.contains("was withdrawn at 2025-12-29T09:20:01"), "{again}");
    assert!(matches!(journal.withdraw(9, "u", time(2)), Err(JournalError::NoApproval(9))));
    journal.approve(Path::new(HOME), vec![approval("a")], time(3)).unwrap();
    assert_eq!(journal.approvals(Path::new(HOME), time(3)).unwrap()[0].id, 3);
}

#[test]
fn events_are_numbered_found_and_paged() {
    let (_root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    assert_eq!((journal.count().unwrap(), journal.last_sequence().unwrap()), (0, 0));
    let events = (0..1200)
        .map(|n| {
            let level = if n % 100 == 0 { Level::High } else { Level::Low };
            let action = if n % 2 == 0 { AgentAction::AgentStarted } else { AgentAction::DriftEnded };
            event(&format!("id-{n}"), action, level, n)
        })
        .collect();
    let stored = journal.append_all(events).unwrap();
    assert_eq!(stored.len(), 1200);
    assert_eq!(journal.count().unwrap(), 1200);
    let sequences = |filter: EventFilter| -> Vec<i64> {
        journal.events(&filter).unwrap().into_iter().map(|event| event.sequence).collect()
    };
    let all = EventFilter::default();
    assert_eq!(sequences(all.clone()), (1..=1200).collect::<Vec<_>>());
    let newest = EventFilter { newest_first: true, limit: Some(700), ..all.clone() };
    assert_eq!(sequences(newest), (501..=1200).rev().collect::<Vec<_>>());
    let high = EventFilter { level: Some(Level::High), since: Some(time(1000)), ..all.clone() };
    assert_eq!(sequences(high), [1001, 1101]);
    let kind = EventFilter { kind: Some("drift-ended".into()), after_sequence: Some(1195), ..all.clone() };
    assert_eq!(sequences(kind), [1196, 1198, 1200]);
    assert!(sequences(EventFilter { since: Some(time(5000)), ..all.clone() }).is_empty());
    let event = journal.event("id-7").unwrap().unwrap();
    assert_eq!(event.sequence, 8);
    assert_eq!(event.event().unwrap().get("event.sequence"), Some(&8.into()));
    assert_eq!(journal.event("8").unwrap().unwrap(), event);
    assert_eq!(journal.event("nope").unwrap(), None);
    assert_eq!(journal.last().unwrap().unwrap().sequence, 1200);
    let mut seen = 0;
    journal
        .each_event(&all, |_| {
            seen += 1;
            if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!(seen, 3);
    journal.check_soundness().unwrap();
}

#[test]
fn events_are_recorded_all_or_none() {
    let (_root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    let make = |id: &str| event(id, AgentAction::AgentGap, Level::Low, 0);
    journal.append(make("a")).unwrap();
    let other = event("a", AgentAction::AgentStarted, Level::Low, 0);
    let refused = journal.append_all(vec![make("b"), other]).unwrap_err();
    assert!(matches!(refused, JournalError::Duplicate(id) if id == "a"));
    assert_eq!(journal.count().unwrap(), 1);
    assert_eq!(journal.append(make("c")).unwrap().sequence, 2);
}

#[test]
fn no_file_holds_a_secret_and_none_is_open_to_others() {
    let (_root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    journal.approve(Path::new(HOME), vec![approval("linear")], time(0)).unwrap();
    let mut shown = event("a", AgentAction::ServerApproved, Level::Low, 0);
    shown.set("mcpwatch.content", approval("linear").content.shown(journal.key()));
    journal.append(shown).unwrap();
    journal.withdraw(1, "u", time(1)).unwrap();
    let check = || {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&state).unwrap() {
            let entry = entry.unwrap();
            let bytes = std::fs::read(entry.path()).unwrap();
            let name = entry.file_name().into_string().unwrap();
            assert!(!bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()), "{name}");
            assert_eq!(entry.metadata().unwrap().mode() & 0o7777, 0o600, "{name}");
            names.push(name);
        }
        names.sort();
        names
    };
    assert_eq!(check(), ["journal.db", "journal.db-shm", "journal.db-wal", "key"]);
    drop(journal);
    assert_eq!(check(), ["journal.db", "key"]);
    assert_eq!(std::fs::metadata(&state).unwrap().mode() & 0o7777, 0o700);
}
