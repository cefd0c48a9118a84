//! A home that nobody lives in, and an agent that watches it. Knows the binary's command line and nothing of what
//! is measured.

use crate::common::{ASCII, Sample};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long anything may take before the bench gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The host of the server that is tampered with, in [`Sample`]'s document.
pub(crate) const HOST: &str = "mcp7.example.com";

/// The binary: cargo's own, or the one that `MCPWATCH_BIN` names.
pub(crate) fn binary() -> PathBuf {
    std::env::var_os("MCPWATCH_BIN").unwrap_or_else(|| env!("CARGO_BIN_EXE_mcpwatch").into()).into()
}

/// A home, with state and managed directory beside it.
pub(crate) struct Home {
    root: TempDir,
    /// Who owns it, if not whoever runs the bench.
    user: Option<u32>,
}

impl Home {
    pub(crate) fn new() -> Self {
        let root = TempDir::with_prefix("mcpwatch-bench-").expect("a directory for temporary files");
        fs::create_dir(root.path().join("home")).expect("a home");
        Self { root, user: None }
    }

    /// A captured home with so many projects that are there, and its document.
    pub(crate) fn captured(projects: usize, prompts: usize) -> (Self, String) {
        let home = Self::new();
        let work = home.file("work").display().to_string();
        let sample = Sample { words: ASCII, projects, prompts, root: &work };
        for project in 0..projects {
            fs::create_dir_all(sample.directory(project)).expect("a project");
        }
        let document = String::from_utf8(sample.claude_json()).expect("a document");
        home.write(".claude.json", &document);
        home.run(&["baseline", "capture"]);
        (home, document)
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.root.path().join("home")
    }

    /// A file below the home.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory().join(name)
    }

    pub(crate) fn claude_json(&self) -> PathBuf {
        self.file(".claude.json")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.root.path().join("state")
    }

    /// A place beside the home, on the same file system.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    /// Writes a file as a careful program does, but for the waiting for the disk.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let file = self.file(name);
        fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
        let beside = file.with_extension("tmp.1");
        fs::write(&beside, text).expect("a file");
        if let Some(user) = self.user {
            give(&beside, user);
        }
        fs::rename(&beside, file).expect("renamed");
    }

    /// Gives all of it to somebody without privilege, as whom everything runs from now on. Takes root.
    pub(crate) fn give_to(&mut self, user: u32) {
        give(self.root.path(), user);
        self.user = Some(user);
    }

    /// A command that runs as the owner.
    pub(crate) fn as_owner(&self, program: &Path) -> Command {
        let Some(user) = self.user else { return Command::new(program) };
        let mut command = Command::new("setpriv");
        command.args([format!("--reuid={user}"), format!("--regid={user}"), "--clear-groups".to_owned()]);
        command.arg(program);
        command
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.as_owner(&binary());
        command.env_clear().env("HOME", self.directory()).stdin(Stdio::null());
        command.arg("--state").arg(self.state()).arg("--home").arg(self.directory());
        command.arg("--managed").arg(self.beside("managed")).args(arguments);
        command
    }

    /// Runs a command to its end; gives its exit code and what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let output = self.command(arguments).output().expect("the binary runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// What a command prints as JSON.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.run(arguments).1).unwrap_or_default()
    }

    /// Whether the agent that runs is that process.
    fn is_run_by(&self, pid: u32) -> bool {
        let agent = &self.json(&["status", "--format", "json"])["agent"];
        agent["running"] == true && agent["pid"] == pid
    }

    /// Starts the agent and waits until every watch stands.
    pub(crate) fn start(&self) -> Agent {
        self.start_with(&[])
    }

    /// The same, with more options.
    pub(crate) fn start_with(&self, options: &[&str]) -> Agent {
        let mut agent = self.spawn_with(options);
        agent.wait_until_ready(self);
        agent
    }

    /// Starts the agent and waits for nothing.
    pub(crate) fn spawn(&self) -> Agent {
        self.spawn_with(&[])
    }

    /// The same, with more options.
    pub(crate) fn spawn_with(&self, options: &[&str]) -> Agent {
        let started = Instant::now();
        let mut child = self
            .command(&["watch", "--format", "json"])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the agent starts");
        let lines = stamped(&mut child);
        Agent { child, started, ready: Duration::ZERO, lines }
    }
}

/// A running agent, which ends when this does.
pub(crate) struct Agent {
    child: Child,
    started: Instant,
    /// How long it took until every watch stood.
    pub(crate) ready: Duration,
    /// What it printed, and when it was read.
    pub(crate) lines: Receiver<(Instant, String)>,
}

impl Agent {
    /// Asking with `status` while there is no answer would cost the agent the other core, so that it is asked
    /// only when the lock's file says more than that it is held.
    fn wait_until_ready(&mut self, home: &Home) {
        let (lock, pid) = (home.state().join("agent.lock"), self.pid());
        wait_until("the agent is ready", || {
            fs::read_to_string(&lock).is_ok_and(|text| text.contains("\"watched\"")) && home.is_run_by(pid)
        });
        self.ready = self.started.elapsed();
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// SIGKILL, and its end.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _gone = signal(&self.child, Signal::KILL);
        let _status = self.child.wait();
    }
}

fn give(path: &Path, user: u32) {
    std::os::unix::fs::lchown(path, Some(user), Some(user)).expect("given away");
    if path.is_dir() && !path.is_symlink() {
        for entry in fs::read_dir(path).expect("a directory") {
            give(&entry.expect("an entry").path(), user);
        }
    }
}

/// Sends a signal to a child.
pub(crate) fn signal(child: &Child, signal: Signal) -> rustix::io::Result<()> {
    kill_process(Pid::from_child(child), signal)
}

/// Every line of a child's standard output with the moment at which it was read.
pub(crate) fn stamped(child: &mut Child) -> Receiver<(Instant, String)> {
    let (sender, lines) = channel();
    let stdout = child.stdout.take().expect("its output");
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send((Instant::now(), line)).is_err() {
                return;
            }
        }
    });
    lines
}

/// Puts a file into its place whole.
pub(crate) fn replace(file: &Path, text: &str) {
    let beside = file.with_extension("tmp.1");
    fs::write(&beside, text).expect("a file");
    fs::rename(&beside, file).expect("renamed");
}

pub(crate) fn wait_until(what: &str, condition: impl FnMut() -> bool) {
    assert!(holds_within(PATIENCE, condition), "not within {PATIENCE:?}: {what}");
}

/// Whether a condition comes true in that time.
pub(crate) fn holds_within(time: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + time;
    loop {
        if condition() {
            return true;
        }
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The document with the server led elsewhere.
pub(crate) fn tampered(document: &str, host: &str) -> String {
    let tampered = document.replacen(HOST, host, 1);
    assert_ne!(document, tampered, "nothing was tampered with");
    tampered
}
