//! `~/.claude.json` becomes something that is no file, while the agent watches, and is put right again.

use super::kit::{captured, led_to, refusal};
use rustix::fs::{CWD, RenameFlags, renameat_with};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// Swaps what `make` makes into the place of the file, and back, each in one step.
fn is_told_once_and_ends_once(make: impl FnOnce(&Path, &Path)) {
    let scratch = captured();
    let mut watch = scratch.watch(&[]);
    let (file, trap) = (scratch.claude_json(), scratch.home().join("beside"));
    make(&trap, &file);
    let swap = || renameat_with(CWD, &trap, CWD, &file, RenameFlags::EXCHANGE).unwrap();
    swap();
    watch.line_with(&["config-unreadable"]);
    assert_eq!(scratch.settled().len(), 1, "what cannot be read is one drift, and its server is not gone");
    swap();
    watch.line_with(&["drift-ended"]);
    assert!(scratch.settled().is_empty());
    assert_eq!((scratch.count("config-unreadable"), scratch.count("drift-ended")), (1, 1));
    scratch.write(".claude.json", &led_to("evil.test"));
    watch.line_with(&["endpoint-host-changed"]);
    assert_eq!(watch.stop("TERM").0, Some(0));
}

#[test]
fn a_directory() {
    is_told_once_and_ends_once(|trap, _| fs::create_dir(trap).unwrap());
}

#[test]
fn a_named_pipe() {
    is_told_once_and_ends_once(|trap, _| assert_eq!(refusal("mkfifo", &[trap.to_str().unwrap()]), None));
}

#[test]
fn a_device() {
    is_told_once_and_ends_once(|trap, _| {
        if let Some(why) = refusal("mknod", &[trap.to_str().unwrap(), "c", "1", "5"]) {
            eprintln!("a link to one instead, since only root makes devices: {why}");
            symlink("/dev/zero", trap).unwrap();
        }
    });
}

#[test]
fn a_link_to_itself() {
    is_told_once_and_ends_once(|trap, file| symlink(file, trap).unwrap());
}

#[test]
fn a_sparse_file_of_a_terabyte() {
    is_told_once_and_ends_once(|trap, _| fs::File::create(trap).unwrap().set_len(1 << 40).unwrap());
}
