//! `idle`: what the agent does while nobody does anything, and what it holds. Knows it as the kernel does.

use crate::Options;
use crate::home::{Home, signal};
use crate::process;
use crate::table;
use rustix::process::Signal;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

pub(crate) fn run(options: &Options) {
    let (home, document) = Home::captured(500, 100);
    let agent = home.start();
    let pid = agent.pid();
    // What its start set off is over by then.
    std::thread::sleep(Duration::from_secs(2));
    let time = options.time(10, 60);
    let seconds = time.as_secs();
    table::heading(
        "idle",
        &format!("500 projects, {} MB of ~/.claude.json, {seconds} s each", document.len() >> 20),
    );
    let (before, used) = (process::sleeps(pid), process::processor_time(pid));
    std::thread::sleep(time);
    let (after, used) = (process::sleeps(pid), process::processor_time(pid).saturating_sub(used));
    for (thread, count) in &after {
        let count = count - before.get(thread).copied().unwrap_or(0);
        table::row(&format!("times that thread {thread} woke"), count);
    }
    table::row("processor time", table::shown(used));
    match system_calls(&home, pid, time) {
        Some(calls) => table::row("system calls, by strace", calls),
        None => table::row("system calls", "no strace here"),
    }
    table::memory_target("resident", process::memory(pid, "VmRSS"), 15);
    table::row("its share of that (Pss)", table::megabytes(process::proportional(pid)));
    table::row("the most that ever was resident", table::megabytes(process::memory(pid, "VmHWM")));
    table::row("resident without the file's pages", table::megabytes(process::memory(pid, "RssAnon")));
}

/// How many system calls all its threads make in that time.
fn system_calls(home: &Home, pid: u32, time: Duration) -> Option<u64> {
    let report = home.beside("strace");
    let mut strace = Command::new("strace")
        .args(["-f", "-c", "-U", "calls,name", "-o"])
        .arg(&report)
        .args(["-p", &pid.to_string()])
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    std::thread::sleep(time);
    signal(&strace, Signal::INT).ok()?;
    strace.wait().ok()?;
    // Nothing at all was called when there is no line of a total.
    let report = fs::read_to_string(&report).ok()?;
    let total = report.lines().find(|line| line.ends_with(" total"));
    Some(total.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0))
}
