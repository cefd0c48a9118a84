//! A number that is used again: no two processes are ever mixed.

use super::kit::{Sleeper, lineage, number, shell};
use super::support::wait_until;
use std::fs;

#[test]
fn two_processes_with_one_number_stay_two() {
    let Some((lineage, _alone)) = lineage(Default::default()) else { return };
    let mark = number();
    // The first leaves a child behind.
    let mut first =
        shell(&format!("sleep {mark} & exit 3")).env("npm_package_name", "first").spawn().unwrap();
    let pid = first.id();
    first.wait().unwrap();
    let orphan = Sleeper::wait(&lineage, &mark);
    let start = lineage.ancestry(pid, None).unwrap().processes[0].id.start;
    // Within one tick of the clock nothing tells them apart.
    let mut ticks = 0;
    wait_until("ticks have passed", || {
        ticks += 1;
        ticks > 5
    });

    let last = "/proc/sys/kernel/ns_last_pid";
    let is_again = (0..200).any(|_| {
        if fs::write(last, (pid - 1).to_string()).is_err() {
            return false;
        }
        let mut second = shell("exec sleep 0").env("npm_package_name", "second").spawn().unwrap();
        second.wait().unwrap();
        second.id() == pid
    });
    if !is_again {
        return eprintln!("not run: {last} cannot be written, or somebody else forks too fast");
    }
    let package = |start| {
        let ancestry = lineage.ancestry(pid, start).unwrap();
        ancestry.processes[0].image().unwrap().environment["npm_package_name"].reveal()
    };
    wait_until("the second is read", || lineage.ancestry(pid, None).unwrap().processes[0].images.len() > 1);
    assert_eq!(package(None), "second");
    let second = lineage.ancestry(pid, None).unwrap().processes[0].id.start;
    assert_eq!(package(Some(start)), "first");
    assert_eq!(package(Some(second)), "second");
    let ancestry = lineage.ancestry(orphan.pid, Some(orphan.start)).unwrap();
    let parent = &ancestry.processes[1];
    assert_eq!((parent.id.pid, parent.id.start), (pid, start));
    assert_eq!(parent.image().unwrap().environment["npm_package_name"].reveal(), "first");
}
