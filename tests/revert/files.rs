//! Files that are not plain: links, other names, locks, full disks.

use super::kit::{CLAUDE, approved, event, names, read, rows};
use super::support::{Scratch, wait_until};
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::process::Command;
use std::time::{Duration, Instant};

fn tampered() -> String {
    CLAUDE.replace("mcp.linear.app", "evil.test")
}

#[test]
fn a_link_that_was_approved_stays_and_its_target_is_restored() {
    let scratch = Scratch::new();
    scratch.write("dotfiles/claude.json", CLAUDE);
    symlink("dotfiles/claude.json", scratch.claude_json()).unwrap();
    scratch.expect(0, &["baseline", "capture"]);
    scratch.write("dotfiles/claude.json", &tampered());
    // The client's lock is beside the link.
    fs::create_dir(scratch.home().join(".claude.json.lock")).unwrap();
    assert!(scratch.expect(0, &["revert", "linear"]).contains("held the client's lock"));
    fs::remove_dir(scratch.home().join(".claude.json.lock")).unwrap();
    assert_eq!(read(&scratch, "dotfiles/claude.json"), CLAUDE);
    assert!(fs::symlink_metadata(scratch.claude_json()).unwrap().is_symlink());
    assert_eq!(names(&scratch), [".claude.json", "dotfiles"]);
}

#[test]
fn a_link_that_came_with_the_tamper_is_not_followed() {
    let scratch = approved();
    scratch.write("elsewhere.json", &tampered());
    fs::remove_file(scratch.claude_json()).unwrap();
    symlink("elsewhere.json", scratch.claude_json()).unwrap();
    let refused = rows(&scratch, 1, &["--all"]);
    assert!(refused.iter().all(|row| row["outcome"] == "refused"), "{refused:?}");
    assert_eq!(read(&scratch, "elsewhere.json"), tampered());
    assert!(event(&scratch, "revert-refused")["mcpwatch"]["response"]["reason"].is_string());
}

#[test]
fn other_names_pipes_and_missing_files_are_refused() {
    let scratch = approved();
    scratch.write(".claude.json", &tampered());
    fs::hard_link(scratch.claude_json(), scratch.home().join("other")).unwrap();
    assert!(rows(&scratch, 1, &["linear"])[0]["reason"].as_str().unwrap().contains("config-replaced"));
    assert_eq!(read(&scratch, "other"), tampered());
    fs::remove_file(scratch.home().join("other")).unwrap();
    fs::remove_file(scratch.claude_json()).unwrap();
    assert!(Command::new("mkfifo").arg(scratch.claude_json()).status().unwrap().success());
    rows(&scratch, 1, &["--all"]);
    fs::remove_file(scratch.claude_json()).unwrap();
    assert!(rows(&scratch, 1, &["--all"])[0]["reason"].as_str().unwrap().contains("copy"));
}

#[test]
fn mode_and_attributes_are_kept_and_what_others_may_write_is_closed() {
    let scratch = approved();
    scratch.write(".claude.json", &tampered());
    fs::set_permissions(scratch.claude_json(), Permissions::from_mode(0o646)).unwrap();
    scratch.expect(0, &["revert", "linear"]);
    assert_eq!(fs::metadata(scratch.claude_json()).unwrap().mode() & 0o7777, 0o646);
    assert_eq!(scratch.drifts(), ["config-permissions mode"]);
    scratch.expect(0, &["revert", "--all"]);
    assert_eq!(fs::metadata(scratch.claude_json()).unwrap().mode() & 0o7777, 0o644);
    assert_eq!(read(&scratch, ".claude.json"), CLAUDE);
}

#[test]
fn the_clients_lock_is_waited_for_taken_over_and_done_without() {
    let scratch = approved();
    let lock = scratch.home().join(".claude.json.lock");
    // Let go of after a moment.
    scratch.write(".claude.json", &tampered());
    fs::create_dir(&lock).unwrap();
    let mut revert =
        scratch.command().args(["revert", "linear"]).stdout(std::process::Stdio::null()).spawn().unwrap();
    let held = Instant::now();
    while held.elapsed() < Duration::from_millis(400) {
        assert_eq!(read(&scratch, ".claude.json"), tampered(), "it is held");
    }
    fs::remove_dir(&lock).unwrap();
    wait_until("it is done", || revert.try_wait().unwrap().is_some());
    assert_eq!(read(&scratch, ".claude.json"), CLAUDE);
    // Held for ever: whoever tampered could do that too.
    scratch.write(".claude.json", &tampered());
    fs::create_dir(&lock).unwrap();
    let said = scratch.expect(0, &["revert", "linear"]);
    assert!(said.contains("held the client's lock"), "{said}");
    assert_eq!(read(&scratch, ".claude.json"), CLAUDE);
    assert!(lock.is_dir(), "it is not ours");
    // Left behind.
    scratch.write(".claude.json", &tampered());
    let stale = Command::new("touch").args(["-d", "1 minute ago"]).arg(&lock).status().unwrap();
    assert!(stale.success());
    assert!(!scratch.expect(0, &["revert", "linear"]).contains("lock"));
    assert_eq!(names(&scratch), [".claude", ".claude.json"]);
}

#[test]
fn a_full_disk_and_one_that_cannot_be_written_leave_the_file_whole() {
    if mcpwatch::host::accounts::own_uid() != 0 {
        eprintln!("not run: only root can mount a small file system");
        return;
    }
    let scratch = approved();
    let mount = |arguments: &[&str]| {
        Command::new("mount").args(arguments).arg(scratch.home()).status().unwrap().success()
    };
    if !mount(&["-t", "tmpfs", "-o", "size=64k", "tmpfs"]) {
        eprintln!("not run: nothing can be mounted here");
        return;
    }
    let _unmount = Unmount(scratch.home());
    scratch.write(".claude.json", &tampered());
    // All but a page, which a new file of this size does not fit into.
    let _full = fs::write(scratch.home().join("ballast"), vec![0; 1 << 20]);
    let words = |code| rows(&scratch, code, &["linear"])[0]["reason"].as_str().map(str::to_owned);
    assert!(words(1).unwrap().contains("no room"));
    assert_eq!(read(&scratch, ".claude.json"), tampered());
    fs::remove_file(scratch.home().join("ballast")).unwrap();
    assert!(Command::new("mount").args(["-o", "remount,ro"]).arg(scratch.home()).status().unwrap().success());
    assert!(words(1).unwrap().contains("read-only"));
    assert_eq!(read(&scratch, ".claude.json"), tampered());
    assert!(Command::new("mount").args(["-o", "remount,rw"]).arg(scratch.home()).status().unwrap().success());
    assert_eq!(words(0), None);
    assert_eq!((read(&scratch, ".claude.json").as_str(), names(&scratch).len()), (CLAUDE, 1));
}

struct Unmount(std::path::PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        let _done = Command::new("umount").arg(&self.0).status();
    }
}
