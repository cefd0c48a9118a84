//! What the record of processes costs while a shell forks tens of thousands of them, and what it misses. Knows the
//! record by its questions and the kernel's figures only.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench prints and may fail")]

use mcpwatch::sensor::lineage::{Lineage, Options};
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

/// What is run: its name, and a shell's command that forks about `N` times.
const RUNS: [(&str, &str); 3] = [
    ("subshells", "i=0; while [ $i -lt N ]; do (:); i=$((i+1)); done"),
    ("/bin/true", "i=0; while [ $i -lt N ]; do /bin/true; i=$((i+1)); done"),
    (
        "sh -c, as a build does",
        "i=0; while [ $i -lt N ]; do sh -c 'k=0; while [ $k -lt 9000 ]; do k=$((k+1)); done'; i=$((i+1)); done",
    ),
];

fn main() {
    let mut words = std::env::args().skip(1).filter(|word| word != "--bench");
    let forks: usize = words.next().and_then(|word| word.parse().ok()).unwrap_or(20_000);
    let rounds = words.next().and_then(|word| word.parse().ok()).unwrap_or(3);
    for (name, script) in RUNS {
        let forks = if name.starts_with("sh -c") { forks / 20 } else { forks };
        compare(name, &script.replace('N', &forks.to_string()), forks, rounds);
    }
}

/// Runs it with the record and without, in turns.
fn compare(name: &str, script: &str, forks: usize, rounds: usize) {
    println!("\n{name}: {forks} forks, {rounds} times each");
    let (mut with, mut without) = (Vec::new(), Vec::new());
    let mut shares = Vec::new();
    for round in 0..2 * rounds {
        if round % 2 == 0 {
            without.push(run(script));
            continue;
        }
        let lineage = match Lineage::start(Options::default()) {
            Ok(lineage) => lineage,
            Err(error) => return println!("  not here: {error}"),
        };
        let (before, memory) = (processor_time(), resident());
        let time = run(script);
        with.push(time);
        shares.push((processor_time() - before).as_secs_f64() / time.as_secs_f64());
        let report = lineage.report();
        println!(
            "  {} forks, {} execs, {} dropped, {} command lines missed ({:.2} %), {} remembered, {} KiB more, {}",
            report.forks,
            report.execs,
            report.drops,
            report.missed,
            report.missed as f64 * 100.0 / report.execs.max(1) as f64,
            report.remembered,
            resident().saturating_sub(memory),
            report.state
        );
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64()
    };
    let (with, without) = (median(&mut with), median(&mut without));
    println!("  with {with:.3} s, without {without:.3} s: {:+.2} %", (with / without - 1.0) * 100.0);
    let share = shares.iter().sum::<f64>() / shares.len().max(1) as f64;
    println!(
        "  the record used {:.1} % of one processor, {:.1} µs a process",
        share * 100.0,
        share * with * 1e6 / forks as f64
    );
}

fn run(script: &str) -> Duration {
    let start = Instant::now();
    let status = Command::new("/bin/sh").args(["-c", script]).env_clear().status().expect("a shell");
    assert!(status.success(), "the shell failed");
    start.elapsed()
}

/// Processor time of this process, without its children.
fn processor_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let own: u64 = stat.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0);
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let all = tasks.filter_map(|task| {
        let stat = fs::read_to_string(task.path().join("schedstat")).ok()?;
        stat.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(all.sum::<u64>().max(own))
}

/// Kilobytes in memory.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
}
