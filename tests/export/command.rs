//! `mcpwatch export` as a user meets it: whole, in parts, following, cut off.

use crate::corpus::{HOSTILE, events, events_of};
use crate::support::{PATIENCE, Scratch, wait_until};
use mcpwatch::export::Format;
use mcpwatch::journal::Journal;
use mcpwatch::model::hidden::is_hidden;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

/// A journal with every event of the corpus.
fn filled() -> (Scratch, Vec<String>) {
    let scratch = Scratch::new();
    let mut journal = Journal::open(&scratch.state()).unwrap();
    let stored = journal.append_all(events()).unwrap();
    (scratch, stored.into_iter().map(|event| event.document).collect())
}

fn export(scratch: &Scratch, arguments: &[&str]) -> String {
    // Without a home of one's own: the corpus speaks of another one.
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcpwatch"));
    let output = command.env_clear().env("HOME", scratch.home()).arg("--state").arg(scratch.state());
    let output = output.arg("export").args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn sequences(lines: &str) -> Vec<i64> {
    let parsed = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    parsed.map(|event| event["event"]["sequence"].as_i64().unwrap()).collect()
}

#[test]
fn every_format_is_one_line_an_event_and_nothing_hides_in_it() {
    let (scratch, documents) = filled();
    for format in Format::ALL {
        let lines = export(&scratch, &["--format", format.as_str()]);
        assert_eq!(lines.matches('\n').count(), documents.len(), "{format}");
        assert!(!lines.chars().any(|letter| letter != '\n' && is_hidden(letter)), "{format}");
        assert!(!lines.contains("c4n4ry"), "{format}");
        for line in lines.lines() {
            let is_one = match format {
                Format::Jsonl | Format::EcsFlat | Format::Ocsf => line.starts_with('{'),
                Format::Cef => line.starts_with("CEF:0|mcpwatch|mcpwatch|"),
                Format::Syslog => line.starts_with("<8") && line.len() <= 8000,
            };
            assert!(is_one, "{format}: {line}");
        }
    }
}

#[test]
fn jsonl_is_the_stored_document() {
    let (scratch, documents) = filled();
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let lines = export(&scratch, &["--format", "jsonl"]);
    let lines: Vec<Value> = lines.lines().map(parsed).collect();
    assert_eq!(lines, documents.iter().map(|text| parsed(text)).collect::<Vec<_>>());
    assert!(lines.iter().any(|line| line["mcpwatch"]["server"] == HOSTILE));
    assert!(
        lines
            .iter()
            .all(|line| line["mcpwatch"]["chain"]["hash"].as_str().is_some_and(|hash| hash.len() == 64))
    );
}

#[test]
fn parts_make_up_the_whole_and_filters_narrow_it() {
    let (scratch, documents) = filled();
    let whole = sequences(&export(&scratch, &["--format", "jsonl"]));
    assert_eq!(whole, (1..=i64::try_from(documents.len()).unwrap()).collect::<Vec<_>>());
    let mut parts: Vec<i64> = Vec::new();
    while parts.len() < whole.len() {
        let after = parts.last().copied().unwrap_or_default().to_string();
        let part = sequences(&export(&scratch, &["--format", "jsonl", "--after", &after, "--limit", "31"]));
        assert!(!part.is_empty() && part.len() <= 31);
        parts.extend(part);
    }
    assert_eq!(parts, whole);
    let narrowed =
        |arguments: &[&str]| sequences(&export(&scratch, &[&["--format", "jsonl"], arguments].concat()));
    assert_eq!(narrowed(&["--kind", "hook-changed"]).len(), 2);
    assert!(narrowed(&["--level", "critical"]).len() < whole.len() / 2);
    assert!(narrowed(&["--since", "2999-01-01T00:00:00Z"]).is_empty());
    assert!(narrowed(&["--limit", "0"]).is_empty());
    assert!(narrowed(&["--after", "999999"]).is_empty());
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let scratch = Scratch::new();
    for (arguments, says) in [
        (&["export"][..], "--format"),
        (&["export", "--format", "xml"][..], "jsonl, ecs-flat, ocsf, cef, syslog"),
        (&["export", "--format", "cef", "--after=-1"][..], "--after"),
        (&["export", "--format", "cef", "--kind", "hook-chnged"][..], "hook-changed"),
        (&["export", "--format", "cef"][..], "baseline capture"),
    ] {
        let output = scratch.run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(says), "{arguments:?}");
    }
}

/// Lines as they come, by a thread of their own.
fn lines_of(child: &mut Child) -> Receiver<String> {
    let (sender, lines) = channel();
    let stdout = child.stdout.take().unwrap();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn following(scratch: &Scratch, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcpwatch"));
    command.env_clear().env("HOME", scratch.home()).arg("--state").arg(scratch.state());
    command
        .args(["export", "--follow", "--format", "jsonl"])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn sequence(line: &str) -> i64 {
    sequences(line)[0]
}

#[test]
fn following_goes_on_with_what_comes_and_ends_when_told() {
    let (scratch, documents) = filled();
    let count = i64::try_from(documents.len()).unwrap();
    let mut child = following(&scratch, &["--after", &(count - 1).to_string()]);
    let lines = lines_of(&mut child);
    assert_eq!(sequence(&lines.recv_timeout(PATIENCE).unwrap()), count);
    let mut journal = Journal::open(&scratch.state()).unwrap();
    journal.append_all(events_of(1)).unwrap();
    for expected in count + 1..=2 * count {
        assert_eq!(sequence(&lines.recv_timeout(PATIENCE).unwrap()), expected);
    }
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(lines.recv().is_err(), "nothing else was said");
}

#[test]
fn following_ends_after_as_many_as_were_asked_for() {
    let (scratch, documents) = filled();
    let count = documents.len();
    let mut child = following(&scratch, &["--limit", &(count + 2).to_string()]);
    let lines = lines_of(&mut child);
    for _ in 0..count {
        lines.recv_timeout(PATIENCE).unwrap();
    }
    Journal::open(&scratch.state()).unwrap().append_all(events_of(1)).unwrap();
    assert_eq!(sequence(&lines.recv_timeout(PATIENCE).unwrap()), i64::try_from(count).unwrap() + 1);
    lines.recv_timeout(PATIENCE).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(lines.recv().is_err());
}

#[test]
fn following_finds_the_journal_that_takes_anothers_place() {
    let (scratch, documents) = filled();
    let mut child = following(&scratch, &["--after", &documents.len().to_string()]);
    let lines = lines_of(&mut child);
    Journal::open(&scratch.state()).unwrap().append_all(events_of(1)).unwrap();
    lines.recv_timeout(PATIENCE).unwrap();
    // As `cp -r` and `mv` would: the same events in files of other identities.
    let (state, copy) = (scratch.state(), scratch.path("copy"));
    assert!(Command::new("cp").arg("-a").args([&state, &copy]).status().unwrap().success());
    std::fs::rename(&state, scratch.path("away")).unwrap();
    std::fs::rename(&copy, &state).unwrap();
    Journal::open(&state).unwrap().append_all(events_of(2)).unwrap();
    let last = i64::try_from(documents.len() * 3).unwrap();
    let mut seen = 0;
    wait_until("the new journal's last event comes", || {
        seen = lines.recv_timeout(PATIENCE).map_or(seen, |line| sequence(&line));
        seen == last
    });
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_reader_that_goes_away_is_a_clean_end() {
    let (scratch, _) = filled();
    let mut journal = Journal::open(&scratch.state()).unwrap();
    for round in 1..8 {
        journal.append_all(events_of(round)).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcpwatch"));
    command.env_clear().env("HOME", scratch.home()).arg("--state").arg(scratch.state());
    command.args(["export", "--format", "ocsf"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut first = [0_u8; 100];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn who_follows_ends_at_once_when_the_reader_leaves() {
    let (scratch, documents) = filled();
    let newest = documents.len().to_string();
    let empty = Scratch::new();
    for (scratch, arguments) in [
        (&scratch, &["export", "--format", "jsonl", "--follow", "--after", &newest][..]),
        (&scratch, &["events", "--follow", "--limit", "0"]),
        (&empty, &["events", "--follow"]),
    ] {
        let mut command = scratch.command();
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        // Nothing is recorded meanwhile: no write could tell.
        let mut ended = None;
        wait_until("it ends by itself", || {
            ended = child.try_wait().unwrap();
            ended.is_some()
        });
        assert_eq!(ended.unwrap().code(), Some(0), "{arguments:?}");
    }
}
