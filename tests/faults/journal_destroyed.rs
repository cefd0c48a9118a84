//! What belongs to the journal is destroyed under the agent, in place: its key, its log. What was told and cannot be got
//! back is named by `verify` for ever, and the agent goes on.

use super::journal_kit::{is_replaced, nothing_is_lost, replaced, set_aside, told};
use super::kit::captured;
use crate::support::{Scratch, text, wait_until};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;

#[test]
fn a_key_that_is_deleted_or_replaced_is_there_again_and_it_is_told() {
    type Meddle = fn(&Path);
    let ways: [(Meddle, &str); 3] = [
        (|key| fs::remove_file(key).unwrap(), "key was deleted"),
        (|key| fs::write(key, [7; 32]).unwrap(), "key was replaced"),
        (
            |key| {
                fs::write(key.with_extension("other"), [7; 32]).unwrap();
                fs::rename(key.with_extension("other"), key).unwrap();
            },
            "key was replaced",
        ),
    ];
    for (meddle, said) in ways {
        let scratch = captured();
        let key = scratch.state().join("key");
        let right = fs::read(&key).unwrap();
        let mut watch = scratch.watch(&["--format", "json"]);
        told(&scratch, &mut watch, "one.test");
        meddle(&key);
        // Nothing else happens: it is heard of.
        let event = replaced(&mut watch);
        assert!(event["message"].as_str().unwrap().contains(said), "{event}");
        assert_eq!(event["file"]["path"].as_str(), key.to_str());
        assert_eq!(fs::read(&key).unwrap(), right);
        told(&scratch, &mut watch, "two.test");
        nothing_is_lost(&scratch, watch);
        assert_eq!(scratch.count("journal-replaced"), 1, "once");
        assert_eq!(set_aside(&scratch).len(), usize::from(said.contains("replaced")));
    }
}

#[test]
fn without_its_key_a_journal_is_refused_in_clear_words_and_none_is_made() {
    let scratch = captured();
    let key = scratch.state().join("key");
    let right = fs::read(&key).unwrap();
    fs::remove_file(&key).unwrap();
    for command in ["verify", "watch", "status", "diff", "events"] {
        let refused = scratch.run(&[command]);
        assert_eq!(refused.status.code(), Some(2), "{command}");
        let said = text(&refused.stderr);
        assert!(said.contains("key is missing") && said.contains("restore the key from a backup"), "{said}");
        assert!(!key.exists(), "{command} made a new key under an old chain");
    }
    fs::write(&key, [7; 32]).unwrap();
    set_mode(&key);
    let refused = scratch.run(&["verify"]);
    assert!(text(&refused.stderr).contains("does not fit") && refused.status.code() == Some(2));
    fs::write(&key, right).unwrap();
    scratch.expect(0, &["verify"]);
}

fn set_mode(key: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
}

/// Whether every event that was told is recorded, or its number is among those that `verify` misses.
fn is_accounted_for(scratch: &Scratch, told: &[Value], lost: bool) -> bool {
    let listed: BTreeSet<String> =
        scratch.events().iter().map(|event| event["event"]["id"].to_string()).collect();
    let is_there = |event: &&Value| listed.contains(&event["event"]["id"].to_string());
    let report = scratch.run(&["verify", "--format", "json"]);
    if !lost {
        return told.iter().all(|event| is_there(&event)) && report.status.code() == Some(0);
    }
    let said = text(&report.stdout);
    report.status.code() == Some(1) && said.contains("missing") && !told.iter().all(|event| is_there(&event))
}

#[test]
fn a_log_that_is_destroyed_takes_nothing_back_unseen() {
    type Destroy = fn(&File);
    let ways: [Destroy; 3] = [
        |log| log.set_len(0).unwrap(),
        |log| log.set_len(log.metadata().unwrap().len() / 4).unwrap(),
        |log| {
            let length = log.metadata().unwrap().len();
            log.set_len(0).unwrap();
            log.set_len(length).unwrap();
        },
    ];
    for destroy in ways {
        let scratch = captured();
        let mut watch = scratch.watch(&["--format", "json"]);
        for number in 0..12 {
            told(&scratch, &mut watch, &format!("{number}.test"));
        }
        // It reads the approvals anew, and keeps none of the pages that it read.
        scratch.expect(0, &["approve", "--all"]);
        watch.event_where("the end of the drift", |event| event["event"]["action"] == "drift-ended");
        destroy(&File::options().write(true).open(scratch.state().join("journal.db-wal")).unwrap());
        scratch.write(".claude.json", &super::kit::led_to("late.test"));
        let event = watch.event_where("that the journal was replaced", is_replaced);
        let lost = event["message"].as_str().unwrap().contains("are lost");
        wait_until("it goes on, and records what it tells", || scratch.count("journal-replaced") == 1);
        told(&scratch, &mut watch, "last.test");
        assert!(watch.is_alive());
        let all = watch.events();
        assert_eq!(watch.stop("TERM").0, Some(0));
        let recorded = scratch.events();
        assert_eq!(recorded.last().unwrap()["event"]["action"], "agent-stopped", "it is recorded to the end");
        assert!(is_accounted_for(&scratch, &all, lost), "lost: {lost}");
    }
}
