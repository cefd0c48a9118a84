//! The journal is taken away under the agent: what it tells is in the journal that everybody reads, each event once,
//! and the chain goes on.

use super::journal_kit::{copied, head, is_replaced, nothing_is_lost, remove, replaced, set_aside, told};
use super::kit::{captured, verify};
use crate::support::{Scratch, wait_until};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

#[test]
fn a_journal_that_was_deleted_is_there_again() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    told(&scratch, &mut watch, "one.test");
    remove(&scratch);
    assert!(replaced(&mut watch)["message"].as_str().unwrap().contains("was deleted"));
    told(&scratch, &mut watch, "two.test");
    assert_eq!(set_aside(&scratch), [] as [PathBuf; 0]);
    nothing_is_lost(&scratch, watch);
    assert_eq!((scratch.count("endpoint-host-changed"), scratch.count("journal-replaced")), (2, 1));
}

#[test]
fn another_journal_in_its_place_is_set_aside_and_not_gone_on_with() {
    let (scratch, other) = (captured(), captured());
    let mut watch = scratch.watch(&["--format", "json"]);
    told(&scratch, &mut watch, "one.test");
    let foreign = fs::read(other.state().join("journal.db")).unwrap();
    remove(&scratch);
    fs::copy(other.state().join("journal.db"), scratch.path("beside")).unwrap();
    fs::set_permissions(scratch.path("beside"), Permissions::from_mode(0o640)).unwrap();
    fs::rename(scratch.path("beside"), scratch.state().join("journal.db")).unwrap();
    let event = replaced(&mut watch);
    let found = &event["mcpwatch"]["journal"]["set_aside"];
    assert_eq!((&found["is"], &found["head"]), (&"stranger".into(), &Value::Null), "{event}");
    let aside = set_aside(&scratch);
    assert_eq!(aside.iter().map(|path| path.to_str()).collect::<Vec<_>>(), [found["path"].as_str()]);
    assert!(event["message"].as_str().unwrap().contains(aside[0].to_str().unwrap()), "{event}");
    assert_eq!(fs::read(&aside[0]).unwrap(), foreign, "not one byte of it was changed");
    assert_eq!(fs::metadata(&aside[0]).unwrap().permissions().mode() & 0o7777, 0o640);
    told(&scratch, &mut watch, "two.test");
    nothing_is_lost(&scratch, watch);
}

#[test]
fn an_earlier_copy_of_it_in_its_place_takes_nothing_back() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    let (copy, then) = (copied(&scratch), head(&scratch));
    told(&scratch, &mut watch, "one.test");
    let exported = head(&scratch);
    remove(&scratch);
    fs::rename(copy, scratch.state().join("journal.db")).unwrap();
    let event = replaced(&mut watch);
    let journal = &event["mcpwatch"]["journal"];
    assert_eq!(journal["set_aside"]["is"], "earlier", "{event}");
    assert_eq!((&journal["set_aside"]["head"]["hash"], &journal["head"]["hash"]), (&then, &exported));
    told(&scratch, &mut watch, "two.test");
    scratch.expect(0, &["verify", "--head", exported.as_str().unwrap()]);
    nothing_is_lost(&scratch, watch);
}

#[test]
fn what_commands_wrote_to_another_journal_is_set_aside_with_it() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    told(&scratch, &mut watch, "one.test");
    let copy = copied(&scratch);
    // As if it were asleep: nothing that it does comes between.
    watch.signal("STOP");
    remove(&scratch);
    fs::rename(copy, scratch.state().join("journal.db")).unwrap();
    scratch.expect(0, &["approve", "--all"]);
    assert!(scratch.drifts().is_empty());
    watch.signal("CONT");
    let event = replaced(&mut watch);
    assert_eq!(event["mcpwatch"]["journal"]["set_aside"]["is"], "parted", "{event}");
    assert!(event["message"].as_str().unwrap().contains("are not merged"));
    assert_eq!(scratch.drifts().len(), 1, "an approval that the agent's journal never saw does not hold");
    scratch.expect(0, &["approve", "--all"]);
    watch.event_where("the end of the drift", |event| event["event"]["action"] == "drift-ended");
    nothing_is_lost(&scratch, watch);
}

#[test]
fn whatever_stands_in_its_place_is_set_aside_and_not_followed() {
    type Plant = fn(&Path, &Path);
    let plants: [Plant; 4] = [
        |place, elsewhere| symlink(elsewhere, place).unwrap(),
        |place, _| fs::create_dir(place).unwrap(),
        |place, _| fs::write(place, b"").unwrap(),
        |place, _| fs::write(place, b"not a database").unwrap(),
    ];
    for plant in plants {
        let scratch = captured();
        let mut watch = scratch.watch(&["--format", "json"]);
        told(&scratch, &mut watch, "one.test");
        let elsewhere = copied(&scratch);
        let before = fs::read(&elsewhere).unwrap();
        remove(&scratch);
        plant(&scratch.state().join("journal.db"), &elsewhere);
        assert_eq!(replaced(&mut watch)["mcpwatch"]["journal"]["set_aside"]["is"], "stranger");
        told(&scratch, &mut watch, "two.test");
        assert_eq!(set_aside(&scratch).len(), 1);
        nothing_is_lost(&scratch, watch);
        assert_eq!(fs::read(&elsewhere).unwrap(), before);
    }
}

#[test]
fn a_log_that_was_deleted_replaced_or_emptied_takes_nothing_back() {
    type Meddle = fn(&Path);
    let meddles: [Meddle; 3] = [
        |log| fs::remove_file(log).unwrap(),
        |log| {
            fs::write(log.with_extension("other"), b"not a log").unwrap();
            fs::rename(log.with_extension("other"), log).unwrap();
        },
        |log| fs::File::options().write(true).open(log).unwrap().set_len(0).unwrap(),
    ];
    for meddle in meddles {
        let scratch = captured();
        let mut watch = scratch.watch(&["--format", "json"]);
        told(&scratch, &mut watch, "one.test");
        meddle(&scratch.state().join("journal.db-wal"));
        replaced(&mut watch);
        told(&scratch, &mut watch, "two.test");
        nothing_is_lost(&scratch, watch);
    }
}

#[test]
fn a_directory_that_a_command_made_anew_is_not_gone_on_with() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    told(&scratch, &mut watch, "one.test");
    let away = scratch.path("away");
    let key = fs::read(scratch.state().join("key")).unwrap();
    watch.signal("STOP");
    fs::rename(scratch.state(), &away).unwrap();
    scratch.expect(0, &["baseline", "capture"]);
    assert_ne!(fs::read(scratch.state().join("key")).unwrap(), key);
    watch.signal("CONT");
    let event = replaced(&mut watch);
    assert_eq!(
        event["mcpwatch"]["journal"]["moved_to"].as_str(),
        away.join("journal.db").to_str(),
        "{event}"
    );
    assert_eq!(fs::read(scratch.state().join("key")).unwrap(), key, "it is the journal's own again");
    assert_eq!(set_aside(&scratch).len(), 2, "the other journal, and its key");
    assert_eq!(scratch.drifts().len(), 1, "what was captured meanwhile is not approved");
    told(&scratch, &mut watch, "two.test");
    nothing_is_lost(&scratch, watch);
}

#[test]
fn a_journal_that_was_moved_away_and_back_is_gone_on_with() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    told(&scratch, &mut watch, "before.test");
    let away = scratch.path("away");
    fs::rename(scratch.state(), &away).unwrap();
    let event = replaced(&mut watch);
    assert_eq!(
        event["mcpwatch"]["journal"]["moved_to"].as_str(),
        away.join("journal.db").to_str(),
        "{event}"
    );
    wait_until("others see that it runs", || scratch.is_running());
    told(&scratch, &mut watch, "evil.test");
    // The old one in the place of the one that was made: it is an earlier state by now.
    let made = scratch.path("made");
    fs::rename(scratch.state(), &made).unwrap();
    let mut number = 0;
    while fs::rename(&away, scratch.state()).is_err() {
        fs::rename(scratch.state(), scratch.path(&format!("made-{number}"))).unwrap();
        number += 1;
    }
    told(&scratch, &mut watch, "evil-2.test");
    wait_until("both are in this journal, and what became of it", || {
        scratch.count("endpoint-host-changed") == 3 && scratch.count("journal-replaced") >= 2
    });
    let said: Vec<Value> = scratch.events().into_iter().filter(is_replaced).collect();
    let last = &said.last().unwrap()["mcpwatch"]["journal"];
    assert_eq!(last["set_aside"]["is"], "earlier", "{last}");
    assert!(last["moved_to"].as_str().unwrap().contains("/made"), "{last}");
    nothing_is_lost(&scratch, watch);
    // A new agent goes on with it.
    let watch = scratch.watch(&[]);
    assert_eq!(scratch.settled().len(), 1);
    assert_eq!(watch.stop("TERM").0, Some(0));
    verify(&scratch);
}

#[test]
fn a_directory_that_stays_away_is_made_again_closed() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    watch.signal("STOP");
    fs::rename(scratch.state(), scratch.path("away")).unwrap();
    fs::create_dir(scratch.state()).unwrap();
    fs::set_permissions(scratch.state(), Permissions::from_mode(0o755)).unwrap();
    watch.signal("CONT");
    replaced(&mut watch);
    told(&scratch, &mut watch, "one.test");
    wait_until("it is recorded", || scratch.count("endpoint-host-changed") == 1);
    assert_eq!(fs::metadata(scratch.state()).unwrap().permissions().mode() & 0o7777, 0o700);
    nothing_is_lost(&scratch, watch);
    let at = scratch.path("away").join("journal.db");
    assert!(at.exists(), "what was moved is left alone");
}

#[test]
fn a_place_that_cannot_be_used_is_said_at_once_and_made_up_for() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    watch.signal("STOP");
    fs::rename(scratch.state(), scratch.path("away")).unwrap();
    symlink(scratch.path("nowhere"), scratch.state()).unwrap();
    watch.signal("CONT");
    let unwritable = watch
        .event_where("that it cannot be written", |event| event["event"]["action"] == "journal-unwritable");
    assert!(unwritable["message"].as_str().unwrap().contains("symbolic link"), "{unwritable}");
    let alert = told(&scratch, &mut watch, "one.test");
    assert_eq!(alert["tags"][0], "journal-unwritable");
    fs::remove_file(scratch.state()).unwrap();
    wait_until("it is recorded", || {
        scratch.state().join("journal.db").exists() && scratch.count("endpoint-host-changed") == 1
    });
    nothing_is_lost(&scratch, watch);
}

#[test]
fn a_journal_that_is_replaced_again_and_again_fills_no_disk() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    let copy = copied(&scratch);
    for number in 0..8 {
        let beside = scratch.path("beside");
        fs::copy(&copy, &beside).unwrap();
        fs::rename(&beside, scratch.state().join("journal.db")).unwrap();
        replaced(&mut watch);
        told(&scratch, &mut watch, &format!("{number}.test"));
    }
    assert_eq!(set_aside(&scratch).len(), 5, "the last ones are kept");
    nothing_is_lost(&scratch, watch);
    assert_eq!((scratch.count("endpoint-host-changed"), scratch.count("journal-replaced")), (8, 8));
}

/// One of the things that can be done to the files, and undone by a later one.
fn meddle(scratch: &Scratch, number: usize) {
    let (state, away) = (scratch.state(), scratch.path("away"));
    let aside = scratch.path(&format!("aside-{number}"));
    // The agent acts meanwhile, so that any of it may come too late; then nothing is done.
    let _done = match number % 6 {
        0 => fs::rename(&state, &away),
        1 => fs::rename(&state, &aside).and_then(|()| fs::rename(&away, &state)),
        2 => fs::remove_file(state.join("journal.db")),
        3 => fs::copy(scratch.path("copy.db"), &aside)
            .and_then(|_| fs::rename(&aside, state.join("journal.db"))),
        4 => fs::remove_file(state.join("journal.db-wal")),
        _ => fs::rename(state.join("key"), aside).and_then(|()| fs::remove_file(state.join("journal.db"))),
    };
}

#[test]
fn whatever_is_done_to_the_files_nothing_that_was_told_is_lost() {
    let scratch = captured();
    let mut watch = scratch.watch(&["--format", "json"]);
    copied(&scratch);
    for round in 0..24 {
        // Without a pause, in another order each time.
        meddle(&scratch, round * 7 + round / 6);
        told(&scratch, &mut watch, &format!("{round}.test"));
        if round % 6 == 5 {
            wait_until("all is recorded", || {
                let listed = scratch.run(&["events", "--format", "json", "--kind", "endpoint-host-changed"]);
                listed.stdout.iter().filter(|byte| **byte == b'\n').count() == round + 1
            });
        }
    }
    // What is told unrecorded is recorded at the end at the latest.
    assert!(watch.is_alive());
    let told = watch.events();
    assert_eq!(watch.stop("TERM").0, Some(0));
    let recorded = scratch.events();
    let count = |id: &Value| recorded.iter().filter(|event| &event["event"]["id"] == id).count();
    for event in &told {
        assert_eq!(count(&event["event"]["id"]), 1, "{event}");
    }
    assert_eq!(scratch.count("endpoint-host-changed"), 24);
    verify(&scratch);
    scratch.settled();
}
