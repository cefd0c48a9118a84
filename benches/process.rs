//! What a person waits for: `mcpwatch diff` as a whole process, on a home that really exists, beside what they
//! would do without it. Knows the program by its command line only.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench prints and may fail")]

mod common;

use common::{ASCII, CHINESE, Sample};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn main() {
    println!("{:<44} {:>8} {:>8} {:>8}", "", "min ms", "median", "max");
    for (name, words, projects, prompts) in [
        ("10 kB, 5 projects", ASCII, 5, 3),
        ("15 MB, 500 projects", ASCII, 500, 100),
        ("15 MB, 500 projects, Chinese", CHINESE, 500, 100),
        ("17 MB, 10000 projects", ASCII, 10_000, 5),
    ] {
        let scratch = TempDir::new().expect("a directory for temporary files");
        let root = scratch.path().join("work").display().to_string();
        compare(name, &Sample { words, projects, prompts, root: &root }, scratch.path());
    }
}

fn compare(name: &str, sample: &Sample<'_>, home: &Path) {
    for project in 0..sample.projects {
        fs::create_dir_all(sample.directory(project)).expect("a directory for a project");
    }
    let file = home.join(".claude.json");
    fs::write(&file, sample.claude_json()).expect("the client's file");
    let mcpwatch = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcpwatch"));
        command.env("HOME", home).arg("--home").arg(home).arg("--state").arg(home.join("state"));
        command.arg("--managed").arg(home.join("managed")).args(arguments);
        command
    };
    assert!(run(&mut mcpwatch(&["baseline", "capture"])), "the capture failed");
    let runs = if sample.projects > 1_000 { 10 } else { 50 };
    row(&format!("{name}: mcpwatch diff"), runs, || mcpwatch(&["diff"]));
    row(&format!("{name}: jq .mcpServers"), runs.min(10), || {
        let mut jq = Command::new("jq");
        jq.arg(".mcpServers").arg(&file);
        jq
    });
    row(&format!("{name}: python3 json.load"), runs.min(10), || {
        let mut python = Command::new("python3");
        python.args(["-c", "import json, sys; json.load(open(sys.argv[1]))['mcpServers']"]).arg(&file);
        python
    });
}

/// Times a command that must succeed; one that is not installed is left out.
fn row(name: &str, runs: usize, command: impl Fn() -> Command) {
    if !run(&mut command()) {
        return println!("{name:<44} not here");
    }
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let mut command = command();
            let start = Instant::now();
            let succeeded = run(&mut command);
            let time = start.elapsed();
            assert!(succeeded, "{name} failed");
            time
        })
        .collect();
    times.sort();
    let at = |index: usize| times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    println!("{name:<44} {:8.1} {:8.1} {:8.1}", at(0), at(runs / 2), at(runs - 1));
}

fn run(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
