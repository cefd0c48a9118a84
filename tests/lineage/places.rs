//! Processes that live elsewhere, or are hidden.

use super::kit::{Sleeper, lineage, number, shell};
use mcpwatch::sensor::lineage::sampled;
use std::process::Command;

const INSIDE: &str = "MCPWATCH_TEST_HIDES_PROCESSES";

#[test]
fn who_has_other_pids_and_paths_is_told() {
    let Some((lineage, _alone)) = lineage(Default::default()) else { return };
    if !shell("unshare --pid --fork --mount true 2>/dev/null").status().unwrap().success() {
        return eprintln!("not run: no namespaces can be made here");
    }
    let mark = number();
    let mut outside = shell(&format!("unshare --pid --fork --mount sleep {mark}")).spawn().unwrap();
    let sleeper = Sleeper::wait(&lineage, &mark);
    let ancestry = lineage.ancestry(sleeper.pid, Some(sleeper.start)).unwrap();
    let elsewhere = ancestry.processes[0].elsewhere;
    assert!(elsewhere.has_own_pids && elsewhere.has_own_mounts, "{ancestry:#?}");
    assert!(ancestry.is_whole);
    let own = ancestry.processes.iter().find(|process| process.id.pid == std::process::id()).unwrap();
    assert!(!own.elsewhere.has_own_pids && !own.elsewhere.has_own_mounts);
    drop(sleeper);
    outside.wait().unwrap();
}

#[test]
fn what_is_hidden_is_missing_and_no_more() {
    if std::env::var_os(INSIDE).is_some() {
        assert!(sampled(1).is_none(), "hidden");
        let own = sampled(std::process::id()).unwrap();
        assert!(own.process().unwrap().image().unwrap().executable.is_some());
        return;
    }
    let root = tempfile::tempdir_in("/tmp").unwrap();
    let program = root.path().join("test");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let inside = format!(
        "chmod 755 {root}; mount -t proc -o hidepid=2 proc /proc || exit 77; \
         exec setpriv --reuid 65534 --regid 65534 --clear-groups {program} --exact \
         places::what_is_hidden_is_missing_and_no_more",
        root = root.path().display(),
        program = program.display()
    );
    let output = Command::new("unshare").args(["--mount", "sh", "-c", &inside]).env(INSIDE, "1").output();
    let Ok(output) = output else { return eprintln!("not run: there is no unshare") };
    if output.status.code() == Some(77) || String::from_utf8_lossy(&output.stderr).contains("unshare failed")
    {
        return eprintln!("not run: /proc cannot be mounted here");
    }
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
}
