//! Programs that one process runs by the hundred: of each little is read, unless somebody asks, or a process above them
//! is to be heeded.

use super::kit::{Sleeper, line, lineage, number, shell};
use super::support::wait_until;
use mcpwatch::model::process::Process;
use mcpwatch::sensor::lineage::{Heed, Options};
use std::os::unix::process::CommandExt as _;
use std::process::Command;

/// A loop, and in it at last one that stays.
const LOOP: &str = "i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done; sleep MARK & wait";

fn options(heeded: &'static str) -> Options {
    let heed = move |process: &Process| match process.image() {
        Some(image) if line(image).contains(heeded) => Heed::Descendants,
        _ => Heed::Little,
    };
    Options { heed: Box::new(heed), ..Options::default() }
}

#[test]
fn all_is_read_of_one_that_still_lives_when_it_is_asked_for() {
    let Some((lineage, _alone)) = lineage(options("nobody is called so")) else { return };
    let mark = number();
    let script = LOOP.replace("MARK", &mark);
    let mut shell = shell(&script).env("npm_package_name", "left-pad").current_dir("/usr").spawn().unwrap();
    let sleeper = Sleeper::wait(&lineage, &mark);
    let ancestry = lineage.ancestry(sleeper.pid, Some(sleeper.start)).unwrap();
    assert!(ancestry.is_lossless, "{ancestry:#?}");
    let image = ancestry.process().unwrap().image().unwrap();
    assert_eq!(image.environment["npm_package_name"].reveal(), "left-pad");
    assert_eq!(image.directory.as_deref(), Some("/usr".as_ref()));
    drop(sleeper);
    shell.wait().unwrap();
}

#[test]
fn below_what_is_heeded_nothing_is_left_out() {
    const COUNT: usize = 300;
    let Some((lineage, _alone)) = lineage(options("while [ $i -lt 300 ]")) else { return };
    let mark = number();
    // They stay, so that whatever is wanted of them can be read.
    let script = format!("i=0; while [ $i -lt 300 ]; do sleep {mark} & i=$((i+1)); done; wait");
    let mut shell = shell(&script).env("npm_package_name", "left-pad").process_group(0).spawn().unwrap();
    let own = shell.id();
    let is_below = |process: &Process| {
        process.parent.is_some_and(|parent| parent.pid == own)
            && process.image().is_some_and(|image| line(image) == format!("sleep {mark}"))
    };
    let mut programs = Vec::new();
    wait_until("all are known", || {
        programs = lineage.roots_matching(&is_below);
        programs.len() == COUNT
    });
    let _ended = Command::new("kill").args(["-KILL", "--", &format!("-{own}")]).status();
    shell.wait().unwrap();
    let has_all = |process: &Process| {
        process.image().is_some_and(|image| image.environment.contains_key("npm_package_name"))
    };
    assert!(programs.iter().all(|process| has_all(process)), "{programs:#?}");
}
