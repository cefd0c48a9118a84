//! `follow`: from a commit to the line that `events --follow` prints. Knows both as another process sees them.

use crate::Options;
use crate::home::{Home, PATIENCE, replace, stamped, tampered};
use crate::journal::Journal;
use crate::table::{self, Times};
use std::process::Stdio;
use std::time::{Duration, Instant};

pub(crate) fn run(options: &Options) {
    let (home, document) = Home::captured(7, 4);
    let evil = tampered(&document, "evil.test");
    let _agent = home.start();
    let mut follower = home
        .command(&["events", "--follow", "--format", "json"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("events --follow");
    let lines = stamped(&mut follower);
    // What was there before is printed first, so that it follows from here on.
    lines.recv_timeout(PATIENCE).expect("what is there already");
    let mut journal = Journal::open(&home.state());
    let drifts = options.number(50, 500);
    let mut times = Vec::new();
    for drift in 0..drifts {
        std::thread::sleep(Duration::from_millis(20 + drift * 7 % 50));
        let _seen = journal.new_events();
        while lines.try_recv().is_ok() {}
        replace(&home.claude_json(), if drift % 2 == 0 { &evil } else { &document });
        let commit = journal.commit_after(Instant::now() + PATIENCE).expect("an event");
        let (line, _) = lines.recv_timeout(PATIENCE).expect("a line");
        times.push(line.saturating_duration_since(commit));
    }
    let _ended = follower.kill();
    let _status = follower.wait();
    let times = Times::new(times);
    table::heading("follow", &format!("commit to line of events --follow, {drifts} times"));
    table::row("median", table::shown(times.median()));
    table::time_target("99th percentile", times.p99(), 100.0);
    table::row("longest", table::shown(times.most()));
}
