//! `cut-short`: the agent, and the command that a person types, are killed in the midst of a revert, the command at every
//! single system call that it makes. Knows the file and the journal, and nothing of how a file is put right.

use crate::Options;
use crate::home::{Home, PATIENCE, holds_within, tampered};
use crate::reverts::answering;
use crate::table;
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// What was found after the kills.
#[derive(Default)]
struct Found {
    kills: usize,
    before: usize,
    after: usize,
    torn: usize,
    /// The journal says that it was put right, and it is not.
    lies: usize,
    broken: usize,
}

/// A home whose file is led elsewhere over and over.
struct Victim {
    home: Home,
    document: String,
    evil: String,
    /// How many reverts its journal tells.
    told: usize,
}

impl Victim {
    fn new() -> Self {
        let (home, document) = Home::captured(7, 4);
        let evil = tampered(&document, "evil.test");
        Self { home, document, evil, told: 0 }
    }

    /// Looks at what a kill left.
    fn look(&mut self, found: &mut Found) {
        found.kills += 1;
        let is_right = match fs::read_to_string(self.home.claude_json()) {
            Ok(text) if text == self.evil => false,
            Ok(text) if text == self.document => true,
            _ => return found.torn += 1,
        };
        found.before += usize::from(!is_right);
        found.after += usize::from(is_right);
        let (code, events) = self.home.run(&["events", "--kind", "config-reverted", "--format", "json"]);
        let told = events.lines().filter(|line| serde_json::from_str::<Value>(line).is_ok()).count();
        found.broken += usize::from(code != Some(0) || self.home.run(&["verify"]).0 != Some(0));
        found.lies += usize::from(told > self.told && !is_right);
        self.told = told;
    }

    /// An agent that comes afterwards puts it right, and its journal says what `diff` says.
    fn end(&self, found: &Found, what: &str) {
        self.home.write(".claude.json", &self.evil);
        let agent = answering(&self.home);
        let is_right = holds_within(PATIENCE, || {
            fs::read_to_string(self.home.claude_json()).is_ok_and(|text| text == self.document)
        });
        drop(agent);
        let Found { kills, before, after, torn, lies, broken } = found;
        table::heading("cut-short", &format!("{kills} kills {what}: {before} before, {after} after"));
        table::none("files that were neither", *torn);
        table::none("reverts that are told and were not made", *lies);
        table::none("journals that are not whole", *broken);
        table::none("not put right in the end", usize::from(!is_right));
        let left = fs::read_dir(self.home.directory()).expect("a directory");
        let left = left.flatten().filter(|entry| entry.file_name().to_string_lossy().contains(".mcpwatch-"));
        table::none("drafts that were left in the end", left.count());
    }
}

pub(crate) fn run(options: &Options) {
    at_random_moments(options.number(30, 1_000));
    at_every_call(options.number(23, 1));
}

/// The agent.
fn at_random_moments(kills: u64) {
    let (mut victim, mut found) = (Victim::new(), Found::default());
    for kill in 0..kills {
        let mut agent = answering(&victim.home);
        victim.home.write(".claude.json", &victim.evil);
        // From before anybody has heard of it to after it is all over.
        sleep(Duration::from_micros(kill.wrapping_mul(7_919) % 12_000));
        agent.kill();
        victim.look(&mut found);
    }
    victim.end(&found, "of the agent at random moments");
}

/// What a person types, at every `step`th of its system calls.
fn at_every_call(step: usize) {
    if Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_err() {
        table::heading(
            "cut-short",
            "at every system call: not run, strace is not here (apt-get install strace)",
        );
        return;
    }
    let (mut victim, mut found) = (Victim::new(), Found::default());
    for call in (1..).step_by(step) {
        victim.home.write(".claude.json", &victim.evil);
        let revert = victim.home.command(&["revert", "--all"]);
        let mut traced = Command::new("strace");
        traced.args(["-qq", "-o", "/dev/null", "-e"]).arg(format!("inject=all:signal=KILL:when={call}"));
        traced.arg("--").arg(revert.get_program()).args(revert.get_args());
        traced.env_clear().env("HOME", victim.home.directory()).stdout(Stdio::null()).stderr(Stdio::null());
        let ended =
            traced.env("PATH", std::env::var_os("PATH").unwrap_or_default()).status().expect("strace");
        if ended.success() {
            break; // It ended before that call.
        }
        victim.look(&mut found);
    }
    victim.end(&found, "of the command, one at each of its system calls");
}
