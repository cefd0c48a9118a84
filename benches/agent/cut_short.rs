//! `cut-short`: the agent, and the command that a person types, are killed in the midst of a revert, the command at every
//! single system call that it makes. Knows the file and the journal, and nothing of how a file is put right.

use crate::Options;
use crate::home::{Home, PATIENCE, holds_within};
use crate::reverts::answering;
use crate::table;
use serde_json::Value;
use std::collections::HashMap;
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

/// A home whose file is led elsewhere over and over, each time another of its servers, so that what is told of one is not
/// taken for what is told of the one before.
struct Victim {
    home: Home,
    document: String,
    evil: String,
    /// How many reverts of the server its journal told before it was led elsewhere.
    told: usize,
}

/// So many servers the document has.
const SERVERS: usize = 20;

impl Victim {
    fn new() -> Self {
        let (home, document) = Home::captured(7, 4);
        Self { home, evil: document.clone(), document, told: 0 }
    }

    /// Leads one of its servers elsewhere.
    fn tamper(&mut self, number: usize) {
        let host = format!("//mcp{}.example.com", number % SERVERS);
        self.evil = self.document.replacen(&host, "//evil.test", 1);
        assert_ne!(self.evil, self.document, "nothing was tampered with");
        self.told = self.reverts(number).1;
        self.home.write(".claude.json", &self.evil);
    }

    /// Looks at what a kill left.
    fn look(&mut self, number: usize, found: &mut Found) {
        found.kills += 1;
        let is_right = match fs::read_to_string(self.home.claude_json()) {
            Ok(text) if text == self.evil => false,
            Ok(text) if text == self.document => true,
            _ => return found.torn += 1,
        };
        found.before += usize::from(!is_right);
        found.after += usize::from(is_right);
        let (code, told) = self.reverts(number);
        found.broken += usize::from(code != Some(0) || self.home.run(&["verify"]).0 != Some(0));
        found.lies += usize::from(told > self.told && !is_right);
    }

    /// How many reverts of that server the journal tells, and whether it can be asked.
    fn reverts(&self, number: usize) -> (Option<i32>, usize) {
        let (code, events) = self.home.run(&["events", "--kind", "config-reverted", "--format", "json"]);
        let server = format!("srv{}", number % SERVERS);
        let is_its = |line: &&str| {
            serde_json::from_str(line)
                .is_ok_and(|event: Value| event["mcpwatch"]["server"] == server.as_str())
        };
        (code, events.lines().filter(is_its).count())
    }

    /// An agent that comes afterwards puts it right, and its journal says what `diff` says.
    fn end(mut self, found: &Found, what: &str) {
        // What is younger than this may belong to somebody who is at work, and is left alone.
        sleep(Duration::from_secs(11));
        self.tamper(0);
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
fn at_random_moments(kills: usize) {
    let (mut victim, mut found) = (Victim::new(), Found::default());
    for kill in 0..kills {
        let mut agent = answering(&victim.home);
        victim.tamper(kill);
        // From before anybody has heard of it to after it is all over.
        sleep(Duration::from_micros((kill as u64).wrapping_mul(7_919) % 40_000));
        agent.kill();
        victim.look(kill, &mut found);
    }
    victim.end(&found, "of the agent at random moments");
}

/// What a person types, at every `step`th of its system calls.
fn at_every_call(step: usize) {
    let (mut victim, mut found) = (Victim::new(), Found::default());
    let log = victim.home.beside("calls");
    victim.tamper(0);
    let first = traced(&victim.home, &["-o", log.to_str().expect("a path")]);
    if !first.is_ok_and(|status| status.success()) {
        table::heading(
            "cut-short",
            "at every system call: not run, no strace that may trace (apt-get install strace)",
        );
        return;
    }
    let log = fs::read_to_string(log).expect("what it called");
    // The first is the one that runs the program.
    let calls = Call::all(&log).into_iter().skip(1).step_by(step);
    for (number, Call { name, time }) in calls.enumerate() {
        victim.tamper(number);
        let fault = format!("inject={name}:signal=KILL:when={time}");
        let _killed = traced(&victim.home, &["-o", "/dev/null", "-e", &fault]);
        victim.look(number, &mut found);
    }
    victim.end(&found, "of the command, one at each of its system calls");
}

/// One system call: its name, and which of that name it is.
struct Call<'l> {
    name: &'l str,
    time: usize,
}

impl<'l> Call<'l> {
    /// All of a log, in their order.
    fn all(log: &'l str) -> Vec<Self> {
        let mut times = HashMap::new();
        let names = log.lines().filter_map(|line| Some(line.split_once('(')?.0));
        let call = |name| {
            let time = times.entry(name).and_modify(|time| *time += 1).or_insert(1);
            Self { name, time: *time }
        };
        names
            .filter(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
            .map(call)
            .collect()
    }
}

/// Runs the command under `strace` with these options.
fn traced(home: &Home, options: &[&str]) -> std::io::Result<std::process::ExitStatus> {
    let revert = home.command(&["revert", "--all"]);
    let mut traced = Command::new("strace");
    traced.arg("-qq").args(options).arg("--").arg(revert.get_program()).args(revert.get_args());
    traced.env_clear().env("HOME", home.directory()).stdout(Stdio::null()).stderr(Stdio::null());
    traced.env("PATH", std::env::var_os("PATH").unwrap_or_default()).status()
}
