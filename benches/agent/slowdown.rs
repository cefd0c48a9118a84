//! `slowdown`: how much longer work takes that starts one process after the other while the agent runs: a shell that
//! forks, a real `npm ci` whose packages have hooks, a real `cargo build` with build scripts. Knows the agent by its
//! processor time only.

use crate::Options;
use crate::home::Home;
use crate::process;
use crate::table;
use mcpwatch::host::proc_connector::{Alarm, Connector, Received};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How many packages and crates a project has.
const PARTS: usize = 12;
/// So long an agent that has just started looks at all that runs. What is measured is one that runs for days.
const SETTLING: Duration = Duration::from_secs(1);
/// How much of what the kernel tells may wait, in bytes: as with the agent.
const QUEUE: usize = 32 << 20;
/// What the issue of slowness is measured by, in percent.
const TARGET: f64 = 1.0;

pub(crate) fn run(options: &Options) {
    let (home, _) = Home::captured(7, 4);
    let rounds = options.number(3, 9);
    table::heading("slowdown", &format!("{rounds} rounds each, with the agent and without in turns"));
    let forks = options.number(2_000, 8_000);
    let shell = format!("i=0; while [ $i -lt {forks} ]; do /bin/true; i=$((i+1)); done");
    compare(&home, &format!("a shell that runs {forks} programs"), rounds, &|| {
        done(Command::new("/bin/sh").args(["-c", &shell]));
    });
    if made_packages(&home) {
        let project = home.beside("project");
        compare(&home, &format!("npm ci, {PARTS} packages with hooks"), rounds, &|| {
            let mut npm = Command::new("npm");
            npm.args(["ci", "--offline", "--no-audit", "--no-fund"]).current_dir(&project);
            done(npm.env("HOME", home.beside("other")));
        });
    }
    made_crates(&home);
    let workspace = home.beside("workspace");
    compare(&home, &format!("cargo build, {PARTS} crates with build scripts"), rounds, &|| {
        let _none = fs::remove_dir_all(workspace.join("target"));
        done(Command::new("cargo").args(["build", "--offline", "--quiet"]).current_dir(&workspace));
    });
}

fn compare(home: &Home, name: &str, rounds: usize, work: &dyn Fn()) {
    let watched = |work: &dyn Fn()| {
        let agent = home.start();
        std::thread::sleep(SETTLING);
        let before = process::processor_time(agent.pid());
        let took = timed(work);
        Some((took, process::processor_time(agent.pid()).saturating_sub(before)))
    };
    let Some(Compared { slower, best, alone, used }) = compared(rounds, work, &watched) else { return };
    let target = format!("< {TARGET:.0} %");
    table::target(&format!("{name}: longer"), format!("{slower:+.1} %"), &target, slower < TARGET);
    table::row("  the best round of each", format!("{best:+.1} %"));
    table::row("  without the agent", format!("{alone:.2} s"));
    table::row("  one processor, used by it", format!("{used:.1} %"));
    let listened = |work: &dyn Fn()| {
        let listener = Listener::start()?;
        let took = timed(work);
        drop(listener);
        Some((took, Duration::ZERO))
    };
    match compared(rounds, work, &listened) {
        Some(bare) => table::row("  floor: beside who listens only", format!("{:+.1} %", bare.slower)),
        None => println!("  floor: not run, the kernel does not tell of processes here"),
    }
}

/// What came of rounds with somebody who watches and without.
struct Compared {
    /// In the middle of all rounds, in percent.
    slower: f64,
    /// The shortest of each, in percent: whatever else the machine did made the others longer.
    best: f64,
    /// The shortest without, in seconds.
    alone: f64,
    /// The share of one processor that who watches used, in percent.
    used: f64,
}

/// Work that somebody watches: how long it took and what of a processor he used; nothing if he cannot.
type Watched<'w> = &'w dyn Fn(&dyn Fn()) -> Option<(Duration, Duration)>;

fn compared(rounds: usize, work: &dyn Fn(), watched: Watched<'_>) -> Option<Compared> {
    // Once for the caches.
    work();
    let (mut with, mut without, mut used) = (Vec::new(), Vec::new(), Duration::ZERO);
    for round in 0..rounds {
        // What only comes with time falls on both.
        if round % 2 == 0 {
            without.push(timed(work));
        }
        let (took, of_it) = watched(work)?;
        with.push(took);
        used += of_it;
        if round % 2 == 1 {
            without.push(timed(work));
        }
    }
    let sum = |times: &[Duration]| times.iter().sum::<Duration>().as_secs_f64();
    let percent = |with: f64, without: f64| (with / without.max(f64::EPSILON) - 1.0) * 100.0;
    // Round by round, since the machine is not as fast in one as in the next.
    let pairs = with.iter().zip(&without);
    let mut ratios: Vec<f64> =
        pairs.map(|(with, without)| percent(with.as_secs_f64(), without.as_secs_f64())).collect();
    ratios.sort_by(f64::total_cmp);
    let best = |times: &[Duration]| times.iter().min().copied().unwrap_or_default().as_secs_f64();
    Some(Compared {
        slower: ratios.get(ratios.len() / 2).copied().unwrap_or_default(),
        best: percent(best(&with), best(&without)),
        alone: best(&without),
        used: used.as_secs_f64() / sum(&with) * 100.0,
    })
}

/// Somebody who hears of every process and does nothing about it: what the kernel's telling alone costs.
struct Listener {
    is_over: Arc<AtomicBool>,
    alarm: Arc<Alarm>,
    thread: Option<JoinHandle<()>>,
}

impl Listener {
    fn start() -> Option<Self> {
        let connector = Connector::open(QUEUE).ok()?;
        let (alarm, is_over) = (Arc::new(Alarm::new().ok()?), Arc::new(AtomicBool::new(false)));
        let (rung, over) = (Arc::clone(&alarm), Arc::clone(&is_over));
        let thread = std::thread::spawn(move || {
            while !over.load(Ordering::Acquire) {
                connector.wait(&rung, SETTLING);
                while connector.receive() != Received::Nothing {}
            }
        });
        Some(Self { is_over, alarm, thread: Some(thread) })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        self.alarm.ring();
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

fn timed(work: &dyn Fn()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn done(command: &mut Command) {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    assert!(status.expect("it runs").success(), "{command:?} failed");
}

/// A project, locked, whose packages have a hook each; not where there is no npm.
fn made_packages(home: &Home) -> bool {
    if Command::new("npm").arg("--version").stdout(Stdio::null()).status().is_err() {
        println!("  npm ci: not run, npm is not here");
        return false;
    }
    let mut dependencies = serde_json::Map::new();
    for part in 0..PARTS {
        let name = format!("part-{part}");
        let manifest =
            json!({"name": name, "version": "1.0.0", "scripts": {"postinstall": "node -p 1+1; ls; true"}});
        put(&home.beside(&format!("packages/{name}/package.json")), &manifest.to_string());
        let mut pack = Command::new("npm");
        pack.args(["pack", "--silent", "--ignore-scripts"]);
        done(pack.current_dir(home.beside(&format!("packages/{name}"))));
        dependencies.insert(name.clone(), format!("file:../packages/{name}/{name}-1.0.0.tgz").into());
    }
    let project = json!({"name": "project", "version": "1.0.0", "dependencies": dependencies});
    put(&home.beside("project/package.json"), &project.to_string());
    put(&home.beside("other/.npmrc"), "update-notifier=false\n");
    let mut lock = Command::new("npm");
    lock.args(["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund"]);
    done(lock.current_dir(home.beside("project")).env("HOME", home.beside("other")));
    true
}

/// A workspace that needs nothing from elsewhere.
fn made_crates(home: &Home) {
    put(&home.beside("workspace/Cargo.toml"), "[workspace]\nresolver = \"3\"\nmembers = [\"part-*\"]\n");
    for part in 0..PARTS {
        let manifest =
            format!("[package]\nname = \"part-{part}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n");
        let folder = home.beside(&format!("workspace/part-{part}"));
        put(&folder.join("Cargo.toml"), &manifest);
        let build = "fn main() { std::process::Command::new(\"true\").status().unwrap(); }\n";
        put(&folder.join("build.rs"), build);
        put(&folder.join("src/lib.rs"), "pub fn one() -> Vec<String> { vec![String::new(); 9] }\n");
    }
}

fn put(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
    fs::write(file, text).expect("a file");
}
