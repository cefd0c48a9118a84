//! Installs in documents, and back: the journal keeps them so. Must not decide anything.

use super::{Event, time_text};
use crate::model::digest::Key;
use crate::model::install::{Hook, Install, Manager, Package, Source};
use crate::model::process::ProcessId;
use crate::model::text::Text;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// How many ancestors, other writers, candidates, and packages a document lists.
pub(super) const LIST: usize = 32;

/// How many arguments it shows.
const ARGUMENTS: usize = 64;

/// How many characters of one of them.
const ARGUMENT: usize = 512;

impl Event {
    /// Says which install an event is about: `package`, where it is one, and `mcpwatch.install`.
    pub fn set_install(&mut self, install: &Install, key: &Key) {
        self.set("package.type", install.manager.package_type());
        if let [of] = install.packages.as_slice() {
            self.set_package(of, key);
        }
        self.set("mcpwatch.install", self::install(install, key));
    }

    /// The install that such an event is about. What was masked stays what was shown.
    pub fn install(&self) -> Option<Install> {
        install_from(self.get("mcpwatch.install")?)
    }

    /// The package in the schema's words.
    pub(super) fn set_package(&mut self, of: &Package, key: &Key) {
        self.set("package.name", shown(&of.name, key));
        self.set_some("package.version", of.version.as_ref().map(|version| shown(version, key)));
        self.set_some("package.checksum", of.integrity.as_ref().map(|sum| shown(sum, key)));
        self.set_some("package.path", of.directory.as_deref().map(path));
        self.set_some("package.reference", of.resolved.as_ref().map(|from| shown(from, key)));
    }
}

fn install_from(document: &Value) -> Option<Install> {
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let time = |name: &str| text(name).and_then(|time| time.parse::<Timestamp>().ok());
    let manager = Manager::from_word(text("manager")?)?;
    let source = text("receipt").map_or(Source::Seen, |file| Source::Receipt(PathBuf::from(file)));
    let packages = document.get("packages").and_then(Value::as_array).into_iter().flatten();
    Some(Install {
        process: text("entity_id").and_then(entity_from),
        command_line: text("command_line").map(Text::plain).into_iter().collect(),
        directory: text("working_directory").map(PathBuf::from),
        user: text("user").and_then(|user| user.parse().ok()),
        started: time("started"),
        ended: time("ended"),
        packages: packages.filter_map(package_from).collect(),
        has_scripts: document.get("has_install_scripts").and_then(Value::as_bool),
        ..Install::new(manager, source)
    })
}

fn package_from(document: &Value) -> Option<Package> {
    let text = |name: &str| document.get(name).and_then(Value::as_str).map(Text::plain);
    Some(Package {
        name: text("name")?,
        version: text("version"),
        resolved: text("resolved"),
        integrity: text("integrity"),
        directory: document.get("path").and_then(Value::as_str).map(PathBuf::from),
        has_scripts: document.get("has_install_scripts").and_then(Value::as_bool),
    })
}

/// What tells a process from every other one on this host until it is started again.
pub(super) fn entity(id: ProcessId) -> String {
    format!("{}-{}", id.pid, id.start)
}

fn entity_from(text: &str) -> Option<ProcessId> {
    let (pid, start) = text.split_once('-')?;
    Some(ProcessId { pid: pid.parse().ok()?, start: start.parse().ok()? })
}

pub(super) fn hook(document: &mut Map<String, Value>, hook: &Hook, key: &Key) {
    insert(document, "package", hook.package.as_ref().map(|of| package(of, key)));
    if hook.is_consumer {
        document.insert("package_is_consumer".into(), true.into());
    }
    if hook.is_own {
        document.insert("own_script".into(), true.into());
    }
    insert(document, "hook_entity_id", hook.process.map(entity));
}

pub(super) fn install(install: &Install, key: &Key) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("manager".into(), install.manager.as_str().into());
    insert(&mut document, "started", install.started.map(time_text));
    insert(&mut document, "ended", install.ended.map(time_text));
    insert(&mut document, "entity_id", install.process.map(entity));
    insert(&mut document, "working_directory", install.directory.as_deref().map(path));
    insert(&mut document, "user", install.user.map(|user| user.to_string()));
    insert(&mut document, "has_install_scripts", install.has_scripts);
    let line: Vec<String> =
        install.command_line.iter().take(ARGUMENTS).map(|text| shown(text, key)).collect();
    insert(&mut document, "command_line", (!line.is_empty()).then(|| line.join(" ")));
    match &install.source {
        Source::Seen => document.insert("source".into(), "seen".into()),
        Source::Receipt(file) => {
            insert(&mut document, "receipt", Some(path(file)));
            document.insert("source".into(), "receipt".into())
        }
    };
    let packages: Vec<Value> = install.packages.iter().take(LIST).map(|of| package(of, key)).collect();
    insert(&mut document, "packages", (!packages.is_empty()).then_some(packages));
    document
}

fn package(package: &Package, key: &Key) -> Value {
    let mut document = Map::new();
    document.insert("name".into(), shown(&package.name, key).into());
    insert(&mut document, "version", package.version.as_ref().map(|text| shown(text, key)));
    insert(&mut document, "resolved", package.resolved.as_ref().map(|text| shown(text, key)));
    insert(&mut document, "integrity", package.integrity.as_ref().map(|text| shown(text, key)));
    insert(&mut document, "path", package.directory.as_deref().map(path));
    insert(&mut document, "has_install_scripts", package.has_scripts);
    Value::Object(document)
}

/// A list of words, where there is one.
pub(super) fn words(words: Vec<&str>) -> Option<Value> {
    (!words.is_empty()).then(|| json!(words))
}

pub(super) fn insert(document: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        document.insert(name.to_owned(), value.into());
    }
}

pub(super) fn shown(text: &Text, key: &Key) -> String {
    cut(&text.shown(key))
}

pub(super) fn path(path: &Path) -> String {
    cut(&path.to_string_lossy())
}

pub(super) fn cut(text: &str) -> String {
    if text.len() <= ARGUMENT || text.chars().count() <= ARGUMENT {
        return text.to_owned();
    }
    text.chars().take(ARGUMENT - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::{AgentAction, Context, HostFacts};
    use crate::model::level::Level;

    #[test]
    fn an_install_reads_back() {
        let (host, key) = (HostFacts::default(), Key::from_bytes([2; 32]));
        let context = Context { time: Timestamp::UNIX_EPOCH, host: &host, home: None, user: None, key: &key };
        let package = Package::new("left-pad", Some("1.3.0"))
            .map(|package| package.scripts(Some(true)).resolved(Some("https://u:c4n4ry@r.example/l.tgz")));
        let install = Install {
            process: Some(ProcessId { pid: 7, start: 9 }),
            directory: Some("/home/u/p".into()),
            user: Some(1000),
            started: Some(Timestamp::UNIX_EPOCH),
            ended: Some(Timestamp::UNIX_EPOCH),
            packages: package.into_iter().collect(),
            has_scripts: Some(true),
            ..Install::new(Manager::Npm, Source::Receipt("/r".into()))
        };
        let mut event =
            Event::agent("id".into(), AgentAction::InstallSeen, Level::Informational, "x", &context);
        event.set_install(&install, &key);
        assert!(!event.clone().into_document().to_string().contains("c4n4ry"));
        let mut back = event.install().unwrap();
        assert_eq!(event.text("package.name"), Some("left-pad"));
        assert!(!back.packages[0].resolved.take().unwrap().has_secret());
        let mut expected = install;
        expected.packages[0].resolved = None;
        assert_eq!(back, expected);
        assert!(Event::from_document(event.into_document()).is_some_and(|event| event.install().is_some()));
    }
}
