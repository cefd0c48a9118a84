//! The outbox: what a sink gets, how far it is, and what is kept for it.

use super::*;
use mcpwatch::journal::{Journal, Outbox};
use mcpwatch::model::retention::Retention;
use mcpwatch::model::selection::Selection;
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

fn filled(state: &Path, events: i64) -> Journal {
    let mut journal = Journal::open(state).unwrap();
    let event = |n: i64| {
        let level = if n % 10 == 0 { Level::High } else { Level::Low };
        let action = if n % 2 == 0 { AgentAction::DriftEnded } else { AgentAction::AgentGap };
        event(&format!("id-{n}"), action, level, n)
    };
    journal.append_all((1..=events).map(event).collect()).unwrap();
    journal
}

fn numbers(outbox: &Outbox) -> Vec<i64> {
    outbox.events.iter().map(|event| event.sequence).collect()
}

#[test]
fn a_sink_gets_what_it_wants_in_order_and_in_parts() {
    let (_root, state) = state();
    let _writer = filled(&state, 100);
    let journal = Journal::open_outbox(&state).unwrap().unwrap();
    let all = Selection::default();
    let first = journal.outbox(0, &all, 60).unwrap();
    assert_eq!((numbers(&first), first.until, first.more), ((1..=60).collect(), 60, true));
    let rest = journal.outbox(first.until, &all, 60).unwrap();
    assert_eq!((numbers(&rest), rest.until, rest.more), ((61..=100).collect(), 100, false));
    let high = Selection { level: Some(Level::High), kinds: Vec::new() };
    let found = journal.outbox(75, &high, 60).unwrap();
    assert_eq!((numbers(&found), found.until), (vec![80, 90, 100], 100));
    assert_eq!((journal.pending(75, &high).unwrap(), journal.pending(75, &all).unwrap()), (3, 25));
    let none = Selection { level: None, kinds: vec!["agent-started".into()] };
    let nothing = journal.outbox(0, &none, 60).unwrap();
    assert_eq!(
        (numbers(&nothing), nothing.until, nothing.more),
        (vec![], 100, false),
        "it need not look again"
    );
    assert_eq!(journal.outbox(100, &all, 60).unwrap().until, 100);
}

#[test]
fn how_far_a_sink_is_outlives_everything_and_never_goes_back() {
    let (_root, state) = state();
    let mut writer = filled(&state, 10);
    writer.use_sinks(&[("new", 0), ("late", 10)]).unwrap();
    let mut journal = Journal::open_outbox(&state).unwrap().unwrap();
    journal.sink_took("new", 7).unwrap();
    journal.sink_took("new", 5).unwrap();
    journal.sink_took("unknown", 5).unwrap();
    journal.sink_trouble("new", Some(("2026-01-01T00:00:00Z", "nobody listens"))).unwrap();
    writer.use_sinks(&[("new", 0)]).unwrap();
    drop((writer, journal));
    let journal = Journal::open_existing(&state).unwrap().unwrap();
    let new = journal.sink("new").unwrap().unwrap();
    assert_eq!(new.taken, 7);
    assert_eq!(new.trouble, Some(("nobody listens".into(), "2026-01-01T00:00:00Z".into())));
    assert_eq!(journal.sink("late").unwrap().unwrap().taken, 10, "it may come back");
    assert_eq!(journal.sink("unknown").unwrap(), None);
}

#[test]
fn a_sink_that_somebody_set_ahead_begins_anew() {
    let (_root, state) = state();
    let mut journal = filled(&state, 10);
    journal.use_sinks(&[("siem", 0)]).unwrap();
    journal.sink_took("siem", 3).unwrap();
    Connection::open(state.join("journal.db")).unwrap().execute("UPDATE sinks SET taken = 10", []).unwrap();
    assert_eq!(journal.sink("siem").unwrap(), None);
    journal.use_sinks(&[("siem", 10)]).unwrap();
    assert_eq!(journal.sink("siem").unwrap().unwrap().taken, 0, "rather twice than never");
}

#[test]
fn what_a_sink_has_not_taken_is_not_dropped_until_there_is_no_room() {
    let (_root, state) = state();
    let mut journal = filled(&state, 3000);
    journal.use_sinks(&[("siem", 0), ("disk", 0)]).unwrap();
    let past = Retention { keep: Duration::from_secs(1), ..Retention::default() };
    let drop_all = |journal: &mut Journal, retention: &Retention| {
        let dropped = std::iter::from_fn(|| journal.retain(retention, time(10_000)).unwrap());
        dropped.fold((0, 0), |sum, trimmed| (sum.0 + trimmed.events, sum.1 + trimmed.undelivered))
    };
    journal.sink_took("disk", 3000).unwrap();
    assert_eq!(drop_all(&mut journal, &past), (0, 0));
    journal.sink_took("siem", 500).unwrap();
    assert_eq!(drop_all(&mut journal, &past), (500, 0));
    let full = Retention { max_size: 1, max_undelivered: 1, ..past };
    assert_eq!(drop_all(&mut journal, &full), (1500, 1500), "the newest thousand stay");
    // Nobody waits for a sink that is gone.
    journal.use_sinks(&[]).unwrap();
    assert_eq!(drop_all(&mut journal, &past), (1000, 0));
}

#[test]
fn an_outbox_makes_no_journal() {
    let (_root, state) = state();
    assert!(Journal::open_outbox(&state).unwrap().is_none());
    assert!(!state.exists());
    let journal = filled(&state, 1);
    let outbox = Journal::open_outbox(&state).unwrap().unwrap();
    std::fs::remove_file(state.join("journal.db")).unwrap();
    assert!(outbox.is_detached());
    assert!(Journal::open_outbox(&state).is_err());
    assert!(!state.join("journal.db").exists());
    drop((outbox, journal));
}
