//! What nobody can be faster than: the kernel's bare word that a file was renamed, and one bare commit. Knows nothing
//! of the agent.

use crate::home::{PATIENCE, replace};
use crate::table::Times;
use rusqlite::Connection;
use rustix::fs::inotify;
use std::fs;
use std::mem::MaybeUninit;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

/// From a rename to the end of another thread's waiting for it.
pub(crate) fn notification(directory: &Path, times: usize) -> Times {
    fs::create_dir_all(directory).expect("a directory");
    let inotify = inotify::init(inotify::CreateFlags::CLOEXEC).expect("inotify");
    inotify::add_watch(&inotify, directory, inotify::WatchFlags::MOVED_TO).expect("a watch");
    let (sender, heard) = channel();
    std::thread::spawn(move || {
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut reader = inotify::Reader::new(inotify, &mut buffer);
        while reader.next().is_ok() && sender.send(Instant::now()).is_ok() {}
    });
    let file = directory.join("file");
    let once = |_| {
        let beside = file.with_extension("tmp");
        fs::write(&beside, "{}").expect("a file");
        std::thread::sleep(Duration::from_millis(2));
        let start = Instant::now();
        fs::rename(&beside, &file).expect("renamed");
        heard.recv_timeout(PATIENCE).expect("a notification").duration_since(start)
    };
    let times = Times::new((0..times).map(once).collect());
    // The thread ends at the next notification.
    drop(heard);
    replace(&file, "{}");
    times
}

/// One row of an event's size, committed and on the disk.
pub(crate) fn commit(directory: &Path, times: usize) -> Times {
    fs::create_dir_all(directory).expect("a directory");
    let database = Connection::open(directory.join("floor.db")).expect("a database");
    database
        .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0))
        .expect("a log");
    database.pragma_update(None, "synchronous", "FULL").expect("waiting for the disk");
    database.execute("CREATE TABLE t (seq INTEGER PRIMARY KEY, document TEXT)", []).expect("a table");
    let document = "x".repeat(2_000);
    let once = |_| {
        std::thread::sleep(Duration::from_millis(2));
        let start = Instant::now();
        database.execute("INSERT INTO t (document) VALUES (?1)", [&document]).expect("a row");
        start.elapsed()
    };
    Times::new((0..times).map(once).collect())
}
