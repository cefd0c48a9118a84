//! `latency`: from the rename that brings or ends a drift to its event in the journal, and to its line. Knows the
//! journal through its own reader only.

use crate::Options;
use crate::floors;
use crate::home::{Home, PATIENCE, tampered};
use crate::journal::Journal;
use crate::table::{self, Times};
use std::fs;
use std::time::{Duration, Instant};

pub(crate) fn run(options: &Options) {
    let (home, document) = Home::captured(7, 4);
    let evil = tampered(&document, "evil.test");
    let drifts = options.number(300, 1_000);
    let agent = home.start();
    let mut journal = Journal::open(&home.state());
    let (mut committed, mut printed, mut missed) = (Vec::new(), Vec::new(), 0);
    let file = home.claude_json();
    let beside = file.with_extension("json.tmp.1");
    for drift in 0..drifts {
        fs::write(&beside, if drift % 2 == 0 { &evil } else { &document }).expect("a file");
        // What the last one set off is over by then.
        std::thread::sleep(Duration::from_millis(10 + drift % 7));
        let _seen = journal.new_events();
        while agent.lines.try_recv().is_ok() {}
        let start = Instant::now();
        fs::rename(&beside, &file).expect("renamed");
        let seen = journal.commit_after(start + Duration::from_secs(10));
        let Ok((line, _)) = agent.lines.recv_timeout(if seen.is_some() { PATIENCE } else { Duration::ZERO })
        else {
            missed += 1;
            continue;
        };
        printed.push(line.duration_since(start));
        // What is printed is committed, so that the earlier of both moments is nearer to the commit: who spins
        // on a busy machine is kept waiting at times.
        committed.push(seen.map_or(line, |seen| seen.min(line)).duration_since(start));
    }
    let cost = journal.cost_of_a_look();
    drop(agent);
    let size = document.len() / 1024;
    table::heading("latency", &format!("rename to event in the journal, {size} kB, {drifts} renames"));
    let committed = Times::new(committed);
    table::time_target("median", committed.median(), 1.5);
    table::time_target("99th percentile", committed.p99(), 10.0);
    table::row("longest", table::shown(committed.most()));
    table::none("renames without an event within 10 s", missed);
    Times::new(printed).print("rename to line on the agent's output");
    let notification = floors::notification(&home.beside("floor"), 300);
    let commit = floors::commit(&home.beside("floor"), 300);
    notification.print("floor: rename to a bare inotify read");
    commit.print("floor: a bare commit (WAL, FULL, 2 kB)");
    let floor = notification.median() + commit.median();
    let ratio = committed.median().as_secs_f64() / floor.as_secs_f64().max(f64::EPSILON);
    table::row("median, against both floors together", format!("{ratio:.1} x"));
    table::row("one look of the observer at the log's index", table::shown(cost));
}
