//! `latency`: from the rename that brings or ends a drift to its event on the disk, as the kernel notes it, and to the
//! line that tells it. Waits for the line and looks into the journal then: who spins until the commit is there takes
//! one of two processors away from the agent, and measures that.

use crate::Options;
use crate::floors;
use crate::home::{Home, PATIENCE, tampered};
use crate::journal::Journal;
use crate::synced::{Synced, now};
use crate::table::{self, Times};
use std::fs;
use std::time::{Duration, Instant};

pub(crate) fn run(options: &Options) {
    let (home, document) = Home::captured(7, 4);
    let evil = tampered(&document, "evil.test");
    let drifts = options.number(300, 1_000);
    let agent = home.start();
    let mut journal = Journal::open(&home.state());
    let synced = Synced::of(agent.pid());
    let mut spans = Vec::new();
    let (mut told, mut missed, mut untimely) = (Vec::new(), 0, 0);
    let file = home.claude_json();
    let beside = file.with_extension("json.tmp.1");
    for drift in 0..drifts {
        fs::write(&beside, if drift % 2 == 0 { &evil } else { &document }).expect("a file");
        // What the last one set off is over by then.
        std::thread::sleep(Duration::from_millis(10 + drift % 7));
        let _seen = journal.new_events();
        while agent.lines.try_recv().is_ok() {}
        let (start, began) = (Instant::now(), now());
        fs::rename(&beside, &file).expect("renamed");
        match agent.lines.recv_timeout(PATIENCE) {
            Ok((line, _)) => {
                let took = line.duration_since(start);
                told.push(took);
                spans.push((began, began + took));
            }
            Err(_) => missed += 1,
        }
        untimely += usize::from(journal.new_events().is_empty());
    }
    let committed = synced.map(|synced| committed(&synced.ends(), &spans));
    drop(agent);
    let size = document.len() / 1024;
    table::heading("latency", &format!("rename to event, author included, {size} kB, {drifts} renames"));
    let told = Times::new(told);
    match committed {
        Ok(committed) => {
            let committed = Times::new(committed);
            table::time_target("on the disk, median", committed.median(), 1.0);
            table::time_target("on the disk, 99th percentile", committed.p99(), 5.0);
        }
        Err(why) => println!("  when it was on the disk is not known: {why}"),
    }
    table::time_target("told, median", told.median(), 1.5);
    table::time_target("told, 99th percentile", told.p99(), 10.0);
    table::row("told, longest", table::shown(told.most()));
    table::none("renames that were not told", missed);
    table::none("told and not in the journal by then", untimely);
    let notification = floors::notification(&home.beside("floor"), 300);
    let commit = floors::commit(&home.beside("floor"), 300);
    notification.print("floor: rename to a bare inotify read");
    commit.print("floor: a bare commit (WAL, FULL, 2 kB)");
    let floor = notification.median() + commit.median();
    let ratio = told.median().as_secs_f64() / floor.as_secs_f64().max(f64::EPSILON);
    table::row("told, median, against both floors together", format!("{ratio:.1} x"));
}

/// How long it took until each was on the disk: the last time that somebody waited for it before the line came.
fn committed(ends: &[Duration], spans: &[(Duration, Duration)]) -> Vec<Duration> {
    let last = |(began, told): &(Duration, Duration)| {
        let before = ends.get(..ends.partition_point(|end| end <= told))?;
        before.last().filter(|end| *end > began).map(|end| *end - *began)
    };
    spans.iter().filter_map(last).collect()
}
