//! Somebody who moves, links, replaces and removes at random while the sensor is at work. However it went, once
//! he stops every file must be heard again.

use crate::ear::Ear;
use mcpwatch::sensor::Hint;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::mpsc::sync_channel;

const NAMES: [&str; 3] = ["x", "y", "z"];

/// Numbers that look random and are the same for the same seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    /// A path of one to three names.
    fn path(&mut self, root: &Path) -> PathBuf {
        let depth = 1 + self.roll(3);
        (0..depth).fold(root.to_path_buf(), |path, _| path.join(NAMES[self.roll(NAMES.len())]))
    }
}

/// Does something, or fails to.
fn mischief(dice: &mut Dice, root: &Path) -> String {
    let (one, two) = (dice.path(root), dice.path(root));
    let act = dice.roll(8);
    let _ = match act {
        0 => fs::create_dir_all(&one),
        1 => fs::remove_dir_all(&one),
        2 => fs::write(&one, "x"),
        3 => fs::rename(&one, &two),
        4 => symlink(&two, &one),
        5 => fs::remove_file(&one),
        6 => rustix::fs::renameat_with(
            rustix::fs::CWD,
            &one,
            rustix::fs::CWD,
            &two,
            rustix::fs::RenameFlags::EXCHANGE,
        )
        .map_err(Into::into),
        _ => {
            let _ = fs::remove_file(&one);
            symlink(Path::new("..").join(NAMES[dice.roll(NAMES.len())]), &one)
        }
    };
    format!("{act} {} {}", one.display(), two.display())
}

fn asked(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for one in NAMES {
        files.push(root.join(one));
        for two in NAMES {
            files.extend(NAMES.map(|three| root.join(one).join(two).join(three)));
        }
    }
    files
}

/// Changes what each asked-for path leads to, where it leads anywhere, and waits until that is heard.
fn probe(ear: &mut Ear, files: &[PathBuf], story: &[String]) {
    for file in files {
        let is_file_or_free = fs::metadata(file).map_or(true, |there| there.is_file());
        if !is_file_or_free || fs::write(file, "probe").is_err() {
            continue;
        }
        eprintln!("{} after {}", file.display(), story.join("; "));
        ear.until(|hint| match hint {
            Hint::Changed(heard) => heard.contains(file),
            Hint::Lost => panic!("lost, where nothing moves any more"),
            _ => false,
        });
    }
}

#[test]
fn after_every_trick_every_file_is_heard() {
    for seed in 1..=12 {
        // Links lead out of it, to what nobody else may touch.
        let outside = tempfile::tempdir().unwrap();
        let root = outside.path().join("root");
        fs::create_dir(&root).unwrap();
        let sentinel = root.join("sentinel");
        let files = asked(&root);
        let mut ear = Ear::start(files.iter().chain([&sentinel]).cloned().collect(), Vec::new());
        let mut dice = Dice(seed * 7919);
        let mut story = Vec::new();
        for _ in 0..12 {
            for _ in 0..=dice.roll(6) {
                story.push(mischief(&mut dice, &root));
            }
            ear.quiet(&sentinel);
            probe(&mut ear, &files, &story);
        }
    }
}

#[test]
fn tricks_while_the_sensor_works_make_it_deaf_to_nothing() {
    for seed in 1..=6 {
        // Links lead out of it, to what nobody else may touch.
        let outside = tempfile::tempdir().unwrap();
        let root = outside.path().join("root");
        fs::create_dir(&root).unwrap();
        let sentinel = root.join("sentinel");
        let files = asked(&root);
        let mut ear = Ear::start(files.iter().chain([&sentinel]).cloned().collect(), Vec::new());
        let (stop, stopped) = sync_channel::<()>(0);
        let place = root.clone();
        let villain = std::thread::spawn(move || {
            let mut dice = Dice(seed * 104_729);
            while stopped.try_recv() != Err(std::sync::mpsc::TryRecvError::Disconnected) {
                mischief(&mut dice, &place);
            }
        });
        for round in 0..60 {
            ear.sensor.inbox().take();
            if round % 10 == 9 {
                ear.sensor.forget();
            }
            ear.watch();
        }
        drop(stop);
        villain.join().unwrap();
        ear.quiet(&sentinel);
        probe(&mut ear, &files, &[format!("seed {seed}")]);
    }
}
