//! The real journal of systemd: what `journalctl` gives back is what our own journal holds, field by field.
//!
//! The daemon runs where another `/run` and another `/var/log` are mounted, so that it disturbs none that is here.

use super::kit::{agent, configure, record_all, recorded, status, with_sinks};
use crate::corpus;
use crate::support::wait_until;
use jiff::Timestamp;
use mcpwatch::model::digest::Key;
use mcpwatch::model::event::{AgentAction, Context, Event, HostFacts};
use mcpwatch::model::level::Level;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// More than a datagram of this machine can hold: it goes over as a memory file.
const LARGE: usize = 2 << 20;

struct Journald {
    child: Child,
    run: PathBuf,
}

impl Drop for Journald {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

impl Journald {
    /// Starts it below that directory; `None` where it cannot run, which is said.
    fn start(root: &Path) -> Option<Self> {
        let program = ["/lib/systemd/systemd-journald", "/usr/lib/systemd/systemd-journald"]
            .into_iter()
            .find(|path| Path::new(path).exists());
        let Some(program) = program else {
            assert!(std::env::var_os("CI").is_none(), "CI must have journald: run ./tests/run as root");
            eprintln!("not run: journald is not here; apt-get install systemd");
            return None;
        };
        let (run, log) = (root.join("run"), root.join("log"));
        fs::create_dir_all(run.join("log/journal")).unwrap();
        fs::create_dir_all(run.join("systemd/journal")).unwrap();
        fs::create_dir(&log).unwrap();
        let mounted = |script: &str| {
            let mut command = Command::new("unshare");
            command.args(["--mount", "--propagation", "private", "sh", "-c"]);
            command.arg(format!("mount --bind \"$1\" /run && mount --bind \"$2\" /var/log && exec {script}"));
            command.arg("sh").args([&run, &log]);
            command.stdin(Stdio::null()).stdout(Stdio::null());
            command
        };
        let tried = mounted("test -s /etc/machine-id").output();
        if !tried.as_ref().is_ok_and(|output| output.status.success()) {
            eprintln!("not run: journald needs mounts of its own and a machine id: {tried:?}");
            return None;
        }
        let child = mounted(program).stderr(Stdio::null()).spawn().unwrap();
        let journald = Self { child, run };
        wait_until("journald listens", || {
            UnixDatagram::unbound().unwrap().connect(journald.socket()).is_ok()
        });
        Some(journald)
    }

    fn socket(&self) -> PathBuf {
        self.run.join("systemd/journal/socket")
    }

    /// Our entries, in their order, each with the values of all its fields.
    fn entries(&self) -> Vec<BTreeMap<String, Vec<String>>> {
        let mut command = Command::new("journalctl");
        command.arg("--directory").arg(self.run.join("log/journal"));
        // Without `--all` a long field is given as nothing.
        command.args(["--all", "--output=json", "--identifier=mcpwatch"]);
        let output = command.output().unwrap();
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().map(|line| fields(&serde_json::from_str(line).unwrap())).collect()
    }
}

/// The fields of an entry as `journalctl` prints it.
fn fields(entry: &Value) -> BTreeMap<String, Vec<String>> {
    let values = |value: &Value| match value.as_array() {
        // What is no plain text is a list of bytes, what there is several times is a list of values.
        Some(bytes) if bytes.first().is_some_and(Value::is_number) => vec![text(value)],
        Some(values) => values.iter().map(text).collect(),
        None => vec![text(value)],
    };
    entry.as_object().unwrap().iter().map(|(name, value)| (name.clone(), values(value))).collect()
}

fn text(value: &Value) -> String {
    match value {
        Value::Array(bytes) => {
            String::from_utf8(bytes.iter().map(|byte| byte.as_u64().unwrap() as u8).collect()).unwrap()
        }
        value => value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned(),
    }
}

/// Every value in a document, under the name that `packaging/siem/journald` promises.
fn promised(document: &Value) -> BTreeMap<String, Vec<String>> {
    fn walk(name: &str, value: &Value, found: &mut BTreeMap<String, Vec<String>>) {
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(key, value)| walk(&format!("{name}_{key}"), value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| put(name, item, found)),
            value => put(name, value, found),
        }
    }
    // An object in a list is JSON.
    fn put(path: &str, value: &Value, found: &mut BTreeMap<String, Vec<String>>) {
        let name = path.to_uppercase().replace('@', "").replace("MCPWATCH_MCPWATCH_", "MCPWATCH_");
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if !value.is_null() {
            found.entry(name).or_default().push(text);
        }
    }
    let mut found = BTreeMap::new();
    walk("mcpwatch", document, &mut found);
    for values in found.values_mut() {
        values.sort();
        // The journal keeps a field that comes twice with the same value once.
        values.dedup();
    }
    found
}

/// An event that no datagram can hold.
fn large() -> Event {
    let host = HostFacts { name: "box".into(), ..HostFacts::default() };
    let key = Key::from_bytes([0; 32]);
    let now = Timestamp::now();
    let context = Context { time: now, host: &host, home: None, user: None, key: &key };
    let id = mcpwatch::host::identity::event_id(now);
    Event::agent(
        id,
        AgentAction::DriftEnded,
        Level::Low,
        &format!("{}.\nThe end", "x".repeat(LARGE)),
        &context,
    )
}

#[test]
fn the_journal_of_systemd_gives_back_every_field() {
    let root = tempfile::Builder::new().prefix("mcpwatch-test-").tempdir().unwrap();
    let Some(journald) = Journald::start(root.path()) else { return };
    let scratch = with_sinks("");
    record_all(&scratch, corpus::events());
    record_all(&scratch, vec![large()]);
    configure(
        &scratch,
        &format!("[[sink]]\nname = \"journal\"\ntype = \"journald\"\npath = {:?}\n", journald.socket()),
    );
    let watch = agent(&scratch);
    wait_until("all of it is taken", || status(&scratch)["sinks"][0]["pending"] == 0);
    assert_eq!(watch.stop("TERM").0, Some(0));
    let documents = recorded(&scratch);
    let mut entries = Vec::new();
    wait_until("the journal has written all of it", || {
        entries = journald.entries();
        entries.len() >= documents.len()
    });
    assert_eq!(entries.len(), documents.len());
    for (entry, document) in entries.iter().zip(&documents) {
        let whole: Value = serde_json::from_str(&entry["MCPWATCH_DOCUMENT"][0]).unwrap();
        assert_eq!(whole, *document, "in the order of our journal, whole");
        assert_eq!(entry["MESSAGE"], [document["message"].as_str().unwrap()]);
        let mut ours = entry.clone();
        ours.retain(|name, _| name.starts_with("MCPWATCH_") && name != "MCPWATCH_DOCUMENT");
        ours.values_mut().for_each(|values| values.sort());
        assert_eq!(ours, promised(document));
    }
    assert!(documents.iter().any(|document| document["message"].as_str().unwrap().len() > LARGE));
}
