//! `hogs`: whether whoever changes the file is still named while eight processes want all the processor time there
//! is. Who changes it lives for a millisecond; a tool that looks into `/proc` afterwards misses four in ten.

use crate::Options;
use crate::home::{Home, tampered};
use crate::table;
use serde_json::Value;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// As many as the figure is about.
const HOGS: usize = 8;
const PATIENCE: Duration = Duration::from_secs(20);

/// Ends what it holds.
struct Hogs(Vec<Child>);

impl Drop for Hogs {
    fn drop(&mut self) {
        for hog in &mut self.0 {
            let _gone = hog.kill();
            let _status = hog.wait();
        }
    }
}

pub(crate) fn run(options: &Options) {
    if !rustix::process::geteuid().is_root() {
        return println!("\nhogs: not run, this takes root");
    }
    let (home, document) = Home::captured(7, 4);
    let changes = options.number(100, 1_000);
    let agent = home.start();
    let spin = || Command::new("/bin/sh").args(["-c", "while :; do :; done"]).spawn().expect("a shell");
    let _hogs = Hogs((0..HOGS).map(|_| spin()).collect());
    let (beside, file) = (home.beside("next"), home.claude_json());
    let (mut told, mut named, mut other) = (0, 0, String::new());
    for change in 0..changes {
        let mark = format!("evil-{change}.test");
        std::fs::write(&beside, tampered(&document, &mark)).expect("a file");
        let mut mv = Command::new("mv");
        assert!(mv.arg(&beside).arg(&file).status().expect("mv runs").success(), "mv failed");
        let deadline = Instant::now() + PATIENCE;
        while let Ok((_, line)) = agent.lines.recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            let observed = event["mcpwatch"]["drift"]["observed"].as_str().unwrap_or_default();
            if event["event"]["action"] == "endpoint-host-changed" && observed.starts_with(&mark) {
                told += 1;
                if event["process"]["name"] == "mv" {
                    named += 1;
                } else {
                    other = event["mcpwatch"]["provenance"]["line"].to_string();
                }
                break;
            }
        }
    }
    table::heading("hogs", &format!("{changes} changes by mv while {HOGS} processes spin"));
    table::none("changes that were not told", changes - told);
    let missed = (told - named) as f64 * 100.0 / f64::from(u32::try_from(told.max(1)).unwrap_or(1));
    table::target("without a named writer", format!("{missed:.1} %"), "< 1 %", missed < 1.0);
    if !other.is_empty() {
        table::row("  the last of them", other);
    }
}
