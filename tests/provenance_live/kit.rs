//! What these tests share: a home that an agent watches, a hook that redirects its server, and the question whom an
//! event names. Knows no package manager.

use super::support::{Scratch, Watch, text};
use mcpwatch::sensor::Sensor;
use mcpwatch::sensor::lineage::Lineage;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// What the home says before anybody touches it.
pub(crate) const HOME: &str = r#"{
  "numStartups": 12,
  "mcpServers": {
    "linear": {
      "type": "http",
      "url": "https://mcp.linear.app/mcp"
    }
  }
}"#;

/// What redirects the server.
pub(crate) const AT_ONCE: &str = "sed -i s/mcp.linear.app/127.0.0.1:8080/ $HOME/.claude.json";

/// What every hook here does unless its test says otherwise. It is there for a moment before that and after, as all
/// hooks here are: of how many that are not everything can be read on a busy machine is measured, and not demanded of
/// any.
pub(crate) const SED: &str =
    "sleep 1 && sed -i s/mcp.linear.app/127.0.0.1:8080/ $HOME/.claude.json && sleep 1";

/// The same in Python, for a build.
pub(crate) const PYTHON: &str = "import os\n\
    f = os.path.expanduser('~/.claude.json')\n\
    text = open(f).read().replace('mcp.linear.app', '127.0.0.1:8080')\n\
    open(f, 'w').write(text)\n\
    import time\n\
    time.sleep(1)\n";

/// A home that is approved, and the agent that watches it.
pub(crate) struct Live {
    pub(crate) scratch: Scratch,
    pub(crate) watch: Option<Watch>,
}

impl Live {
    /// Starts the agent; says why not where this machine does not let it see who did it.
    pub(crate) fn start() -> Option<Self> {
        if !may_see() {
            return None;
        }
        let live = Self::down();
        Some(live.up())
    }

    /// A home without an agent.
    pub(crate) fn down() -> Self {
        let scratch = Scratch::new();
        scratch.write(".claude.json", HOME);
        scratch.expect(0, &["baseline", "capture"]);
        Self { scratch, watch: None }
    }

    pub(crate) fn up(mut self) -> Self {
        self.watch = Some(self.scratch.watch(&["--format", "json"]));
        self
    }

    /// A file beside the home, its directories made.
    pub(crate) fn put(&self, name: &str, contents: &str) -> PathBuf {
        let file = self.scratch.path(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, contents).unwrap();
        file
    }

    /// A command with that home, in that directory, and nothing of what runs the tests.
    pub(crate) fn command(&self, program: impl AsRef<Path>, directory: &str) -> Command {
        fs::create_dir_all(self.scratch.path(directory)).unwrap();
        let mut command = Command::new(program.as_ref());
        command
            .env_clear()
            .env("HOME", self.scratch.home())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LANG", "C.UTF-8")
            .current_dir(self.scratch.path(directory))
            .stdin(Stdio::null());
        command
    }

    /// Waits until the redirection is told; gives its event.
    pub(crate) fn redirected(&mut self) -> Told {
        self.told("endpoint-host-changed")
    }

    /// Waits until that is told; gives its event.
    pub(crate) fn told(&mut self, action: &str) -> Told {
        self.told_where(action, |event| event["event"]["action"] == action)
    }

    pub(crate) fn told_where(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Told {
        Told(self.watch.as_mut().unwrap().event_where(what, is_it))
    }

    /// Stops the agent.
    pub(crate) fn stop(&mut self) {
        assert_eq!(self.watch.take().unwrap().stop("TERM").0, Some(0));
    }
}

/// An event, asked who did it.
pub(crate) struct Told(pub(crate) Value);

impl Told {
    pub(crate) fn provenance(&self) -> &Value {
        &self.0["mcpwatch"]["provenance"]
    }

    fn install(&self) -> &Value {
        &self.provenance()["install"]
    }

    /// Demands that it is an install's doing beyond doubt, and that this install is named.
    pub(crate) fn must_be_by(&self, manager: &str, package: &str, version: &str, step: &str) {
        let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let said = [
            word(&self.install()["manager"]),
            word(&self.0["package"]["name"]),
            word(&self.0["package"]["version"]),
            word(&self.install()["lifecycle"]),
            word(&self.provenance()["confidence"]),
            word(&self.install()["confidence"]),
            word(&self.provenance()["actor"]),
        ];
        let version = if version.is_empty() { "-" } else { version };
        let expected = [manager, package, version, step, "proven", "proven", "install"];
        eprintln!("{}", word(&self.provenance()["line"]));
        assert_eq!(said, expected, "{:#}", self.provenance());
    }

    /// Demands that no install is blamed: none is named with confidence, and no package.
    pub(crate) fn must_be_no_install(&self) {
        let confidence = self.install()["confidence"].as_str().unwrap_or("unknown");
        eprintln!("{}", self.provenance()["line"].as_str().unwrap_or("-"));
        assert!(matches!(confidence, "unknown" | "possible"), "{:#}", self.provenance());
        assert_ne!(self.provenance()["actor"], "install", "{:#}", self.provenance());
        assert!(self.0["package"]["name"].is_null(), "{:#}", self.0);
    }
}

/// Runs it to its end, which must be a good one.
pub(crate) fn done(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    );
    output
}

/// Whether this machine tells who did it; says why not.
fn may_see() -> bool {
    let blind = match Sensor::start(Box::new(|| {})) {
        Ok(sensor) => sensor.without_fanotify().map(str::to_owned),
        Err(error) => Some(error.to_string()),
    };
    let why = blind.or_else(|| Lineage::start(Default::default()).err()).or_else(|| {
        // Since Linux 6.6 anybody may hear of processes; environments of others only root reads.
        let root = rustix::process::geteuid().is_root();
        (!root).then(|| "only root reads the environment of everybody's processes".to_owned())
    });
    if let Some(why) = &why {
        eprintln!("not run: {why}");
    }
    why.is_none()
}

/// A program that the system has; says that it is missing.
pub(crate) fn system(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file());
    if found.is_none() {
        missing(program, "install it from the system's packages");
    }
    found
}

/// A program that `tests/run` installs; says that it is missing.
pub(crate) fn installed(file: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/.cache").join(file);
    if path.is_file() {
        return Some(path);
    }
    missing(file, "./tests/run installs it");
    None
}

/// Says that something is not here; in CI all must be.
pub(crate) fn missing(program: &str, how: &str) {
    assert!(std::env::var_os("CI").is_none(), "CI must have {program}: {how}");
    eprintln!("not run: {program} is not here; {how}");
}
