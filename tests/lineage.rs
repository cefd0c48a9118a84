//! The record of processes against this kernel: who is in it when he is gone, and who is never taken for another.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test fails loudly, and says why it did not run"
)]
#![cfg(target_os = "linux")]

mod support;

#[path = "lineage/hostile.rs"]
mod hostile;
#[path = "lineage/installs.rs"]
mod installs;
#[path = "lineage/kit.rs"]
mod kit;
#[path = "lineage/loops.rs"]
mod loops;
#[path = "lineage/losing.rs"]
mod losing;
#[path = "lineage/parents.rs"]
mod parents;
#[path = "lineage/places.rs"]
mod places;
#[path = "lineage/reuse.rs"]
mod reuse;

use kit::{Held, Sleeper, lineage, number, shell};
use mcpwatch::model::process::{Process, ProcessId};
use std::collections::HashSet;
use std::fs;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use support::wait_until;

#[test]
fn the_line_stands_when_all_above_are_dead() {
    let Some((lineage, _alone)) = lineage(Default::default()) else { return };
    let mark = number();
    // Three shells that are gone, a session of its own, and another parent.
    let script = format!("sh -c 'setsid sh -c \"exec sleep {mark}\" & :' & :");
    let mut shell = shell(&script).env("npm_package_name", "left-pad").spawn().unwrap();
    let first = shell.id();
    shell.wait().unwrap();
    let sleeper = Sleeper::wait(&lineage, &mark);
    wait_until("it was adopted", || sleeper.parent() != first);
    let ancestry = lineage.ancestry(sleeper.pid, Some(sleeper.start)).unwrap();
    assert!(ancestry.is_whole && ancestry.is_lossless, "{ancestry:#?}");
    let pids: Vec<_> = ancestry.processes.iter().map(|process| process.id.pid).collect();
    let own = pids.iter().position(|pid| *pid == std::process::id()).unwrap();
    assert_eq!(pids[own - 1], first);
    assert!(own >= 3, "{pids:?}");
    let dead = &ancestry.processes[1..own];
    assert!(dead.iter().all(|process| process.ended.is_some() && process.is_fork_seen));
    for pair in ancestry.processes.windows(2) {
        assert_eq!(pair[0].parent, Some(pair[1].id), "{ancestry:#?}");
    }
    let image = ancestry.process().unwrap().image().unwrap();
    assert_eq!(image.environment["npm_package_name"].reveal(), "left-pad");
    let session = ancestry.processes[0].session.unwrap();
    assert!(pids[..own].contains(&session), "its own: {session}");
    assert!(ancestry.processes[own].session != Some(session));

    // Who samples sees none of them.
    let sample = lineage.sample(sleeper.pid).unwrap();
    assert!(!sample.is_whole && !sample.is_lossless && !sample.processes[0].is_fork_seen);
    assert!(!sample.processes.iter().any(|process| process.id.pid == first));
}

#[test]
fn what_one_process_ran_one_after_the_other_is_all_there() {
    let Some((lineage, _alone)) = lineage(Default::default()) else { return };
    let mark = number();
    let mut held = Held::spawn(shell(&format!("read a; exec sh -c 'read b; exec sleep {mark}'")));
    held.wait(&lineage, "/bin/sh -c read a");
    held.go_on();
    held.wait(&lineage, "sh -c read b");
    held.go_on();
    let sleeper = Sleeper::wait(&lineage, &mark);
    assert_eq!(sleeper.pid, held.pid());
    let ancestry = lineage.ancestry(held.pid(), None).unwrap();
    let lines: Vec<_> = ancestry.process().unwrap().images.iter().map(|image| kit::line(image)).collect();
    // What it had from its parent first, the program of this test.
    assert_eq!(lines.len(), 4, "{lines:#?}");
    assert!(lines[1].starts_with("/bin/sh -c read a") && lines[2].starts_with("sh -c read b"));
    assert_eq!(lines[3], format!("sleep {mark}"));
    drop(held);
    wait_until("its end is known", || {
        lineage.ancestry(sleeper.pid, Some(sleeper.start)).unwrap().processes[0].ended.is_some()
    });
}

#[test]
fn every_fork_is_seen() {
    let Some((lineage, _alone)) = lineage(Default::default()) else { return };
    let before = lineage.report();
    let mut child = shell("i=0; while [ $i -lt 1000 ]; do (:); i=$((i+1)); done").spawn().unwrap();
    child.wait().unwrap();
    let own = child.id();
    let children = lineage.roots_matching(&|process| process.parent.is_some_and(|parent| parent.pid == own));
    assert_eq!(children.len(), 1000);
    let report = lineage.report();
    assert!(report.forks - before.forks >= 1001 && report.drops == 0, "{report:?}");
    assert_eq!(report.state, "running");
    assert_eq!(report.note.is_none(), kit::is_root(), "{report:?}");
}

/// How many are read in time is a matter of how fast the machine is, and measured. That none is passed over in silence
/// is not.
#[test]
fn of_processes_that_live_for_a_moment_each_is_read_or_counted_as_missed() {
    type Known = Arc<Mutex<HashSet<ProcessId>>>;
    let (told, ended) = (Known::default(), Known::default());
    let (on_exec, on_exit) = (Arc::clone(&told), Arc::clone(&ended));
    let is_true = |process: &Process| process.image().is_some_and(|image| kit::line(image) == "/bin/true");
    let options = mcpwatch::sensor::lineage::Options {
        on_exec: Some(Box::new(move |process| {
            is_true(process).then(|| on_exec.lock().unwrap().insert(process.id));
        })),
        on_exit: Some(Box::new(move |process| {
            process.ended.is_some().then(|| on_exit.lock().unwrap().insert(process.id));
        })),
        ..Default::default()
    };
    let Some((lineage, _alone)) = lineage(options) else { return };
    const COUNT: usize = 1000;
    let before = lineage.report();
    for _ in 0..COUNT {
        assert!(Command::new("/bin/true").status().unwrap().success());
    }
    wait_until("each is told, or counted as missed", || {
        let missed = usize::try_from(lineage.report().missed - before.missed).unwrap();
        told.lock().unwrap().len() + missed >= COUNT
    });
    let report = lineage.report();
    eprintln!("{} of {} command lines missed", report.missed - before.missed, report.execs - before.execs);
    assert!(!told.lock().unwrap().is_empty(), "{report:?}");
    wait_until("and the end of each that was told", || {
        report.unheard > 0 || ended.lock().unwrap().is_superset(&told.lock().unwrap())
    });
}

#[test]
fn whoever_is_not_there_is_not_known() {
    let Some((lineage, _alone)) = lineage(Default::default()) else { return };
    assert!(lineage.ancestry(u32::MAX, None).is_none() && lineage.sample(u32::MAX).is_none());
    assert!(lineage.ancestry(std::process::id(), Some(1)).is_none(), "another one's start");
    let own = lineage.ancestry(std::process::id(), None).unwrap();
    assert!(own.is_whole && !own.processes[0].is_fork_seen, "it was there before");
    assert!(own.processes.len() > 1 && own.processes.last().unwrap().id.pid <= 2);
}

#[test]
fn a_thread_that_outlives_the_first_keeps_its_process() {
    let Some((lineage, _alone)) = lineage(Default::default()) else { return };
    let script = "import ctypes, os, threading, time\n\
        threading.Thread(target=lambda: time.sleep(600)).start()\n\
        print(os.getpid(), flush=True)\n\
        ctypes.CDLL(None).pthread_exit(None)";
    let child = Command::new("python3").args(["-c", script]).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else { return eprintln!("not run: there is no python3") };
    let status = || fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    wait_until("its first thread has ended", || status().contains("State:\tZ"));
    let ancestry = lineage.ancestry(child.id(), None).unwrap();
    assert!(ancestry.process().unwrap().ended.is_none(), "{ancestry:#?}");
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until("it has ended", || {
        lineage.ancestry(child.id(), None).unwrap().process().unwrap().ended.is_some()
    });
}
