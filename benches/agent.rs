//! What the running agent costs and how fast it is. Drives the real binary in homes that nobody lives in, and
//! knows it by its command line, its journal and its signals only. `CONTRIBUTING.md` says how to run it.
#![allow(clippy::disallowed_methods, reason = "tests and benches may touch the machine")]
#![allow(
    clippy::print_stdout,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench prints and may fail"
)]

mod common;

#[path = "agent/client.rs"]
mod client;
#[path = "agent/cut_short.rs"]
mod cut_short;
#[path = "agent/floors.rs"]
mod floors;
#[path = "agent/follow.rs"]
mod follow;
#[path = "agent/forks.rs"]
mod forks;
#[path = "agent/hogs.rs"]
mod hogs;
#[path = "agent/home.rs"]
mod home;
#[path = "agent/hostile.rs"]
mod hostile;
#[path = "agent/idle.rs"]
mod idle;
#[path = "agent/installs.rs"]
mod installs;
#[path = "agent/journal.rs"]
mod journal;
#[path = "agent/kills.rs"]
mod kills;
#[path = "agent/latency.rs"]
mod latency;
#[path = "agent/machine.rs"]
mod machine;
#[path = "agent/process.rs"]
mod process;
#[path = "agent/projects.rs"]
mod projects;
#[path = "agent/renames.rs"]
mod renames;
#[path = "agent/reverts.rs"]
mod reverts;
#[path = "agent/rewrites.rs"]
mod rewrites;
#[path = "agent/scene.rs"]
mod scene;
#[path = "agent/slowdown.rs"]
mod slowdown;
#[path = "../tests/support/standing.rs"]
mod standing;
#[path = "agent/synced.rs"]
mod synced;
#[path = "agent/table.rs"]
mod table;

use std::time::Duration;

/// What to run, and for how long.
pub(crate) struct Options {
    full: bool,
    seconds: Option<u64>,
}

impl Options {
    /// The time that was asked for, else that of the form.
    pub(crate) fn time(&self, quick: u64, full: u64) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(self.number(quick, full)))
    }

    /// The number of that form.
    pub(crate) fn number<N>(&self, quick: N, full: N) -> N {
        if self.full { full } else { quick }
    }
}

type Part = fn(&Options);

const PARTS: [(&str, Part); 15] = [
    ("latency", latency::run),
    ("follow", follow::run),
    ("idle", idle::run),
    ("projects", projects::run),
    ("rewrites", rewrites::run),
    ("renames", renames::run),
    ("kills", kills::run),
    ("reverts", reverts::latency),
    ("together", reverts::together),
    ("cut-short", cut_short::run),
    ("hostile", hostile::run),
    ("installs", installs::run),
    ("hogs", hogs::run),
    ("slowdown", slowdown::run),
    ("forks", forks::run),
];

fn main() {
    let mut options = Options { full: false, seconds: None };
    let mut wanted = Vec::new();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--bench" => {} // what cargo says to every bench
            "--full" => options.full = true,
            "--seconds" => options.seconds = words.next().and_then(|number| number.parse().ok()),
            name => match PARTS.iter().find(|(known, _)| *known == name) {
                Some(part) => wanted.push(part),
                None => {
                    let known = PARTS.map(|(name, _)| name).join("|");
                    return println!("usage: cargo bench --bench agent -- [{known}] [--full] [--seconds N]");
                }
            },
        }
    }
    machine::print();
    let parts = if wanted.is_empty() { PARTS.iter().collect() } else { wanted };
    for (_, run) in parts {
        run(&options);
    }
}
