//! As root in somebody else's home: with the owner's rights and no others, whatever the owner puts in the way.

use super::kit::{CLAUDE, read};
use super::support::{PATIENCE, Scratch};
use mcpwatch::host::accounts::own_uid;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, lchown, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// An account that nobody has.
const OWNER: u32 = 45_678;

/// A home of that account, approved by root; `None` where we are not root.
fn home() -> Option<Scratch> {
    if own_uid() != 0 {
        eprintln!("not run: only root can act for others");
        return None;
    }
    let scratch = Scratch::new();
    scratch.write(".claude.json", CLAUDE);
    // The way to the home is anybody's to go.
    fs::set_permissions(scratch.path(""), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    give(&scratch.home());
    give(&scratch.claude_json());
    scratch.expect(0, &["baseline", "capture"]);
    Some(scratch)
}

fn give(path: &Path) {
    lchown(path, Some(OWNER), Some(OWNER)).unwrap();
}

fn tampered() -> String {
    CLAUDE.replace("mcp.linear.app", "evil.test")
}

/// Writes as the account does.
fn save(scratch: &Scratch, text: &str) {
    let beside = scratch.home().join("beside");
    fs::write(&beside, text).unwrap();
    give(&beside);
    fs::rename(&beside, scratch.claude_json()).unwrap();
}

#[test]
fn the_file_stays_its_owners() {
    let Some(scratch) = home() else { return };
    save(&scratch, &tampered());
    // Root's own home is another one: nothing here is ours.
    let mut command = scratch.command();
    let output = command.env("HOME", "/root").args(["revert", "linear"]).output().unwrap();
    let said = super::support::text(&output.stdout) + &super::support::text(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(read(&scratch, ".claude.json"), CLAUDE);
    let facts = fs::metadata(scratch.claude_json()).unwrap();
    assert_eq!((facts.uid(), facts.gid()), (OWNER, OWNER));
}

#[test]
fn what_a_killed_one_left_there_is_cleared_up_too() {
    let Some(scratch) = home() else { return };
    let [draft, roots] =
        ['a', 'b'].map(|digit| format!(".claude.json.mcpwatch-{}", digit.to_string().repeat(24)));
    scratch.write(&draft, "half of");
    give(&scratch.home().join(&draft));
    scratch.write(&roots, "not the owner's");
    let mut command = scratch.command();
    command.env("HOME", "/root").args(["watch", "--respond", "revert", "--format", "json"]);
    let mut watch = scratch.start(command);
    let told = watch.event_where("of the draft", |event| event["event"]["action"] == "revert-cut-short");
    assert_eq!(told["mcpwatch"]["level"], "informational");
    assert!(!scratch.home().join(&draft).exists() && scratch.home().join(&roots).exists());
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn a_home_that_swaps_under_us_leads_nowhere_else() {
    let Some(scratch) = home() else { return };
    let outside = scratch.path("outside");
    fs::create_dir(&outside).unwrap();
    let secret = outside.join(".claude.json");
    fs::write(&secret, tampered()).unwrap();
    fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let before = facts(&secret);
    let is_over = AtomicBool::new(false);
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (file, home) = (scratch.claude_json(), scratch.home());
            let mut round = 0_u32;
            while !is_over.load(Ordering::Relaxed) {
                round += 1;
                match round % 4 {
                    0 => {
                        let link = home.join("link");
                        let _ = symlink(&secret, &link);
                        give(&link);
                        let _ = fs::rename(&link, &file);
                    }
                    1 => {
                        // What the kernel may forbid to an owner, root does here in their stead.
                        let name = home.join("name");
                        let _ = fs::hard_link(&secret, &name);
                        let _ = fs::rename(&name, &file);
                    }
                    2 => {
                        let moved = scratch.path("moved");
                        let _ = fs::rename(&home, &moved);
                        let _ = symlink(&outside, &home);
                        let _ = fs::remove_file(&home);
                        let _ = fs::rename(&moved, &home);
                    }
                    _ => save(&scratch, &tampered()),
                }
            }
        });
        let mut reverts = 0;
        while reverts < 60 && start.elapsed() < PATIENCE {
            let output = scratch.command().env("HOME", "/root").args(["revert", "--all"]).output().unwrap();
            assert!(
                output.status.code().is_some_and(|code| code < 2),
                "{}",
                super::support::text(&output.stderr)
            );
            assert!(!super::support::text(&output.stdout).contains("CANARY"));
            reverts += 1;
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert_eq!(fs::read_to_string(&secret).unwrap(), tampered(), "nothing outside is changed");
    assert_eq!(facts(&secret), before);
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1, "and nothing is put there");
}

/// Whose it is and what its mode is, and which file.
fn facts(path: &Path) -> (u32, u32, u32, u64) {
    let facts = fs::metadata(path).unwrap();
    (facts.uid(), facts.gid(), facts.mode(), facts.ino())
}
