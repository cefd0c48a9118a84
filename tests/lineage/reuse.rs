//! A number that is used again: no two processes are ever mixed.

use super::kit::{Held, Sleeper, lineage, number, shell};
use super::support::wait_until;
use std::fs;

#[test]
fn two_processes_with_one_number_stay_two() {
    let Some((lineage, _alone)) = lineage(Default::default()) else { return };
    let mark = number();
    // The first leaves a child behind.
    let mut first = shell(&format!("sleep {mark} & read line; exit 3"));
    first.env("npm_package_name", "first");
    let first = Held::spawn(first);
    let pid = first.pid();
    first.wait(&lineage, "/bin/sh -c sleep");
    let orphan = Sleeper::wait(&lineage, &mark);
    first.end();
    let start = lineage.ancestry(pid, None).unwrap().processes[0].id.start;
    // Within one tick of the clock nothing tells them apart.
    let mut ticks = 0;
    wait_until("ticks have passed", || {
        ticks += 1;
        ticks > 5
    });

    let last = "/proc/sys/kernel/ns_last_pid";
    let again = (0..200).find_map(|_| {
        fs::write(last, (pid - 1).to_string()).ok()?;
        let mut second = shell("read line; exit 0");
        second.env("npm_package_name", "second");
        Some(Held::spawn(second)).filter(|second| second.pid() == pid)
    });
    let Some(second) = again else {
        return eprintln!("not run: {last} cannot be written, or somebody else forks too fast");
    };
    second.wait(&lineage, "/bin/sh -c read line");
    second.end();
    let package = |start| {
        let ancestry = lineage.ancestry(pid, start).unwrap();
        ancestry.processes[0].image().unwrap().environment["npm_package_name"].reveal()
    };
    assert_eq!(package(None), "second");
    let second = lineage.ancestry(pid, None).unwrap().processes[0].id.start;
    assert_eq!(package(Some(start)), "first");
    assert_eq!(package(Some(second)), "second");
    let ancestry = lineage.ancestry(orphan.pid, Some(orphan.start)).unwrap();
    let parent = &ancestry.processes[1];
    assert_eq!((parent.id.pid, parent.id.start), (pid, start));
    assert_eq!(parent.image().unwrap().environment["npm_package_name"].reveal(), "first");
}
