//! `hostile`: as root in the home of somebody who swaps file, links and the home itself in a tight loop. Nothing outside
//! may be read out, changed or added to. Knows the command line, and nothing of how a way is gone.

use crate::Options;
use crate::home::{Home, tampered};
use crate::table;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

/// An account that nobody has.
const OWNER: u32 = 45_678;

/// What stands outside, and must never be said.
const OUTSIDE: &str = "outside-canary.test";

pub(crate) fn run(options: &Options) {
    let (home, document) = Home::captured(7, 4);
    if fs::metadata("/proc/self").is_ok_and(|own| own.uid() != 0) {
        table::heading("hostile", "not run: only root can act for others");
        return;
    }
    let reverts: usize = options.number(200, 5_000);
    let (directory, file) = (home.directory(), home.claude_json());
    let outside = home.beside("outside");
    let secret = outside.join(".claude.json");
    fs::create_dir(&outside).expect("a directory");
    fs::write(&secret, tampered(&document, OUTSIDE)).expect("a file");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("its mode");
    let root = directory.parent().expect("above").to_path_buf();
    fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).expect("its mode");
    give(&directory);
    give(&file);
    let before = facts(&secret);
    let (is_over, swaps) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (mut done, mut said, mut odd) = (0, 0, 0);
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let hostile = Hostile { home: &directory, outside: &outside, moved: root.join("moved") };
            let evil = tampered(&document, "evil.test");
            for round in 0_u32.. {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                hostile.swap(round, &evil);
                swaps.fetch_add(1, Ordering::Relaxed);
            }
        });
        for _ in 0..reverts {
            let output = home.command(&["revert", "--all"]).env("HOME", "/root").output().expect("it runs");
            let both = [output.stdout, output.stderr].concat();
            said += usize::from(String::from_utf8_lossy(&both).contains(OUTSIDE));
            done += usize::from(output.status.code() == Some(0));
            odd += usize::from(output.status.code().is_none_or(|code| code > 1));
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let swaps = swaps.load(Ordering::Relaxed);
    let seconds = start.elapsed().as_secs();
    table::heading(
        "hostile",
        &format!(
            "{reverts} reverts as root beside {swaps} swaps in {seconds} s; {done} found nothing to refuse"
        ),
    );
    table::none("files outside that are not what they were", usize::from(facts(&secret) != before));
    let is_same = fs::read_to_string(&secret).is_ok_and(|text| text == tampered(&document, OUTSIDE));
    table::none("files outside that say something else", usize::from(!is_same));
    let added = fs::read_dir(&outside).expect("a directory").count() - 1;
    table::none("files that were put outside", added);
    let (_, told) = home.run(&["events", "--format", "json"]);
    table::none("sayings of what stands outside", said + told.matches(OUTSIDE).count());
    table::none("ends that are neither done nor refused", odd);
}

/// What the owner does.
struct Hostile<'h> {
    home: &'h Path,
    outside: &'h Path,
    moved: PathBuf,
}

impl Hostile<'_> {
    /// One round of it. What the kernel may forbid to an owner, root does here in their stead.
    fn swap(&self, round: u32, evil: &str) {
        let (file, secret) = (self.home.join(".claude.json"), self.outside.join(".claude.json"));
        let beside = self.home.join("beside");
        // What one round leaves may be in the way of the next.
        let _swapped = match round % 5 {
            0 => symlink(&secret, &beside).map(|()| give(&beside)).and_then(|()| fs::rename(&beside, &file)),
            1 => fs::hard_link(&secret, &beside).and_then(|()| fs::rename(&beside, &file)),
            2 => fs::rename(self.home, &self.moved)
                .and_then(|()| symlink(self.outside, self.home))
                .and_then(|()| fs::remove_file(self.home))
                .and_then(|()| fs::rename(&self.moved, self.home)),
            3 => {
                let link = self.home.join(".claude");
                let _gone = fs::remove_file(&link);
                symlink(self.outside, &link).map(|()| give(&link))
            }
            _ => fs::write(&beside, evil).map(|()| give(&beside)).and_then(|()| fs::rename(&beside, &file)),
        };
    }
}

fn give(path: &Path) {
    let _given = lchown(path, Some(OWNER), Some(OWNER));
}

/// Whose it is, its mode, and which file.
fn facts(path: &Path) -> (u32, u32, u32, u64) {
    let facts = fs::metadata(path).expect("it is there");
    (facts.uid(), facts.gid(), facts.mode(), facts.ino())
}
