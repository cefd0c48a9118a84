//! Who opens a file, whichever stands there.

use mcpwatch::model::touch::{Deed, Touch};
use mcpwatch::sensor::reads::Reads;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

fn cat(file: &Path) -> u32 {
    let mut child = Command::new("cat").arg(file).stdout(Stdio::null()).spawn().unwrap();
    child.wait().unwrap();
    child.id()
}

/// Reads the file until that is heard: a mark comes a moment after it is asked for.
fn must_be_heard(reads: &Reads, openings: &Receiver<Touch>, file: &Path) {
    for _ in 0..600 {
        reads.look();
        let pid = cat(file);
        while let Ok(touch) = openings.recv_timeout(Duration::from_millis(50)) {
            if touch.pid == pid {
                assert_eq!((&*touch.file, touch.deed), (file, Deed::Opened));
                return;
            }
        }
    }
    panic!("nobody is heard who opens {}", file.display());
}

#[test]
fn who_opens_the_file_is_told_whichever_file_stands_there() {
    let (send, openings) = channel();
    let reads = match Reads::start(Box::new(move |touch| _ = send.send(touch))) {
        Ok(reads) => reads,
        Err(why) => return eprintln!("not run: the kernel gives no fanotify group: {why}"),
    };
    let root = tempfile::tempdir().unwrap();
    let (file, other) = (root.path().join("c.json"), root.path().join("other"));
    reads.watch([file.clone()].into_iter());
    fs::write(&other, "x").unwrap();
    fs::write(&file, "x").unwrap();
    must_be_heard(&reads, &openings, &file);
    // Another one in its place, as every careful program saves.
    fs::rename(&other, &file).unwrap();
    must_be_heard(&reads, &openings, &file);
    fs::remove_file(&file).unwrap();
    fs::write(&file, "x").unwrap();
    must_be_heard(&reads, &openings, &file);
    // The agent reads it itself, all the time.
    while openings.try_recv().is_ok() {}
    fs::read(&file).unwrap();
    let last = cat(&file);
    let next = openings.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(next.pid, last);
}
