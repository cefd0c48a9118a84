//! Names and arguments that want to be something else, and floods.

use super::kit::{Sleeper, line, lineage, number, shell};
use super::support::wait_until;
use mcpwatch::model::process::Process;
use std::fs;
use std::process::Command;

#[test]
fn names_and_arguments_of_any_bytes_are_read_as_what_they_are() {
    let Some((lineage, _alone)) = lineage(Default::default()) else { return };
    let root = tempfile::tempdir().unwrap();
    let program = root.path().join("a) S 1 (\n\u{1b}[2J");
    // By another process: what this one has open for writing its children have for a moment, and cannot be run.
    assert!(Command::new("cp").arg("/bin/sleep").arg(&program).status().unwrap().success());
    let mut child = Command::new(&program).arg("600").spawn().unwrap();
    // Whoever forked it goes on a moment before the kernel tells that it is another program now.
    let file = program.canonicalize().unwrap();
    let mut ancestry = lineage.ancestry(child.id(), None).unwrap();
    wait_until("its program is known", || {
        ancestry = lineage.ancestry(child.id(), None).unwrap();
        ancestry.process().and_then(Process::executable) == Some(&file)
    });
    let process = ancestry.process().unwrap();
    assert_eq!(process.image().unwrap().name, "a) S 1 (\n\u{1b}[2J");
    assert_eq!(process.parent.unwrap().pid, std::process::id());
    assert!(ancestry.is_whole);
    fs::remove_file(&program).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn megabytes_of_arguments_are_cut() {
    let Some((lineage, _alone)) = lineage(Default::default()) else { return };
    let mark = number();
    let long = "x\u{1b}]0;".repeat(20_000);
    let mut command = shell(&format!("sleep {mark}; :"));
    (0..16).for_each(|_| _ = command.arg(&long));
    let mut child = command.env("npm_package_name", "left-pad").spawn().unwrap();
    let _sleeper = Sleeper::wait(&lineage, &mark);
    let ancestry = lineage.ancestry(child.id(), None).unwrap();
    let image = ancestry.process().unwrap().image().unwrap();
    assert!(image.is_cut && line(image).len() < 10_000);
    assert_eq!(image.environment["npm_package_name"].reveal(), "left-pad");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_flood_of_forks_is_forgotten_and_what_it_descends_from_is_not() {
    let Some((lineage, _alone)) = lineage(Default::default()) else { return };
    let mark = number();
    let mut other = shell("exit 0").env("npm_package_name", "left-pad").spawn().unwrap();
    other.wait().unwrap();
    let flood = "i=0; while [ $i -lt 16000 ]; do (:); i=$((i+1)); done";
    // A line of a hundred that fork and end, each the child of the one before.
    let line = format!("f() {{ if [ $1 -gt 0 ]; then (f $(($1-1))) & else exec sleep {mark}; fi; }}; f 100");
    let mut child = shell(&format!("{line}; {flood}")).spawn().unwrap();
    child.wait().unwrap();
    let report = lineage.report();
    eprintln!("{} remembered of {} forks", report.remembered, report.forks);
    assert!(report.forks > 16_000 && report.remembered < 12_000, "{report:?}");
    let sleeper = Sleeper::wait(&lineage, &mark);
    wait_until("the line is whole", || {
        let ancestry = lineage.ancestry(sleeper.pid, Some(sleeper.start)).unwrap();
        let pids: Vec<_> = ancestry.processes.iter().map(|process| process.id.pid).collect();
        ancestry.is_whole && pids.contains(&child.id()) && pids.contains(&std::process::id())
    });
    // The dead that ran something are not pushed out by forks that did not.
    let other = lineage.ancestry(other.id(), None).unwrap();
    assert!(other.process().unwrap().ended.is_some());
}
