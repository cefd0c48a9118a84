//! Symbolic links: of a file, of a directory, in chains and circles, and many of them.

use crate::ear::{Ear, PATIENCE};
use mcpwatch::host::entry::Entry;
use mcpwatch::sensor::Hint;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Makes a link lead elsewhere, in one step.
fn lead(link: &Path, target: impl AsRef<Path>) {
    let beside = link.with_extension("new");
    symlink(target, &beside).unwrap();
    fs::rename(beside, link).unwrap();
}

#[test]
fn each_link_of_a_chain_and_its_end_are_heard() {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name);
    for directory in ["home", "one", "two", "end", "end2"] {
        fs::create_dir(path(directory)).unwrap();
    }
    let file = path("home/.claude.json");
    symlink("../one/link", &file).unwrap();
    symlink(path("two/link"), path("one/link")).unwrap();
    symlink("../end/file", path("two/link")).unwrap();
    fs::write(path("end/file"), "{}").unwrap();
    let mut ear = Ear::new(&[&file]);
    fs::write(path("end/file"), "{}").unwrap();
    ear.hears(&file);
    lead(&path("two/link"), "../end2/file");
    ear.hears(&file);
    fs::write(path("end2/file"), "{}").unwrap();
    ear.hears(&file);
    fs::remove_file(path("one/link")).unwrap();
    ear.hears(&file);
    symlink("../end/file", path("one/link")).unwrap();
    ear.hears(&file);
    fs::write(path("end/file"), "2").unwrap();
    ear.hears(&file);
    lead(&file, path("end2/file"));
    ear.hears(&file);
    fs::write(path("end2/file"), "3").unwrap();
    ear.hears(&file);
    fs::rename(path("end2"), path("end3")).unwrap();
    ear.loses();
}

#[test]
fn a_linked_directory_is_heard_in_both_places() {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name);
    for directory in ["home", "real/.claude", "other/.claude"] {
        fs::create_dir_all(path(directory)).unwrap();
    }
    symlink("../real", path("home/dots")).unwrap();
    let [file, plain, sentinel] =
        ["home/dots/.claude/settings.json", "real/.claude/settings.json", "sentinel"].map(path);
    let mut ear = Ear::new(&[&file, &plain, &sentinel]);
    fs::write(&plain, "{}").unwrap();
    ear.hears(&file);
    lead(&path("home/dots"), "../other");
    ear.hears(&file);
    fs::write(path("other/.claude/settings.json"), "{}").unwrap();
    ear.hears(&file);
    ear.quiet(&sentinel);
    fs::write(&plain, "2").unwrap();
    ear.heard_nothing_of(&[&file], &plain);
}

#[test]
fn a_link_that_is_swapped_while_the_way_is_looked_for_is_found() {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name);
    for directory in ["one", "two"] {
        fs::create_dir(path(directory)).unwrap();
    }
    let file = path("link");
    symlink("one/f", &file).unwrap();
    let mut ear = Ear::start(Vec::new(), Vec::new());
    ear.files.push(file.clone());
    let look = |looked_at: &Path| {
        let entry = Entry::at(looked_at);
        if looked_at == file && entry == Entry::Link("one/f".into()) {
            lead(&file, "two/f");
        }
        entry
    };
    assert!(ear.sensor.watch([file.as_path()], &[], &look).added > 0);
    ear.settle();
    fs::write(path("two/f"), "x").unwrap();
    ear.hears(&file);
}

#[test]
fn circles_and_endless_chains_end() {
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name);
    symlink("circle", path("circle")).unwrap();
    symlink("b", path("a")).unwrap();
    symlink("a", path("b")).unwrap();
    symlink(".", path("here")).unwrap();
    for number in 0..60 {
        symlink(format!("l{}", number + 1), path(&format!("l{number}"))).unwrap();
    }
    fs::write(path("l60"), "x").unwrap();
    let names = ["circle", "a", "l0", "l30", "circle/x", "here/here/here/f"];
    let files = names.map(path);
    let mut ear = Ear::start(files.to_vec(), Vec::new());
    lead(&path("b"), "f");
    ear.hears(&files[1]);
    fs::write(path("f"), "x").unwrap();
    ear.until(
        |hint| matches!(hint, Hint::Changed(heard) if heard.contains(&files[1]) && heard.contains(&files[5])),
    );
    lead(&path("l20"), "f");
    ear.hears(&files[2]);
    fs::write(path("l60"), "y").unwrap();
    ear.hears(&files[3]);
}

#[test]
fn ways_that_are_made_to_keep_us_busy_are_left_to_the_timer() {
    let root = tempfile::tempdir().unwrap();
    let round = format!("{}l0", "d/../".repeat(700));
    fs::create_dir(root.path().join("d")).unwrap();
    symlink(&round, root.path().join("l0")).unwrap();
    let [file, good] = ["l0", "good"].map(|name| root.path().join(name));
    let mut ear = Ear::new(&[&good]);
    ear.files.push(file.clone());
    let watches = ear.settle();
    assert_eq!(*watches.unwatched, [file]);
    assert!(watches.failed.unwrap().to_string().contains("links"));
    fs::write(&good, "x").unwrap();
    ear.hears(&good);
}

#[test]
fn ten_thousand_links_are_no_trouble() {
    let root = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let files: Vec<PathBuf> = (0..10_000).map(|number| root.path().join(format!("l{number}"))).collect();
    fs::create_dir(root.path().join("t")).unwrap();
    for (number, file) in files.iter().enumerate() {
        symlink(format!("t/{number}"), file).unwrap();
    }
    let mut ear = Ear::start(files.clone(), Vec::new());
    fs::write(root.path().join("t/9999"), "x").unwrap();
    ear.hears(&files[9999]);
    fs::rename(root.path().join("t"), root.path().join("u")).unwrap();
    ear.loses();
    assert!(start.elapsed() < PATIENCE);
}
