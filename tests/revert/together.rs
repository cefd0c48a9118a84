//! Reverts beside programs that save the same file: the real client, and an imitation that saves as fast as it can.

use super::kit::{CLAUDE, approved, names, read};
use super::support;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

/// Saves as the client does: lock, read, change, beside, rename, unlock. `false` when the lock is held.
fn save(home: &Path, change: impl FnOnce(&str) -> String) -> bool {
    let (file, lock) = (home.join(".claude.json"), home.join(".claude.json.lock"));
    if fs::create_dir(&lock).is_err() {
        return false;
    }
    let text = fs::read_to_string(&file).unwrap();
    let beside = home.join(".claude.json.tmp.1.0123456789ab");
    fs::write(&beside, change(&text)).unwrap();
    fs::rename(&beside, &file).unwrap();
    fs::remove_dir(&lock).unwrap();
    true
}

fn counter(text: &str) -> u32 {
    let (_, rest) = text.split_once("\"numStartups\": ").unwrap();
    rest.split(',').next().unwrap().parse().unwrap()
}

#[test]
fn no_save_of_the_client_and_no_revert_is_lost() {
    let scratch = approved();
    let is_over = AtomicBool::new(false);
    let saves = std::thread::scope(|scope| {
        let saves = scope.spawn(|| {
            let mut saves = 0;
            while !is_over.load(Ordering::Relaxed) {
                let next = |text: &str| {
                    let now = counter(text);
                    text.replace(
                        &format!("\"numStartups\": {now},"),
                        &format!("\"numStartups\": {},", now + 1),
                    )
                };
                saves += u32::from(save(&scratch.home(), next));
            }
            saves
        });
        for round in 0..25 {
            while !save(&scratch.home(), |text| text.replace("mcp.linear.app", &format!("evil{round}.test")))
            {
            }
            scratch.expect(0, &["revert", "linear"]);
            let now = read(&scratch, ".claude.json");
            assert!(now.contains("https://mcp.linear.app/mcp") && !now.contains("evil"), "{now}");
        }
        is_over.store(true, Ordering::Relaxed);
        saves.join().unwrap()
    });
    let text = read(&scratch, ".claude.json");
    assert_eq!(counter(&text), 12 + saves, "a save was lost");
    assert_eq!(text, CLAUDE.replace("12", &(12 + saves).to_string()));
    assert_eq!(names(&scratch), [".claude", ".claude.json"]);
}

#[test]
fn the_real_client_keeps_what_it_saves_meanwhile() {
    for binary in support::clients() {
        let scratch = approved();
        let add = |name: &str| {
            let mut command = Command::new(&binary);
            command.args(["mcp", "add", "-s", "user", name, "--", "/bin/true"]).env_clear();
            command.env("HOME", scratch.home()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
            command.env("DISABLE_AUTOUPDATER", "1").current_dir(scratch.home());
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        };
        for name in ["one", "two"] {
            let mut client = add(name);
            while client.try_wait().unwrap().is_none() {
                while !save(&scratch.home(), |text| text.replace("mcp.linear.app", "evil.test")) {}
                scratch.expect(0, &["revert", "linear"]);
            }
            assert!(client.wait().unwrap().success());
        }
        assert_eq!(scratch.drifts(), ["server-added one", "server-added two"]);
        scratch.expect(0, &["revert", "--all"]);
        assert!(scratch.drifts().is_empty());
    }
}
