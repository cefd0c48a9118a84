//! Dropping what is old: what goes, what stays, and that the chain can still be verified.

use super::chaining::whole;
use super::*;
use mcpwatch::journal::{Batch, Fault, Journal, Sought, StandingChange, Trimmed, Verification};
use mcpwatch::model::kind::DriftKind;
use mcpwatch::model::retention::Retention;
use mcpwatch::model::standing::{About, StandingDrift};
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

/// One event a second, from 0 to `count`.
fn filled(count: i64) -> (tempfile::TempDir, PathBuf, Journal) {
    let (root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    let events =
        (0..count).map(|n| event(&format!("id-{n}"), AgentAction::AgentGap, Level::Low, n)).collect();
    journal.append_all(events).unwrap();
    (root, state, journal)
}

fn seconds(keep: u64) -> Retention {
    Retention { keep: Duration::from_secs(keep), max_size: u64::MAX, ..Retention::default() }
}

fn trim_all(journal: &mut Journal, retention: &Retention, now: i64) -> Vec<Trimmed> {
    std::iter::from_fn(|| journal.retain(retention, time(now)).unwrap()).collect()
}

fn fault(journal: &Journal) -> Option<Fault> {
    match journal.verify(None).unwrap() {
        Verification::Whole(_) => None,
        Verification::Broken(broken) => Some(broken.fault),
    }
}

#[test]
fn what_is_too_old_goes_and_the_chain_begins_later() {
    let (_root, _state, mut journal) = filled(1200);
    assert_eq!(journal.retain(&seconds(5000), time(1200)).unwrap(), None);
    let hash = journal.event("700").unwrap().unwrap().hash;
    let trimmed = trim_all(&mut journal, &seconds(500), 1200);
    let counts: Vec<_> = trimmed.iter().map(|trimmed| (trimmed.events, trimmed.more)).collect();
    assert_eq!(counts, [(500, true), (200, false)], "a bounded number at once");
    assert_eq!((trimmed[1].first, trimmed[1].last, trimmed[1].broken), (501, 700, None));
    assert_eq!(journal.retain(&seconds(500), time(1200)).unwrap(), None);
    let verified = whole(&journal);
    assert_eq!((verified.events, verified.first.unwrap().sequence), (500, 701));
    assert_eq!(verified.dropped.len(), 1, "one checkpoint a day");
    let dropped = &verified.dropped[0];
    assert_eq!((dropped.events, dropped.sequence, dropped.hash.to_string()), (700, 700, hash.clone()));
    assert_eq!(dropped.since, "2025-12-29T09:20:00.000000Z");
    let Verification::Whole(sought) = journal.verify(Some(&hash[..16])).unwrap() else { panic!() };
    assert!(matches!(sought.sought, Some(Sought::Dropped(_))));
    assert_eq!(journal.append(event("new", AgentAction::AgentGap, Level::Low, 1)).unwrap().sequence, 1201);
    assert_eq!(whole(&journal).events, 501);
}

#[test]
fn everything_may_go_and_the_numbers_go_on() {
    let (_root, _state, mut journal) = filled(3);
    assert_eq!(trim_all(&mut journal, &seconds(1), 1000)[0].events, 3);
    let verified = whole(&journal);
    assert_eq!((verified.events, verified.head.sequence), (0, 3));
    assert_eq!(journal.append(event("new", AgentAction::AgentGap, Level::Low, 1)).unwrap().sequence, 4);
    assert_eq!(whole(&journal).events, 1);
    let later = 1000 + 86_400 * 2;
    assert_eq!(trim_all(&mut journal, &seconds(1), later)[0].events, 1);
    assert_eq!(whole(&journal).dropped.len(), 2, "another day, another checkpoint");
}

#[test]
fn what_takes_too_much_room_goes_and_the_room_comes_back() {
    let (_root, state, mut journal) = filled(4000);
    let size = || std::fs::metadata(state.join("journal.db")).unwrap().len();
    let retention =
        Retention { keep: Duration::from_secs(1 << 30), max_size: 1 << 20, ..Retention::default() };
    let trimmed = trim_all(&mut journal, &retention, 4000);
    assert!(trimmed.len() > 1);
    let verified = whole(&journal);
    assert!(verified.events >= 1000 && verified.events < 2000, "{}", verified.events);
    drop(journal);
    assert!(size() < 3 << 20, "{}", size());
    let mut journal = Journal::open(&state).unwrap();
    let tiny = Retention { keep: Duration::from_secs(1 << 30), max_size: 1, ..Retention::default() };
    trim_all(&mut journal, &tiny, 4000);
    assert_eq!(whole(&journal).events, 1000, "the newest stay");
}

#[test]
fn what_tells_of_a_standing_drift_stays_as_long_as_it_stands() {
    let (_root, state, mut journal) = filled(20);
    journal.approve(Path::new("/home/u"), vec![approval("linear")], time(0)).unwrap();
    let home = PathBuf::from("/home/u");
    let drift = StandingDrift {
        drift_id: "d".into(),
        state: String::new(),
        since: time(4),
        level: Level::High,
        kind: DriftKind::HookChanged,
        summary: "A hook changed.".into(),
        event_id: Some("id-4".into()),
        about: About::default(),
    };
    let stands = StandingChange::Stands { home: home.clone(), drift };
    journal.commit(Batch { standing: vec![stands], ..Batch::default() }).unwrap();
    assert_eq!(trim_all(&mut journal, &seconds(10), 20)[0].events, 9);
    let verified = whole(&journal);
    assert_eq!((verified.events, verified.first.unwrap().sequence), (11, 5));
    assert_eq!(journal.standing(&home).unwrap().len(), 1);
    assert_eq!(journal.approvals(&home, time(0)).unwrap().len(), 1);
    let other = Connection::open(state.join("journal.db")).unwrap();
    other.execute_batch("CREATE TABLE aside AS SELECT * FROM events WHERE seq = 5").unwrap();
    other.execute_batch("DELETE FROM events WHERE seq = 5").unwrap();
    assert_eq!(fault(&journal), Some(Fault::Missing { first: 5, last: 5 }));
    other.execute_batch("INSERT INTO events SELECT * FROM aside").unwrap();
    other.execute_batch("UPDATE events SET time = '' WHERE seq = 5").unwrap();
    assert_eq!(fault(&journal), Some(Fault::Column("time")));
    other.execute_batch("UPDATE events SET time = (SELECT time FROM aside) WHERE seq = 5").unwrap();
    let ended = StandingChange::Ended { home, drift_id: "d".into() };
    journal.commit(Batch { standing: vec![ended], ..Batch::default() }).unwrap();
    let trimmed = trim_all(&mut journal, &seconds(10), 20);
    assert_eq!((trimmed[0].events, trimmed[0].first, trimmed[0].last), (1, 5, 5));
    assert_eq!(whole(&journal).events, 10);
}

#[test]
fn a_checkpoint_cannot_be_changed_or_taken_out() {
    for (change, wanted) in [
        ("UPDATE checkpoints SET events = 3", Fault::Checkpoint),
        ("UPDATE checkpoints SET at = since", Fault::Checkpoint),
        ("UPDATE checkpoints SET kept = '[[7,\"00\"]]'", Fault::Checkpoint),
        ("UPDATE checkpoints SET seq = seq - 1 WHERE seq = 10", Fault::Checkpoint),
        ("DELETE FROM checkpoints WHERE seq = 10", Fault::Checkpoint),
        ("DELETE FROM checkpoints WHERE seq = 15", Fault::Missing { first: 11, last: 15 }),
        ("DELETE FROM checkpoints", Fault::Missing { first: 1, last: 15 }),
        ("DELETE FROM checkpoints; DELETE FROM events", Fault::CutOff { first: 1, last: 20 }),
        ("DELETE FROM events", Fault::CutOff { first: 16, last: 20 }),
    ] {
        let (_root, state, mut journal) = filled(20);
        trim_all(&mut journal, &seconds(10), 20);
        trim_all(&mut journal, &seconds(86_400 + 5), 86_400 + 20);
        assert_eq!(whole(&journal).dropped.len(), 2);
        Connection::open(state.join("journal.db")).unwrap().execute_batch(change).unwrap();
        assert_eq!(fault(&journal), Some(wanted), "{change}");
    }
}

#[test]
fn dropping_what_was_changed_hides_nothing() {
    let (_root, state, mut journal) = filled(20);
    Connection::open(state.join("journal.db"))
        .unwrap()
        .execute_batch("UPDATE events SET document = replace(document, 'happened', 'Happened') WHERE seq = 3")
        .unwrap();
    assert_eq!(trim_all(&mut journal, &seconds(10), 20)[0].broken, Some(3));
    let Verification::Broken(broken) = journal.verify(None).unwrap() else { panic!() };
    assert_eq!(broken.sequence, Some(3));
    assert!(matches!(broken.fault, Fault::Dropped { .. }));
}

#[test]
fn a_column_cannot_make_an_event_old() {
    let (_root, state, mut journal) = filled(20);
    Connection::open(state.join("journal.db"))
        .unwrap()
        .execute_batch("UPDATE events SET time = '2000-01-01T00:00:00.000000Z'")
        .unwrap();
    assert_eq!(journal.retain(&seconds(100), time(20)).unwrap(), None);
    assert_eq!(journal.count().unwrap(), 20);
    let trimmed = trim_all(&mut journal, &seconds(10), 20);
    assert_eq!((trimmed[0].events, trimmed[0].broken), (10, Some(1)));
    assert!(matches!(fault(&journal), Some(Fault::Dropped { .. })));
}
