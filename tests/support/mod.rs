//! What the tests through the real binary share: a scratch home, the binary, and waiting with a deadline.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(unreachable_pub, reason = "a module of tests, not of a library")]

pub mod disk;
pub mod port;
pub mod standing;

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up. Long, since a machine may be busy; never waited out.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A home that nobody lives in, and a state directory beside it.
pub struct Scratch {
    root: tempfile::TempDir,
}

impl Scratch {
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("mcpwatch-test-").tempdir().unwrap();
        fs::create_dir(root.path().join("home")).unwrap();
        fs::create_dir(root.path().join("managed")).unwrap();
        Self { root }
    }

    pub fn home(&self) -> PathBuf {
        self.root.path().join("home")
    }

    pub fn state(&self) -> PathBuf {
        self.root.path().join("state")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub fn claude_json(&self) -> PathBuf {
        self.home().join(".claude.json")
    }

    /// Writes a file below the home, as a careful program does: beside it, then renamed over it.
    pub fn write(&self, name: &str, text: &str) {
        let file = self.home().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let beside = file.with_extension("tmp.1");
        fs::write(&beside, text).unwrap();
        fs::rename(&beside, &file).unwrap();
    }

    /// The binary with this home, state and managed directory, and nothing of our own environment.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mcpwatch"));
        command
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.args([
            "--state".as_ref(),
            self.state().as_os_str(),
            "--home".as_ref(),
            self.home().as_os_str(),
            "--managed".as_ref(),
            self.path("managed").as_os_str(),
        ]);
        command.current_dir(self.root.path()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// Runs a command that must end with `code`; gives what it printed.
    pub fn expect(&self, code: i32, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{stdout}\n{stderr}");
        stdout
    }

    /// `kind server` of each drift now, sorted.
    pub fn drifts(&self) -> Vec<String> {
        let output = self.run(&["diff", "--format", "json"]);
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", text(&output.stdout), text(&output.stderr)));
        let mut drifts: Vec<String> = report["drifts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|drift| {
                let about = drift["server"].as_str().or(drift["field"].as_str()).unwrap_or_default();
                format!("{} {about}", drift["kind"].as_str().unwrap())
            })
            .collect();
        drifts.sort();
        let expected = if drifts.is_empty() { Some(0) } else { Some(1) };
        assert_eq!(output.status.code(), expected, "{drifts:?}");
        drifts
    }

    /// Starts the agent and waits until every watch stands.
    pub fn watch(&self, arguments: &[&str]) -> Watch {
        let mut command = self.command();
        command.arg("watch").args(arguments);
        self.start(command)
    }

    /// The same, for a command that was made ready.
    pub fn start(&self, command: Command) -> Watch {
        let watch = Watch::spawn(command);
        wait_until("the agent is running", || {
            let agent = &self.status()["agent"];
            agent["running"] == true && agent["pid"] == watch.pid()
        });
        watch
    }

    pub fn is_running(&self) -> bool {
        self.status()["agent"]["running"].as_bool().unwrap()
    }

    /// What `status` says.
    pub fn status(&self) -> Value {
        serde_json::from_str(&self.expect(0, &["status", "--format", "json"])).unwrap()
    }

    /// Waits until the journal says of every drift what `diff` says, and gives that; its events must not
    /// contradict each other.
    pub fn settled(&self) -> BTreeSet<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let standing = standing::Standing::of(&self.events());
            assert_eq!(standing.contradictions, Vec::<String>::new());
            let said = (standing.keys(), self.found());
            if said.0 == said.1 {
                return said.1;
            }
            assert!(Instant::now() < deadline, "journal and diff differ: {said:#?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What `diff` finds now, in the words of [`standing::in_diff`].
    pub fn found(&self) -> BTreeSet<String> {
        let output = self.run(&["diff", "--format", "json"]);
        standing::in_diff(&serde_json::from_slice(&output.stdout).unwrap())
    }

    /// How many events of that action stand in the journal.
    pub fn count(&self, action: &str) -> usize {
        self.events().iter().filter(|event| event["event"]["action"] == action).count()
    }

    /// Every event of the journal. None may hold a field that is not documented.
    pub fn events(&self) -> Vec<Value> {
        let lines = self.expect(0, &["events", "--format", "json"]);
        let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for event in &events {
            let faults = mcpwatch::model::event::fields::faults(event.as_object().unwrap());
            assert_eq!(faults, Vec::<String>::new(), "see src/model/event/fields.rs: {event}");
        }
        events
    }
}

/// A running agent.
pub struct Watch {
    child: Child,
    lines: Receiver<String>,
    errors: Option<JoinHandle<String>>,
    pub seen: Vec<String>,
}

impl Watch {
    /// Starts it and waits for nothing.
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, lines) = channel();
        let stdout = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        // Read all the time: a full pipe would stop it.
        let stderr = child.stderr.take().unwrap();
        let errors = std::thread::spawn(move || {
            BufReader::new(stderr).lines().map_while(Result::ok).collect::<Vec<_>>().join("\n")
        });
        Self { child, lines, errors: Some(errors), seen: Vec::new() }
    }

    /// Waits for a line that holds every one of `words`.
    pub fn line_with(&mut self, words: &[&str]) -> String {
        self.line_where(&format!("with {words:?}"), |line| words.iter().all(|word| line.contains(word)))
    }

    /// Waits for the event (of `--format json`) that is meant.
    pub fn event_where(&mut self, what: &str, is_meant: impl Fn(&Value) -> bool) -> Value {
        let event = |line: &str| serde_json::from_str(line).unwrap_or_default();
        event(&self.line_where(what, |line| is_meant(&event(line))))
    }

    /// Every event that was read so far, of `--format json`.
    pub fn events(&mut self) -> Vec<Value> {
        self.seen.extend(self.lines.try_iter());
        self.seen.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn line_where(&mut self, what: &str, is_meant: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if is_meant(&line) {
                        return line;
                    }
                }
                Err(_) => panic!("no line {what} in:\n{}", self.seen.join("\n")),
            }
        }
    }

    /// Whether it has not ended.
    pub fn is_alive(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sends a signal by name and waits for nothing.
    pub fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &pid]).status().unwrap().success());
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by name and waits for the end; gives the exit code and what stood on standard error.
    pub fn stop(self, signal: &str) -> (Option<i32>, String) {
        let (status, _, errors) = self.finish(signal);
        (status.code(), errors)
    }

    /// Sends a signal by name and waits for the end; gives how it ended, every line, and what stood on standard error.
    pub fn finish(mut self, signal: &str) -> (ExitStatus, Vec<String>, String) {
        self.signal(signal);
        let mut status = None;
        wait_until("the process ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        let errors = self.errors.take().map(|errors| errors.join().unwrap()).unwrap_or_default();
        // It has ended: the pipe does too.
        self.seen.extend(self.lines.iter());
        (status.unwrap(), std::mem::take(&mut self.seen), errors)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Waits until `condition` holds, at most [`PATIENCE`].
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !condition() {
        assert!(Instant::now() < deadline, "not within {PATIENCE:?}: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The real clients to try: `MCPWATCH_CLAUDE` (paths with `:` between), else what `tests/run` installed.
/// In CI there must be one; elsewhere the caller says in one line why it did not run.
pub fn clients() -> Vec<PathBuf> {
    let named = std::env::var("MCPWATCH_CLAUDE").unwrap_or_default();
    let mut clients: Vec<PathBuf> =
        named.split(':').filter(|path| !path.is_empty()).map(PathBuf::from).collect();
    if clients.is_empty() {
        let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/.cache");
        for prefix in ["claude-2.1.329", "claude-plain"] {
            let client = cache.join(prefix).join("node_modules/@anthropic-ai/claude-code-linux-x64/claude");
            clients.extend(client.is_file().then_some(client));
        }
    }
    if clients.is_empty() {
        assert!(std::env::var_os("CI").is_none(), "CI must have the real client: run ./tests/run");
        eprintln!("not run: the real client is not here; ./tests/run installs it");
    }
    clients
}
