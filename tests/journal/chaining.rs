//! The chain: what it binds, what breaks it, and that nobody who appends breaks it.

use super::*;
use mcpwatch::journal::{
    Batch, EventFilter, Fault, Journal, JournalError, StandingChange, Verification, Verified, What,
};
use mcpwatch::model::kind::DriftKind;
use mcpwatch::model::retention::Retention;
use mcpwatch::model::standing::{About, StandingDrift};
use proptest::prelude::*;
use rusqlite::Connection;
use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

const HOME: &str = "/home/alice";

fn gap(id: &str) -> mcpwatch::model::event::Event {
    event(id, AgentAction::AgentGap, Level::Low, 0)
}

pub(super) fn whole(journal: &Journal) -> Verified {
    match journal.verify(None).unwrap() {
        Verification::Whole(whole) => *whole,
        Verification::Broken(broken) => panic!("{broken:?}"),
    }
}

/// A journal that an earlier version made, where it may be opened.
pub(super) fn of_version_1(name: &str) -> (tempfile::TempDir, PathBuf) {
    let (root, state) = state();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journal/v1").join(name);
    fs::create_dir(&state).unwrap();
    fs::set_permissions(&state, Permissions::from_mode(0o700)).unwrap();
    for file in ["journal.db", "key"] {
        fs::copy(fixture.join(file), state.join(file)).unwrap();
        fs::set_permissions(state.join(file), Permissions::from_mode(0o600)).unwrap();
    }
    (root, state)
}

fn documents(state: &Path) -> Vec<String> {
    let connection = Connection::open(state.join("journal.db")).unwrap();
    let mut select = connection.prepare("SELECT document FROM events ORDER BY seq").unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn an_older_journal_is_chained_and_goes_on() {
    let (_root, state) = of_version_1("filled");
    let before = documents(&state);
    let journal = Journal::open_existing(&state).unwrap().unwrap();
    assert_eq!(whole(&journal).events, 9);
    assert_eq!(journal.approvals(Path::new(HOME), time(40_000_000)).unwrap().len(), 3);
    drop(journal);
    assert_eq!(documents(&state), before, "byte for byte");
    let mut journal = Journal::open(&state).unwrap();
    let head = journal.head().unwrap().unwrap();
    assert_eq!(head.sequence, 9);
    let stored = journal.append(gap("new")).unwrap();
    assert_eq!(stored.sequence, 10);
    let event = stored.event().unwrap();
    assert_eq!(event.text("mcpwatch.chain.previous"), Some(head.hash.to_string().as_str()));
    assert_eq!(event.text("mcpwatch.chain.hash"), Some(stored.hash.as_str()));
    assert_eq!(whole(&journal).events, 10);
    journal.check_soundness().unwrap();
    drop(journal);
    for change in [
        "UPDATE events SET document = replace(document, 'linear', 'linea1') WHERE seq = 3",
        "UPDATE events SET document = document || ' ' WHERE seq = 3",
        "DELETE FROM events WHERE seq = 2",
        "UPDATE events SET hash = replace(hash, 'a', 'b') WHERE seq = 3",
    ] {
        let (_root, state) = of_version_1("filled");
        drop(Journal::open(&state).unwrap());
        Connection::open(state.join("journal.db")).unwrap().execute_batch(change).unwrap();
        let verification = Journal::open(&state).unwrap().verify(None).unwrap();
        assert!(
            matches!(&verification, Verification::Broken(broken) if broken.sequence == Some(3)),
            "{change}: {verification:?}"
        );
    }
}

#[test]
fn an_older_journal_without_events_begins_its_chain() {
    let (_root, state) = of_version_1("empty");
    let mut journal = Journal::open(&state).unwrap();
    assert_eq!((whole(&journal).events, journal.head().unwrap()), (0, None));
    assert_eq!(journal.append(gap("a")).unwrap().sequence, 1);
    assert_eq!(whole(&journal).events, 1);
}

#[test]
fn a_program_that_knows_no_chain_cannot_break_it() {
    let (_root, state) = of_version_1("filled");
    let old = Connection::open(state.join("journal.db")).unwrap();
    let journal = Journal::open(&state).unwrap();
    let inserted = old.execute(
        "INSERT INTO events (seq, id, time, action, level, kind, home, document) VALUES (10, 'x', '', '', '', '', NULL, '{}')",
        (),
    );
    assert!(inserted.is_err());
    assert_eq!(whole(&journal).events, 9);
}

#[test]
fn nothing_made_up_can_pass_for_an_older_journal() {
    let (_root, state) = state();
    Journal::open(&state).unwrap().append(gap("a")).unwrap();
    let other = Connection::open(state.join("journal.db")).unwrap();
    other
        .execute_batch(
            "DROP VIEW event_columns; ALTER TABLE events DROP COLUMN hash; DROP TABLE head; DROP TABLE checkpoints; DROP TABLE standing;
             UPDATE events SET document = replace(document, 'happened', 'Happened'); PRAGMA user_version = 1",
        )
        .unwrap();
    assert!(matches!(Journal::open(&state), Err(JournalError::KeyMismatch { .. })));
    assert!(matches!(Journal::open_existing(&state), Err(JournalError::KeyMismatch { .. })));
}

fn standing(drift_id: &str, event_id: &str) -> StandingDrift {
    StandingDrift {
        drift_id: drift_id.into(),
        state: "told".into(),
        since: time(0),
        level: Level::High,
        kind: DriftKind::HookChanged,
        summary: "A hook changed.".into(),
        event_id: Some(event_id.into()),
        about: About::default(),
    }
}

#[test]
fn a_batch_is_committed_whole_and_once() {
    let (_root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    let home = PathBuf::from(HOME);
    let batch = Batch {
        events: vec![gap("a"), gap("b")],
        standing: vec![StandingChange::Stands { home: home.clone(), drift: standing("d", "a") }],
    };
    let first = journal.commit(&batch).unwrap();
    assert_eq!(journal.commit(&batch).unwrap(), first, "tried again, it stands as it stood");
    let next = Batch {
        events: vec![gap("b"), gap("c")],
        standing: vec![StandingChange::Ended { home: home.clone(), drift_id: "none".into() }],
    };
    let sequences: Vec<i64> = journal.commit(next).unwrap().iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, [2, 3]);
    assert_eq!(journal.standing(&home).unwrap(), [standing("d", "a")]);
    assert!(journal.standing(Path::new("/home/bob")).unwrap().is_empty());
    let conflict = Batch {
        events: vec![gap("e"), event("a", AgentAction::AgentStopped, Level::Low, 9)],
        standing: vec![StandingChange::Ended { home: home.clone(), drift_id: "d".into() }],
    };
    assert!(matches!(journal.commit(conflict), Err(JournalError::Duplicate(id)) if id == "a"));
    assert_eq!((journal.count().unwrap(), journal.standing(&home).unwrap().len()), (3, 1), "all or nothing");
    assert_eq!(journal.stands_since("d").unwrap(), Some(time(0)));
    let forged = "UPDATE standing SET level = 'low'";
    Connection::open(state.join("journal.db")).unwrap().execute_batch(forged).unwrap();
    assert!(journal.standing(&home).unwrap().is_empty(), "what was forged is told again");
    let ended = StandingChange::Ended { home, drift_id: "d".into() };
    journal.commit(Batch { standing: vec![ended], ..Batch::default() }).unwrap();
    assert_eq!(journal.stands_since("d").unwrap(), None);
    assert_eq!(whole(&journal).events, 3);
}

#[test]
fn what_somebody_made_unreadable_keeps_nobody_from_recording() {
    for change in [
        "UPDATE events SET document = CAST(x'ff' AS TEXT), hash = CAST(x'fe' AS TEXT), time = CAST(x'fd' AS TEXT)",
        "UPDATE head SET hash = CAST(x'ff' AS TEXT), mac = CAST(x'ff' AS TEXT)",
        "DELETE FROM head; UPDATE events SET hash = CAST(x'ff' AS TEXT)",
        "UPDATE standing SET state = CAST(x'ff' AS TEXT), event = CAST(x'ff' AS TEXT)",
        "INSERT INTO checkpoints VALUES (0, CAST(x'ff' AS TEXT), 1, '', '', '', NULL, CAST(x'ff' AS TEXT), '')",
    ] {
        let (_root, state) = state();
        let mut journal = Journal::open(&state).unwrap();
        let home = PathBuf::from(HOME);
        let stands = StandingChange::Stands { home: home.clone(), drift: standing("d", "a") };
        journal.commit(Batch { events: vec![gap("a"), gap("b")], standing: vec![stands] }).unwrap();
        Connection::open(state.join("journal.db")).unwrap().execute_batch(change).unwrap();
        journal.append(gap("c")).unwrap();
        journal.standing(&home).unwrap();
        journal.last().unwrap();
        assert_eq!(journal.events(&EventFilter::default()).unwrap().len(), 3, "{change}");
        let is_broken = matches!(journal.verify(None).unwrap(), Verification::Broken(_));
        assert_eq!(is_broken, !change.contains("standing"), "{change}");
        journal
            .retain(
                &Retention { keep: std::time::Duration::ZERO, max_size: 1, ..Retention::default() },
                time(9),
            )
            .unwrap();
    }
}

#[test]
fn a_sign_of_life_is_remembered() {
    let (_root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    assert_eq!(journal.alive().unwrap(), None);
    journal.mark_alive(time(1)).unwrap();
    journal.mark_alive(time(2)).unwrap();
    drop(journal);
    assert_eq!(Journal::open_existing(&state).unwrap().unwrap().alive().unwrap(), Some(time(2)));
}

#[test]
fn a_journal_that_was_deleted_or_replaced_is_not_written_to() {
    for (names, is_found) in [
        (&["journal.db"][..], false),
        (&["journal.db-wal"], true),
        (&["journal.db", "journal.db-wal", "journal.db-shm", "key"], false),
        (&[""], false),
    ] {
        let (_root, state) = state();
        let mut journal = Journal::open(&state).unwrap();
        journal.append(gap("a")).unwrap();
        assert!(!journal.is_detached());
        for name in names {
            match *name {
                "" => fs::remove_dir_all(&state).unwrap(),
                name => fs::remove_file(state.join(name)).unwrap(),
            }
        }
        assert!(journal.is_detached());
        let refused = journal.append(gap("b")).unwrap_err();
        assert!(refused.is_detached() && refused.to_string().contains("deleted or replaced"), "{refused}");
        assert!(journal.mark_alive(time(0)).unwrap_err().is_detached());
        let head = journal.head().unwrap();
        let reattached = journal.reattach(time(1)).unwrap();
        assert_eq!((reattached.found.is_some(), reattached.head), (is_found, head), "{names:?}");
        assert!(!journal.is_detached());
        journal.append(gap("b")).unwrap();
        drop(journal);
        let journal = Journal::open(&state).unwrap();
        assert_eq!(whole(&journal).events, 2, "{names:?}: nothing is lost");
        journal.check_soundness().unwrap();
        assert_eq!(fs::metadata(state.join("journal.db")).unwrap().permissions().mode() & 0o7777, 0o600);
    }
    let (root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    journal.append(gap("a")).unwrap();
    let mut reader = Journal::open_existing(&state).unwrap().unwrap();
    fs::rename(&state, root.path().join("away")).unwrap();
    let mut other = Journal::open(&state).unwrap();
    other.append(gap("other")).unwrap();
    assert!(journal.is_detached() && reader.is_detached());
    assert!(reader.set_patience(std::time::Duration::ZERO).is_ok());
    drop(journal);
    assert!(state.join("journal.db-wal").exists(), "the other one's log is left alone");
    other.append(gap("another")).unwrap();
    assert_eq!(whole(&other).events, 2);
}

#[test]
fn what_has_the_name_of_a_lost_journal_is_set_aside() {
    let (root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    journal.append(gap("a")).unwrap();
    fs::rename(&state, root.path().join("away")).unwrap();
    let mut other = Journal::open(&state).unwrap();
    other.append_all(vec![gap("b"), gap("c")]).unwrap();
    let reattached = journal.reattach(time(1)).unwrap();
    let away = root.path().join("away");
    #[cfg(target_os = "linux")]
    assert_eq!(reattached.moved_to, Some(fs::canonicalize(&away).unwrap().join("journal.db")));
    let found = reattached.found.unwrap();
    assert_eq!(found.what, What::Stranger, "it has another key");
    journal.append(gap("d")).unwrap();
    assert!(other.is_detached() && other.append(gap("e")).unwrap_err().is_detached());
    drop((journal, other));
    let count = |state: &Path| whole(&Journal::open(state).unwrap()).events;
    assert_eq!((count(&state), count(&away)), (2, 1), "the lost one is whole, too");
    let read = |path: &Path| {
        let found = Connection::open(path).unwrap();
        found.query_row("SELECT count(*) FROM events", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    assert_eq!(read(&found.path), 2, "with its log, so that it can be read");
}

#[test]
fn an_earlier_state_in_its_place_is_known_again() {
    let (root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    journal.append_all(vec![gap("a"), gap("b")]).unwrap();
    let then = journal.head().unwrap().unwrap();
    let copy = root.path().join("copy");
    let vacuum = |path: &Path| {
        let open = Connection::open(state.join("journal.db")).unwrap();
        open.execute("VACUUM INTO ?1", [path.to_str().unwrap()]).unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    };
    vacuum(&copy);
    journal.append(gap("c")).unwrap();
    fs::copy(&copy, root.path().join("forged")).unwrap();
    fs::rename(&copy, state.join("journal.db")).unwrap();
    let found = journal.reattach(time(1)).unwrap().found.unwrap();
    assert_eq!(found.what, What::Earlier(then));
    assert_eq!(whole(&journal).events, 3);
    // A view in the place of a table could answer for ever.
    let forged = root.path().join("forged");
    Connection::open(&forged)
        .unwrap()
        .execute_batch(
            "DROP TABLE head; CREATE VIEW head AS WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq FROM n)
             SELECT seq, '' AS hash, '' AS approvals, '' AS mac FROM n WHERE seq = 2",
        )
        .unwrap();
    fs::rename(&forged, state.join("journal.db")).unwrap();
    assert_eq!(journal.reattach(time(2)).unwrap().found.unwrap().what, What::Stranger);
    assert_eq!(whole(&journal).events, 3);
}

#[test]
fn a_change_of_any_byte_of_any_document_is_found() {
    let (_root, state) = state();
    let mut journal = Journal::open(&state).unwrap();
    journal.append_all((0..3).map(|n| gap(&format!("id-{n}"))).collect()).unwrap();
    let other = Connection::open(state.join("journal.db")).unwrap();
    let document: Vec<u8> = other
        .query_row("SELECT CAST(document AS BLOB) FROM events WHERE seq = 2", [], |row| row.get(0))
        .unwrap();
    let store = |bytes: &[u8]| {
        other.execute("UPDATE events SET document = CAST(?1 AS TEXT) WHERE seq = 2", [bytes]).unwrap();
    };
    other.pragma_update(None, "synchronous", "OFF").unwrap();
    proptest!(ProptestConfig::with_cases(400), |(at in any::<prop::sample::Index>(), bit in 0_u8..8)| {
        let mut changed = document.clone();
        let at = at.index(changed.len());
        changed[at] ^= 1 << bit;
        store(&changed);
        match journal.verify(None).unwrap() {
            Verification::Broken(broken) => {
                prop_assert_eq!((broken.sequence, broken.fault), (Some(2), Fault::Changed));
            }
            Verification::Whole(_) => prop_assert!(false, "byte {}", at),
        }
    });
    store(&document);
    assert_eq!(whole(&journal).events, 3);
}

#[test]
fn many_append_at_once_to_one_chain() {
    let (_root, state) = state();
    drop(Journal::open(&state).unwrap());
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let state = &state;
            scope.spawn(move || {
                let mut journal = Journal::open(state).unwrap();
                journal.set_patience(std::time::Duration::from_secs(60)).unwrap();
                for n in 0..100 {
                    journal.append(gap(&format!("{writer}-{n}"))).unwrap();
                }
            });
        }
    });
    assert_eq!(whole(&Journal::open(&state).unwrap()).events, 400);
}

/// Where the child of the next test appends; without it that child does nothing.
const APPENDS_TO: &str = "MCPWATCH_TEST_APPENDS_TO";

/// Not a test of its own: what [`killing_whoever_appends_breaks_nothing`] kills.
#[test]
fn appends_until_it_is_killed() {
    let Some(state) = std::env::var_os(APPENDS_TO) else { return };
    let mut journal = Journal::open(Path::new(&state)).unwrap();
    let from = journal.last_sequence().unwrap();
    for n in from.. {
        let stored = journal.append_all(vec![gap(&format!("{n}-a")), gap(&format!("{n}-b"))]).unwrap();
        println!("committed {}", stored[1].id);
    }
}

#[test]
fn killing_whoever_appends_breaks_nothing() {
    let (_root, state) = state();
    let mut promised = Vec::new();
    for round in 0..30 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "chaining::appends_until_it_is_killed", "--nocapture"])
            .env(APPENDS_TO, &state)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut committed = lines.filter_map(|line| Some(line.split_once("committed ")?.1.to_owned()));
        // At another moment of its work in every round.
        promised.extend(committed.by_ref().take(1 + round % 4));
        child.kill().unwrap();
        promised.extend(committed);
        child.wait().unwrap();
    }
    let journal = Journal::open(&state).unwrap();
    let verified = whole(&journal);
    assert!(verified.events >= 60 && verified.events.is_multiple_of(2), "{verified:?}");
    for id in promised {
        assert!(journal.event(&id).unwrap().is_some(), "{id} was promised");
    }
    let names: Vec<_> = fs::read_dir(&state)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!names.iter().any(|name| name.contains(".new-")), "{names:?}");
}
