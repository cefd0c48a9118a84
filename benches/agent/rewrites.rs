//! `rewrites`: the client saves all the time, and drifts hide among its saves. Knows how the client saves, and the
//! journal.

use crate::Options;
use crate::home::{Home, tampered, wait_until};
use crate::journal::Journal;
use crate::process;
use crate::standing::Standing;
use crate::table;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

const EACH_SECOND: u32 = 100;
const DRIFTS: usize = 100;

pub(crate) fn run(options: &Options) {
    let (home, document) = Home::captured(7, 4);
    let agent = home.start();
    let pid = agent.pid();
    let mut journal = Journal::open(&home.state());
    let time = options.time(20, 600);
    let rewrites = usize::try_from(time.as_secs()).unwrap_or(0) * EACH_SECOND as usize;
    let period = (rewrites / DRIFTS).max(4);
    let resident = process::memory(pid, "VmRSS");
    let used = process::processor_time(pid);
    let start = Instant::now();
    let (mut made, mut waited) = (0, Duration::ZERO);
    for rewrite in 0..rewrites {
        let due = start + rewrite as u32 * Duration::from_secs(1) / EACH_SECOND;
        waited += due.saturating_duration_since(Instant::now());
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let (drift, at) = (rewrite / period, rewrite % period);
        // Stands for one rewrite or two, then is put back.
        let stands = (1..=1 + drift % 2).contains(&at) && drift < DRIFTS;
        made += usize::from(stands && at == 1);
        let text = as_saved(&document, rewrite);
        let text = if stands { tampered(&text, &format!("evil-{drift}.test")) } else { text };
        save(&home.claude_json(), &text);
    }
    let took = start.elapsed();
    let used = process::processor_time(pid).saturating_sub(used);
    save(&home.claude_json(), &document);
    let mut told = Told::default();
    wait_until("every drift has ended", || {
        journal.new_events().iter().for_each(|event| told.take(event));
        told.standing.keys().is_empty()
    });
    table::heading(
        "rewrites",
        &format!("{rewrites} saves in {:.0} s, as the client makes them", took.as_secs_f64()),
    );
    let seen = told.seen.len();
    table::target("drifts seen", seen, &format!("of {made} made"), seen == made);
    table::row("told more than once", told.seen.values().filter(|count| **count > 1).count());
    told.unexpected.append(&mut told.standing.contradictions);
    table::none("events that should not be", told.unexpected.len());
    for message in told.unexpected.iter().take(5) {
        println!("    {message}");
    }
    table::row("resident before", table::megabytes(resident));
    table::row("resident after", table::megabytes(process::memory(pid, "VmRSS")));
    let share = used.as_secs_f64() * 100.0 / took.as_secs_f64();
    table::row("processor, share of one core", format!("{share:.1} %"));
    let busy = 100.0 - waited.as_secs_f64() * 100.0 / took.as_secs_f64();
    table::row("time that the saving itself took", format!("{busy:.0} %"));
}

#[derive(Default)]
struct Told {
    /// How often each drift that was made was told.
    seen: BTreeMap<String, usize>,
    standing: Standing,
    unexpected: Vec<String>,
}

impl Told {
    fn take(&mut self, event: &Value) {
        let observed = event["mcpwatch"]["drift"]["observed"].as_str().unwrap_or_default();
        self.standing.tell(event);
        match event["event"]["action"].as_str() {
            Some("drift-ended") => {}
            Some("endpoint-host-changed") if observed.contains("evil-") => {
                *self.seen.entry(observed.to_owned()).or_default() += 1;
            }
            _ => self.unexpected.push(event["message"].to_string()),
        }
    }
}

/// What changes each time the client saves.
fn as_saved(document: &str, count: usize) -> String {
    let started = document.replacen("\"numStartups\": 412", &format!("\"numStartups\": {}", 412 + count), 1);
    started.replacen("\"display\": \"", &format!("\"display\": \"prompt {count} "), 1)
}

/// Lock, write beside it, to the disk, rename, unlock.
fn save(file: &Path, text: &str) {
    let lock = file.with_extension("json.lock");
    let beside = file.with_extension("json.tmp.4711.1");
    fs::create_dir(&lock).expect("the client's lock");
    let mut draft = File::create(&beside).expect("a draft");
    draft.write_all(text.as_bytes()).expect("written");
    draft.sync_all().expect("on the disk");
    fs::rename(&beside, file).expect("renamed");
    fs::remove_dir(&lock).expect("unlocked");
}
