//! Directories that appear, go, move and become something else.

use crate::ear::Ear;
use mcpwatch::host::entry::Entry;
use mcpwatch::sensor::Hint;
use rustix::fs::{CWD, Mode, RenameFlags, renameat_with};
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn directories_that_appear_later_are_heard_of_and_watched() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("a/b/c/settings.json");
    let mut ear = Ear::new(&[&file]);
    for directory in ["a", "a/b", "a/b/c"] {
        fs::create_dir(home.path().join(directory)).unwrap();
        ear.hears(&file);
    }
    fs::write(&file, "{}").unwrap();
    ear.hears(&file);
}

#[test]
fn a_directory_or_one_above_it_that_moves_is_a_loss() {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name);
    let [file, sentinel] = ["a/b/c/f", "sentinel"].map(path);
    fs::create_dir_all(path("a/b/c")).unwrap();
    fs::create_dir_all(path("other/c")).unwrap();
    fs::write(&file, "1").unwrap();
    let mut ear = Ear::new(&[&file, &sentinel]);
    for moved in ["a", "a/b", "a/b/c"] {
        eprintln!("{moved}");
        fs::rename(path(moved), path("moved")).unwrap();
        ear.loses_all(&sentinel);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        ear.hears(&file);
        ear.quiet(&sentinel);
        fs::write(&file, "2").unwrap();
        ear.hears(&file);
        fs::remove_dir_all(path(moved)).unwrap();
        ear.loses_all(&sentinel);
        fs::rename(path("moved"), path(moved)).unwrap();
        ear.hears(&file);
        ear.quiet(&sentinel);
        fs::write(&file, "3").unwrap();
        ear.hears(&file);
    }
    renameat_with(CWD, path("a/b"), CWD, path("other"), RenameFlags::EXCHANGE).unwrap();
    ear.loses_all(&sentinel);
    fs::write(&file, "4").unwrap();
    ear.hears(&file);
}

#[test]
fn a_directory_that_moves_and_comes_back_at_once_is_still_heard() {
    let root = tempfile::tempdir().unwrap();
    let [file, sentinel] = ["a/b/f", "sentinel"].map(|name| root.path().join(name));
    let directory = file.parent().unwrap();
    fs::create_dir_all(directory).unwrap();
    let mut ear = Ear::new(&[&file, &sentinel]);
    for _ in 0..20 {
        fs::rename(root.path().join("a"), root.path().join("x")).unwrap();
        fs::rename(root.path().join("x"), root.path().join("a")).unwrap();
        ear.loses_all(&sentinel);
        fs::write(&file, "x").unwrap();
        ear.hears(&file);
        // The same number of an inode, another directory.
        fs::remove_dir_all(directory).unwrap();
        fs::create_dir_all(directory).unwrap();
        ear.loses_all(&sentinel);
        fs::write(&file, "x").unwrap();
        ear.hears(&file);
    }
}

#[test]
fn neither_pipes_nor_files_in_the_place_of_directories_hold_anything_up() {
    let root = tempfile::tempdir().unwrap();
    let [directory, sentinel] = ["a", "sentinel"].map(|name| root.path().join(name));
    let file = directory.join("f");
    let pipe = |path: &Path| {
        rustix::fs::mknodat(CWD, path, rustix::fs::FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    };
    fs::create_dir(&directory).unwrap();
    let mut ear = Ear::new(&[&file, &sentinel]);
    let heard = |ear: &mut Ear| {
        ear.until(|hint| {
            *hint == Hint::Lost || matches!(hint, Hint::Changed(files) if files.contains(&file))
        });
        ear.quiet(&sentinel);
    };
    for _ in 0..3 {
        pipe(&file);
        heard(&mut ear);
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        heard(&mut ear);
        fs::remove_dir_all(&directory).unwrap();
        heard(&mut ear);
        fs::write(&directory, "a file").unwrap();
        heard(&mut ear);
        fs::remove_file(&directory).unwrap();
        pipe(&directory);
        heard(&mut ear);
        fs::remove_file(&directory).unwrap();
        fs::create_dir(&directory).unwrap();
        heard(&mut ear);
    }
}

#[test]
fn asking_again_for_the_same_looks_at_nothing() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("f");
    let mut ear = Ear::new(&[&file]);
    let looks = Cell::new(0);
    let count = |path: &Path| {
        looks.set(looks.get() + 1);
        Entry::at(path)
    };
    let files: Vec<PathBuf> = ear.files.clone();
    let ask = |ear: &mut Ear| {
        ear.sensor.watch(files.iter().map(PathBuf::as_path), &[], &count);
        looks.take()
    };
    assert_eq!(ask(&mut ear), 0);
    crate::changes::replace(&file, "{}");
    while ear.sensor.inbox().take().is_empty() {
        std::thread::yield_now();
    }
    assert!(ask(&mut ear) <= 2, "the file that was replaced, and nothing else");
}

#[test]
fn forgetting_gives_no_watch_up() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("f");
    let mut ear = Ear::new(&[&file]);
    let before = ear.sensor.watched();
    ear.sensor.forget();
    fs::write(&file, "meanwhile").unwrap();
    ear.hears(&file);
    ear.sensor.forget();
    ear.settle();
    assert_eq!(ear.sensor.watched(), before + 1, "the file is there now");
    fs::write(&file, "after").unwrap();
    ear.hears(&file);
}
