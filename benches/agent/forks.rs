//! `forks`: what the record of processes takes and loses while a million processes are forked, one in ten of which
//! runs a program, and whether whoever changes the file meanwhile is still named. Knows the agent by its memory, its
//! lines and its events only.

use crate::Options;
use crate::home::{Agent, Home, PATIENCE, replace, tampered};
use crate::journal::Journal;
use crate::process::{memory, processor_time};
use crate::table;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Forks at a time.
const FORKERS: usize = 4;
/// Of so many forks one runs a program.
const EACH: usize = 10;
/// How often the memory is looked at and the file changed.
const BETWEEN: Duration = Duration::from_secs(1);
/// After this everybody who has ended is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(75);
/// More memory than at the start the record must not take, in megabytes.
const MOST: u64 = 64;

/// Ends what it holds.
struct Forkers(Vec<Child>);

impl Drop for Forkers {
    fn drop(&mut self) {
        for forker in &mut self.0 {
            let _gone = forker.kill();
            let _status = forker.wait();
        }
    }
}

pub(crate) fn run(options: &Options) {
    if !rustix::process::geteuid().is_root() {
        return println!("\nforks: not run, this takes root");
    }
    let (home, document) = Home::captured(7, 4);
    let Some(program) = built(&home) else { return println!("\nforks: not run, there is no C compiler") };
    let forks: usize = options.number(50_000, 1_000_000);
    let agent = home.start();
    let mut journal = Journal::open(&home.state()).rewind();
    // What is loaded once is loaded: a first change is told and judged.
    change(&home, &agent, &document, 0);
    let before = memory(agent.pid(), "VmRSS");
    let (start, used) = (Instant::now(), processor_time(agent.pid()));
    let part = (forks / FORKERS).to_string();
    let fork = || Command::new(&program).args([&part, &EACH.to_string()]).spawn().expect("it starts");
    let mut forkers = Forkers((0..FORKERS).map(|_| fork()).collect());
    let (mut most, mut changes, mut named) = (before, 0, 0);
    while forkers.0.iter_mut().any(|forker| matches!(forker.try_wait(), Ok(None))) {
        changes += 1;
        named += usize::from(change(&home, &agent, &document, changes));
        most = most.max(memory(agent.pid(), "VmRSS"));
        std::thread::sleep(BETWEEN);
    }
    let (took, used) = (start.elapsed(), processor_time(agent.pid()).saturating_sub(used));
    let end = memory(agent.pid(), "VmRSS");
    std::thread::sleep(options.time(0, FORGOTTEN.as_secs()));
    let after = memory(agent.pid(), "VmRSS");

    table::heading(
        "forks",
        &format!("{forks} by {FORKERS} at a time, {} of them run a program", forks / EACH),
    );
    table::row("forks a second", format!("{:.0}", forks as f64 / took.as_secs_f64()));
    table::row("memory at the start", table::megabytes(before));
    let met = most < before + MOST * 1024;
    table::target("  at most", table::megabytes(most), &format!("< {MOST} MB more"), met);
    table::row("  at the end", table::megabytes(end));
    table::row("  when all of them are forgotten", table::megabytes(after));
    table::row(
        "one processor, used by it",
        format!("{:.0} %", used.as_secs_f64() / took.as_secs_f64() * 100.0),
    );
    let lossy = journal.new_events().iter().filter(|event| is_lossy(event)).count();
    table::row("events of the kernel lost: how often said", lossy);
    let missed = changes - named;
    table::target(
        "changes meanwhile without a named writer",
        format!("{missed} of {changes}"),
        "0",
        missed == 0,
    );
}

/// Whether that event says that something was lost.
fn is_lossy(event: &Value) -> bool {
    let message = event["message"].as_str().unwrap_or_default();
    event["event"]["action"] == "sensor-degraded" && message.contains("process events")
}

/// Changes the file by `mv`, and puts it back; says whether that writer was named.
fn change(home: &Home, agent: &Agent, document: &str, number: usize) -> bool {
    let (beside, file) = (home.beside("next"), home.claude_json());
    let mark = format!("evil-{number}.test");
    std::fs::write(&beside, tampered(document, &mark)).expect("a file");
    assert!(Command::new("mv").arg(&beside).arg(&file).status().expect("mv runs").success(), "mv failed");
    let deadline = Instant::now() + PATIENCE;
    let named = loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let Ok((_, line)) = agent.lines.recv_timeout(left) else { break false };
        let event: Value = serde_json::from_str(&line).unwrap_or_default();
        let observed = event["mcpwatch"]["drift"]["observed"].as_str().unwrap_or_default();
        if event["event"]["action"] == "endpoint-host-changed" && observed.starts_with(&mark) {
            break event["process"]["name"] == "mv";
        }
    };
    replace(&file, document);
    named
}

/// The program that forks, built beside the home.
fn built(home: &Home) -> Option<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/agent/forker.c");
    let program = home.beside("forker");
    let mut cc = Command::new("cc");
    cc.args(["-O1", "-static", "-o"]).arg(&program).arg(source);
    cc.status().is_ok_and(|status| status.success()).then_some(program)
}
