//! What is done to a file, and that reading it is not.

use crate::ear::Ear;
use mcpwatch::sensor::Hint;
use rustix::fs::{Mode, OFlags, XattrFlags};
use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;

#[test]
fn each_way_of_changing_a_file_is_heard() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".claude.json");
    fs::write(&file, "{\"a\":1}").unwrap();
    let mut held = File::options().write(true).open(&file).unwrap();
    let mut ear = Ear::new(&[&file]);
    let outside = tempfile::tempdir_in(home.path().parent().unwrap()).unwrap();
    let linked = outside.path().join("linked");
    type Way<'w> = (&'w str, Box<dyn FnMut() + 'w>);
    let ways: Vec<Way<'_>> = vec![
        ("a write through a descriptor that is held", Box::new(|| held.write_all(b"{}").unwrap())),
        ("chmod", Box::new(|| fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap())),
        ("chown", Box::new(|| chown(&file, Some(rustix::process::getuid().as_raw()), None).unwrap())),
        ("a hard link elsewhere", Box::new(|| fs::hard_link(&file, &linked).unwrap())),
        ("a write through that link", Box::new(|| fs::write(&linked, "evil").unwrap())),
        ("truncation", Box::new(|| File::options().write(true).open(&file).unwrap().set_len(1).unwrap())),
        ("other times", Box::new(|| File::open(&file).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap())),
        ("opening it for writing", Box::new(|| drop(File::options().append(true).open(&file).unwrap()))),
        ("a rename over it", Box::new(|| replace(&file, "{}"))),
        ("a hard link of the new one", Box::new(|| fs::hard_link(&file, outside.path().join("2")).unwrap())),
        ("another rename over it", Box::new(|| replace(&file, "{}"))),
        ("removal", Box::new(|| fs::remove_file(&file).unwrap())),
        ("appearance", Box::new(|| fs::write(&file, "{}").unwrap())),
        ("moving it away", Box::new(|| fs::rename(&file, home.path().join("away")).unwrap())),
        ("a link in its place", Box::new(|| symlink("away", &file).unwrap())),
        ("a change of what it leads to", Box::new(|| fs::write(home.path().join("away"), "x").unwrap())),
    ];
    for (what, mut change) in ways {
        eprintln!("{what}");
        change();
        ear.hears(&file);
    }
}

#[test]
fn extended_attributes_are_heard() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join(".claude.json");
    fs::write(&file, "{}").unwrap();
    let mut ear = Ear::new(&[&file]);
    if let Err(errno) = rustix::fs::setxattr(&file, "user.mcpwatch", b"x", XattrFlags::empty()) {
        eprintln!("not run: this file system has no extended attributes ({errno})");
        return;
    }
    ear.hears(&file);
}

#[test]
fn reading_and_neighbours_are_silent() {
    let home = tempfile::tempdir().unwrap();
    let [file, sentinel] = ["a.json", "b.json"].map(|name| home.path().join(name));
    fs::write(&file, "{}").unwrap();
    fs::write(&sentinel, "{}").unwrap();
    let mut ear = Ear::new(&[&file, &sentinel]);
    let mut text = String::new();
    File::open(&file).unwrap().read_to_string(&mut text).unwrap();
    fs::read_dir(home.path()).unwrap().for_each(drop);
    fs::metadata(&file).unwrap();
    rustix::fs::open(&file, OFlags::PATH, Mode::empty()).unwrap();
    for name in [".claude.json.tmp.1", "a.json~", "other"] {
        fs::write(home.path().join(name), "x").unwrap();
        fs::remove_file(home.path().join(name)).unwrap();
    }
    fs::create_dir(home.path().join("d")).unwrap();
    ear.heard_nothing_of(&[&file], &sentinel);
}

#[test]
fn what_is_not_asked_for_any_more_is_silent() {
    let home = tempfile::tempdir().unwrap();
    let [file, sentinel] = ["a/f", "b/f"].map(|name| home.path().join(name));
    for file in [&file, &sentinel] {
        fs::create_dir(file.parent().unwrap()).unwrap();
    }
    let mut ear = Ear::new(&[&file, &sentinel]);
    let before = ear.sensor.watched();
    ear.files.remove(0);
    assert_eq!(ear.watch().added, 0);
    assert_eq!(ear.sensor.watched(), before - 1);
    fs::write(&file, "x").unwrap();
    ear.heard_nothing_of(&[&file], &sentinel);
}

#[test]
fn a_file_that_is_asked_for_in_a_known_directory_is_to_be_looked_at_again() {
    let home = tempfile::tempdir().unwrap();
    let [one, two] = ["one", "two"].map(|name| home.path().join(name));
    let mut ear = Ear::new(&[&one]);
    ear.files.push(two.clone());
    assert_eq!(ear.watch().added, 1, "what happened to it until now was not heard");
    assert_eq!(ear.watch().added, 0);
    fs::write(&two, "x").unwrap();
    ear.hears(&two);
}

#[test]
fn a_directory_of_which_everything_matters_is_told_apart() {
    let root = tempfile::tempdir().unwrap();
    let [templates, later, file] = ["templates", "later", "home.json"].map(|name| root.path().join(name));
    fs::create_dir(&templates).unwrap();
    let mut ear = Ear::with(&[&file], &[&templates, &later]);
    let is_of = |directory: &Path| {
        let directory = directory.to_path_buf();
        move |hint: &Hint| matches!(hint, Hint::Elsewhere(found) if found.contains(&directory))
    };
    fs::write(templates.join("any.json"), "{}").unwrap();
    let heard = ear.until(is_of(&templates));
    assert!(heard.iter().all(|hint| matches!(hint, Hint::Elsewhere(found) if found.len() == 1)), "{heard:?}");
    fs::create_dir(&later).unwrap();
    ear.until(is_of(&later));
    fs::write(later.join("new.json"), "{}").unwrap();
    ear.until(is_of(&later));
    fs::remove_dir_all(&later).unwrap();
    ear.loses();
}

#[test]
fn a_directory_that_others_may_enter_is_a_change_of_what_is_in_it() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("a/b/f");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let mut ear = Ear::new(&[&file]);
    for directory in ["a", "a/b"] {
        fs::set_permissions(home.path().join(directory), Permissions::from_mode(0o777)).unwrap();
        ear.hears(&file);
    }
}

/// As a careful program saves.
pub(crate) fn replace(file: &Path, text: &str) {
    let beside = file.with_extension("tmp.1");
    fs::write(&beside, text).unwrap();
    fs::rename(beside, file).unwrap();
}
