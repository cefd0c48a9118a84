//! Who is somebody's child by another way than by being forked by him.

use super::kit::{Sleeper, lineage, number, shell};
use std::process::{Command, Stdio};

/// `clone(CLONE_PARENT)`: the new process is a brother, and not a child. Whoever does so climbs one step and no
/// further, so that a hook stays below its package manager.
#[test]
fn a_brother_is_below_the_same_parent() {
    let Some((lineage, _alone)) = lineage(Default::default()) else { return };
    if !Command::new("python3")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|done| done.success())
    {
        return eprintln!("not run: there is no python3");
    }
    let mark = number();
    // Twice, the second time by the brother.
    let brother = format!(
        "import ctypes, os, platform\n\
        number = {{'x86_64': 56, 'aarch64': 220}}[platform.machine()]\n\
        clone = lambda: ctypes.CDLL(None).syscall(number, 0x8000 | 17, 0, 0, 0, 0)\n\
        if clone() == 0:\n\
        \x20   if clone() == 0:\n\
        \x20       os.execvp('sleep', ['sleep', '{mark}'])\n\
        \x20   os._exit(0)\n\
        os._exit(0)"
    );
    let mut hook = shell("python3 -c \"$BROTHER\"; exec sleep 600").env("BROTHER", brother).spawn().unwrap();
    let sleeper = Sleeper::wait(&lineage, &mark);
    assert_eq!(sleeper.parent(), hook.id());
    let ancestry = lineage.ancestry(sleeper.pid, Some(sleeper.start)).unwrap();
    assert!(ancestry.is_whole && ancestry.is_lossless, "{ancestry:#?}");
    let pids: Vec<_> = ancestry.processes.iter().take(3).map(|process| process.id.pid).collect();
    assert_eq!(pids, [sleeper.pid, hook.id(), std::process::id()]);
    assert!(ancestry.processes[0].is_fork_seen);
    hook.kill().unwrap();
    hook.wait().unwrap();
}
