//! What each format costs: events a second and bytes an event, in memory, and through `mcpwatch export` from a journal.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench prints its figures, and may fail"
)]

#[path = "../tests/export/corpus.rs"]
#[allow(dead_code, reason = "a bench needs a part of it")]
mod corpus;

use mcpwatch::export::{Format, Stored};
use mcpwatch::journal::Journal;
use serde_json::{Map, Value};
use std::hint::black_box;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How many events a journal gets for the whole command: 10,000 unless the first argument says otherwise.
const EVENTS: usize = 10_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // Cargo calls with `--bench`, and with `--test` when only the code is tried.
    if arguments.iter().any(|argument| argument == "--test") {
        return;
    }
    let documents = corpus::documents();
    println!("{:10} {:>12} {:>14} {:>12}", "in memory", "events/s", "with parsing", "bytes/event");
    for format in Format::ALL {
        let mut line = Vec::new();
        let write = |document: &Map<String, Value>, text: &str, line: &mut Vec<u8>| {
            line.clear();
            format.write(Stored { document, text }, line);
            black_box(&line);
            line.len()
        };
        let mut bytes = 0;
        let bare = least(|| {
            bytes = documents.iter().map(|(document, text)| write(document, text, &mut line)).sum();
        });
        let parsed = least(|| {
            for (_, text) in documents {
                let document: Map<String, Value> = serde_json::from_str(text).unwrap();
                write(&document, text, &mut line);
            }
        });
        let count = documents.len();
        println!("{:10} {:>12} {:>14} {:>12}", format, rate(count, bare), rate(count, parsed), bytes / count);
    }
    let events = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(EVENTS);
    command(events);
}

/// The whole command, from a journal into a pipe, and the most memory that it had.
fn command(events: usize) {
    let root = tempfile::tempdir().unwrap();
    let state = root.path().join("state");
    let mut journal = Journal::open(&state).unwrap();
    let mut count = 0;
    for round in 0.. {
        let batch = corpus::events_of(round);
        count += batch.len();
        journal.append_all(batch).unwrap();
        if count >= events {
            break;
        }
    }
    drop(journal);
    println!("\n{:10} {:>12} {:>14} {:>12}", "export", "events/s", "MB/s", "peak MB");
    for format in Format::ALL {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcpwatch"));
        command.env_clear().env("HOME", root.path()).arg("--state").arg(&state);
        command.args(["export", "--format", format.as_str()]).stdout(Stdio::piped());
        let began = Instant::now();
        let mut child = command.spawn().unwrap();
        let (bytes, peak) = drain(&mut child);
        let took = began.elapsed();
        assert!(child.wait().unwrap().success());
        #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
        let speed = bytes as f64 / 1e6 / took.as_secs_f64();
        println!("{:10} {:>12} {:>14.0} {:>12}", format, rate(count, took), speed, peak);
    }
}

/// Reads all that it says; gives how much that was, and its greatest resident set in megabytes.
fn drain(child: &mut std::process::Child) -> (usize, String) {
    let status = format!("/proc/{}/status", child.id());
    let mut stdout = child.stdout.take().unwrap();
    let (mut buffer, mut bytes, mut peak) = (vec![0_u8; 1 << 16], 0, 0);
    loop {
        let read = stdout.read(&mut buffer).unwrap();
        let said = std::fs::read_to_string(&status).unwrap_or_default();
        let line = said.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now: usize = line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0);
        peak = peak.max(now);
        if read == 0 {
            return (bytes, format!("{:.1}", f64::from(u32::try_from(peak).unwrap_or(0)) / 1024.0));
        }
        bytes += read;
    }
}

/// The least of some runs.
fn least(mut run: impl FnMut()) -> Duration {
    let once = |run: &mut dyn FnMut()| {
        let began = Instant::now();
        run();
        began.elapsed()
    };
    (0..20).map(|_| once(&mut run)).min().unwrap_or_default()
}

fn rate(events: usize, took: Duration) -> u64 {
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a figure"
    )]
    let rate = (events as f64 / took.as_secs_f64()) as u64;
    rate
}
