//! A revert that is killed, or refused by the system, at every single system call that it makes: the file is whole, and
//! what is said of it is true. Takes `strace`.

use super::kit::{CLAUDE, approved, names, read};
use super::support::{Scratch, text};
use mcpwatch::host::accounts::own_uid;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

fn tampered() -> String {
    CLAUDE.replace("mcp.linear.app", "evil.test")
}

/// What the program is asked to do in a home: nothing but to put the file right.
fn order(scratch: &Scratch) -> String {
    let server: Value = serde_json::from_str::<Value>(CLAUDE).unwrap()["mcpServers"]["linear"].clone();
    let file = scratch.claude_json();
    json!({
        "file": file.to_str().unwrap().as_bytes(),
        "owner": own_uid(),
        "may_be_linked": false,
        "is_locked": true,
        "closes": false,
        "cap": 1 << 20,
        "edits": [{ "path": ["mcpServers", "linear"], "wanted": server.to_string() }],
    })
    .to_string()
}

/// Does it, with `fault` injected; `None` where `strace` cannot.
fn with_fault(scratch: &Scratch, fault: &str) -> Option<Output> {
    let mut child = Command::new("strace")
        .args(["-qq", "-o", "/dev/null", "-e", &format!("inject={fault}"), "--"])
        .args([env!("CARGO_BIN_EXE_mcpwatch"), "mend-file"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    // It may be gone before it has read.
    let _told = child.stdin.take().unwrap().write_all(order(scratch).as_bytes());
    let output = child.wait_with_output().unwrap();
    let refused = text(&output.stderr);
    (!refused.contains("ptrace") && !refused.contains("strace:")).then_some(output)
}

fn can_inject(scratch: &Scratch) -> bool {
    scratch.write(".claude.json", &tampered());
    let output = with_fault(scratch, "all:signal=CONT:when=1");
    let is_able = output.is_some_and(|output| output.status.success());
    if !is_able {
        eprintln!("not run: no strace that may trace (apt-get install strace)");
    }
    is_able
}

/// The file as it was or as it is to be; which, and nothing of ours beside it that the next revert does not clear up.
fn is_right(scratch: &Scratch, when: &str) -> bool {
    let now = read(scratch, ".claude.json");
    let same = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert!(now == tampered() || same(&now) == same(CLAUDE), "{when}: {now}");
    now != tampered()
}

fn clean(scratch: &Scratch) {
    for name in names(scratch) {
        if name.contains(".mcpwatch-") {
            fs::remove_file(scratch.home().join(name)).unwrap();
        } else if name.ends_with(".lock") {
            fs::remove_dir(scratch.home().join(name)).unwrap();
        }
    }
    scratch.write(".claude.json", &tampered());
}

#[test]
fn killed_at_every_system_call_it_leaves_the_file_whole() {
    let scratch = approved();
    if !can_inject(&scratch) {
        return;
    }
    let (mut before, mut after, mut times) = (0, 0, HashMap::new());
    // The first is the one that runs the program.
    for name in calls(&scratch, "all").into_iter().skip(1) {
        let time = *times.entry(name.clone()).and_modify(|time| *time += 1).or_insert(1);
        clean(&scratch);
        let when = format!("killed at {name} {time}");
        let output = with_fault(&scratch, &format!("{name}:signal=KILL:when={time}")).unwrap();
        if output.status.success() {
            // Memory lies elsewhere each time, and it asked for less this time.
            assert!(is_right(&scratch, &when), "{when}: it was not done");
            continue;
        }
        match is_right(&scratch, &when) {
            false => before += 1,
            true => after += 1,
        }
    }
    assert!(before > 50 && after > 20, "{before} before, {after} after: it was not killed in its midst");
}

#[test]
fn refused_at_every_system_call_it_says_what_is_true() {
    let scratch = approved();
    if !can_inject(&scratch) {
        return;
    }
    let mut refusals = 0;
    // Those that touch the disk, each with what a disk says.
    for (call, errors) in [
        ("mkdirat", &["EROFS", "ENOSPC"][..]),
        ("openat", &["EIO", "EMFILE"]),
        ("newfstatat", &["EIO", "EACCES"]),
        ("fstat", &["EIO"]),
        ("statx", &["EIO"]),
        ("read", &["EIO"]),
        ("write", &["ENOSPC", "EDQUOT"]),
        ("fsync", &["EIO", "EDQUOT"]),
        ("renameat", &["EIO", "EPERM"]),
        ("renameat2", &["EIO", "EINVAL", "EPERM"]),
        ("unlinkat", &["EIO"]),
        ("fchmod", &["EPERM"]),
        ("fchown", &["EPERM"]),
        ("flistxattr", &["EIO"]),
        ("getrandom", &["ENOSYS"]),
    ] {
        for error in errors {
            for time in 1..=calls(&scratch, &format!("?{call}")).len() {
                clean(&scratch);
                let when = format!("{call} {time} says {error}");
                // Once, and never again.
                let fault = format!("{call}:error={error}:when={time}..{time}");
                let output = with_fault(&scratch, &fault).unwrap();
                let is_right = is_right(&scratch, &when);
                match serde_json::from_slice::<Result<Value, String>>(&output.stdout) {
                    Ok(Ok(mended)) => {
                        assert!(is_right, "{when}: {mended} is not true");
                        if call == "renameat2" && *error == "EINVAL" && time == 1 {
                            assert_eq!(mended["without_exchange"], true, "{mended}");
                        }
                    }
                    Ok(Err(why)) => {
                        assert!(!is_right && why.starts_with("not changed, since "), "{when}: {why}");
                        assert!(!why.contains("CANARY"), "{why}");
                        refusals += 1;
                    }
                    // It could not even start, or not answer.
                    Err(_) => assert!(!output.status.success(), "{when}"),
                }
            }
        }
    }
    assert!(refusals > 20, "{refusals}");
}

/// The system calls of that kind that it makes where nothing goes wrong, in their order.
fn calls(scratch: &Scratch, kind: &str) -> Vec<String> {
    clean(scratch);
    let log = scratch.path("calls");
    let mut child = Command::new("strace")
        .args(["-qq", "-e", &format!("trace={kind}"), "-e", "signal=none", "-o", log.to_str().unwrap(), "--"])
        .args([env!("CARGO_BIN_EXE_mcpwatch"), "mend-file"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(order(scratch).as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let log = fs::read_to_string(log).unwrap();
    log.lines().filter_map(|line| Some(line.split_once('(')?.0.to_owned())).collect()
}
