//! What stands in the file of a sink, before and after it was rotated.
#![allow(clippy::disallowed_methods, reason = "tests may touch the machine")]

use super::*;
use crate::host::clock::FixedClock;
use crate::model::line::Format;
use crate::sink::samples::outgoing;
use jiff::Timestamp;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

fn sink(path: PathBuf, change: impl FnOnce(&mut FileTarget)) -> (FileSink, FixedClock) {
    let clock = FixedClock::at(Timestamp::now());
    let mut target = FileTarget { path, format: Format::Jsonl, max_size: 0, max_age: None, keep: 3 };
    change(&mut target);
    (FileSink::new(target, Box::leak(Box::new(clock.clone()))), clock)
}

#[test]
fn lines_are_the_stored_documents() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("events.jsonl");
    let (mut sink, _) = sink(path.clone(), |_| {});
    let batch = [outgoing(1), outgoing(2)];
    assert_eq!(sink.send(&batch), Ok(Accepted::default()));
    sink.confirm().unwrap();
    let expected = format!("{}\n{}\n", batch[0].document, batch[1].document);
    assert_eq!(fs::read_to_string(path).unwrap(), expected);
}

#[test]
fn it_is_rotated_by_size_and_by_age() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("events");
    let line = outgoing(1).document.len() as u64 + 1;
    let (mut sink, clock) = sink(path.clone(), |target| {
        target.max_size = 2 * line;
        target.max_age = Some(Duration::from_secs(3600));
    });
    let rotated = |number: u32| root.path().join(format!("events.{number}"));
    for number in 1..=5 {
        sink.send(&[outgoing(number)]).unwrap();
    }
    assert!(rotated(2).exists() && !rotated(3).exists());
    clock.advance(Duration::from_secs(7200));
    sink.send(&[outgoing(6)]).unwrap();
    assert!(rotated(3).exists());
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 1);
}

#[test]
fn one_that_somebody_else_rotated_is_begun_anew() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("events");
    let (mut sink, _) = sink(path.clone(), |_| {});
    sink.send(&[outgoing(1)]).unwrap();
    fs::rename(&path, root.path().join("events-20260101")).unwrap();
    sink.send(&[outgoing(2)]).unwrap();
    sink.reopen();
    sink.send(&[outgoing(3)]).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 2);
}

#[test]
fn what_cannot_be_written_says_where_and_why() {
    let root = tempfile::tempdir().unwrap();
    let (mut sink, _) = sink(root.path().join("none/events"), |_| {});
    let SinkError::Failed { why, .. } = sink.send(&[outgoing(1)]).unwrap_err() else { panic!() };
    assert!(why.contains("/none"), "{why}");
}
