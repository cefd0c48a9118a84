//! Where the system gives no more: its queue, its watches, its instances. The limits are those of a fresh user
//! namespace, in which this test runs itself again.

use crate::ear::{Ear, PATIENCE, start};
use mcpwatch::host::entry::Entry;
use mcpwatch::sensor::Hint;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{channel, sync_channel};
use std::time::Instant;

const INSIDE: &str = "MCPWATCH_TEST_INSIDE_NAMESPACE";

/// Whether we are inside a namespace of our own. If not, the test `name` is run there.
fn is_inside(name: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let able = Command::new("unshare").args(["-Urm", "true"]).output();
    if !able.as_ref().is_ok_and(|output| output.status.success()) {
        eprintln!("not run: this system lets us have no user namespace ({able:?})");
        return false;
    }
    let output = Command::new("unshare")
        .arg("-Urm")
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{said}");
    false
}

fn set_limit(name: &str, value: u32) {
    fs::write(format!("/proc/sys/user/{name}"), value.to_string()).unwrap();
}

/// More events than any queue holds. The same thing done to the same name again may be told once, so that a file is
/// given one name after the other.
pub(crate) fn storm(noise: &Path) {
    let queue = |which: &str| -> usize {
        let limit = fs::read_to_string(format!("/proc/sys/fs/{which}/max_queued_events"));
        limit.ok().and_then(|limit| limit.trim().parse().ok()).unwrap_or(0)
    };
    let name = |number: usize| noise.join(number.to_string());
    fs::write(name(0), "x").unwrap();
    for number in 0..queue("inotify").max(queue("fanotify")) + 100 {
        fs::rename(name(number), name(number + 1)).unwrap();
    }
}

#[test]
fn a_queue_that_overflows_is_a_loss_and_all_is_heard_again_after_it() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("f");
    let noise = root.path().join("noise");
    fs::create_dir(&noise).unwrap();
    let files = [file.clone(), noise.join("f")];
    let (entered, is_held) = channel();
    let (release, released) = channel::<()>();
    let (wake, woken) = sync_channel(1);
    let mut sensor = start(Box::new(move || {
        // The first hint holds the sensor up until the queue has run over.
        let _ = entered.send(());
        let _ = released.recv();
        let _ = wake.try_send(());
    }))
    .unwrap();
    let mut watch = || while sensor.watch(files.iter().map(PathBuf::as_path), &[], &Entry::at).added > 0 {};
    watch();
    fs::write(&file, "x").unwrap();
    is_held.recv_timeout(PATIENCE).unwrap();
    storm(&noise);
    drop(release);
    let deadline = Instant::now() + PATIENCE;
    let inbox = sensor.inbox();
    while !inbox.take().contains(&Hint::Lost) {
        let left = deadline.saturating_duration_since(Instant::now());
        woken.recv_timeout(left).expect("the overflow was not told");
    }
    let mut watch = || while sensor.watch(files.iter().map(PathBuf::as_path), &[], &Entry::at).added > 0 {};
    watch();
    inbox.take();
    fs::write(&file, "y").unwrap();
    while !inbox.take().iter().any(|hint| matches!(hint, Hint::Changed(found) if found.contains(&file))) {
        let left = deadline.saturating_duration_since(Instant::now());
        woken.recv_timeout(left).expect("deaf after the overflow");
    }
}

#[test]
fn a_file_that_changes_thousands_of_times_is_one_hint() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("f");
    let mut ear = Ear::new(&[&file]);
    for number in 0..5000 {
        fs::write(&file, number.to_string()).unwrap();
    }
    let hints = ear.so_far(&file);
    assert!(hints.iter().all(|hint| matches!(hint, Hint::Changed(found) if found.len() == 1)), "{hints:?}");
}

#[test]
fn the_most_important_places_get_the_watches_that_there_are() {
    if !is_inside("limits::the_most_important_places_get_the_watches_that_there_are") {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let file = |number: usize| root.path().join(format!("p{number}/f"));
    let directory = |number: usize| file(number).parent().unwrap().to_path_buf();
    for number in 0..30 {
        fs::create_dir(directory(number)).unwrap();
    }
    set_limit("max_inotify_watches", 10);
    let mut ear = Ear::start(Vec::new(), Vec::new());
    ear.files = (0..30).map(file).collect();
    let watches = ear.settle();
    let failed = watches.failed.unwrap();
    assert!(failed.reason.contains("(10)"), "{}", failed.reason);
    assert!(failed.reason.contains("sysctl user.max_inotify_watches=128"), "{}", failed.reason);
    assert_eq!(ear.sensor.watched(), 10);
    assert_eq!(failed.count, 30 - 10 + root.path().ancestors().count());
    assert_eq!(
        watches.unwatched.iter().collect::<Vec<_>>(),
        (10..30).map(file).collect::<Vec<_>>().iter().collect::<Vec<_>>()
    );
    fs::write(file(9), "x").unwrap();
    ear.hears(&file(9));

    // What is more important comes first, even when it comes late.
    ear.files.insert(0, file(29));
    let watches = ear.settle();
    assert!(!watches.unwatched.contains(&file(29)) && watches.unwatched.contains(&file(9)));
    fs::write(file(29), "x").unwrap();
    ear.hears(&file(29));

    // Nobody asks for what was refused, until all is forgotten.
    set_limit("max_inotify_watches", 100);
    assert!(ear.watch().failed.is_some());
    ear.sensor.forget();
    assert!(ear.watch().added >= 20);
    let watches = ear.settle();
    assert_eq!(watches.failed, None);
    assert!(watches.unwatched.is_empty());
    fs::write(file(20), "x").unwrap();
    ear.hears(&file(20));
}

#[test]
fn a_limit_is_met_at_once_and_not_thirty_thousand_times() {
    if !is_inside("limits::a_limit_is_met_at_once_and_not_thirty_thousand_times") {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    for number in 0..3000 {
        fs::create_dir(root.path().join(number.to_string())).unwrap();
    }
    set_limit("max_inotify_watches", 5);
    let mut ear = Ear::start(Vec::new(), Vec::new());
    ear.files = (0..3000).map(|number| root.path().join(format!("{number}/f"))).collect();
    let watches = ear.settle();
    assert_eq!(ear.sensor.watched(), 5);
    assert_eq!(watches.unwatched.len(), 2995);
}

#[test]
fn without_an_instance_it_says_what_to_raise() {
    if !is_inside("limits::without_an_instance_it_says_what_to_raise") {
        return;
    }
    set_limit("max_inotify_instances", 0);
    let why = start(Box::new(|| {})).err().unwrap();
    assert!(why.contains("sysctl user.max_inotify_instances="), "{why}");
}

#[test]
fn a_directory_under_two_names_is_heard_under_both() {
    if !is_inside("limits::a_directory_under_two_names_is_heard_under_both") {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let path = |name: &str| root.path().join(name);
    for directory in ["one/d", "two"] {
        fs::create_dir_all(path(directory)).unwrap();
    }
    let mount = Command::new("mount").arg("--bind").args([path("one"), path("two")]).output().unwrap();
    assert!(mount.status.success(), "{mount:?}");
    let files = ["one/d/f", "two/d/f", "two/g"].map(path);
    let all: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let mut ear = Ear::new(&all);
    for written in [&files[0], &files[1]] {
        for heard in [&files[0], &files[1]] {
            fs::write(written, "x").unwrap();
            ear.hears(heard);
        }
    }
    fs::write(path("one/g"), "x").unwrap();
    ear.hears(&files[2]);
    // Giving up one name must not make the other deaf.
    ear.files.remove(1);
    ear.settle();
    fs::write(path("two/d/f"), "y").unwrap();
    ear.hears(&files[0]);
    fs::rename(path("two/d"), path("two/e")).unwrap();
    ear.loses();
    drop(ear);
    assert!(Command::new("umount").arg(path("two")).status().unwrap().success());
}
