//! The part of an event that says who did it. Must not decide anything, and shows nothing of a text but what its
//! masking leaves plain.

use super::{Event, time_text};
use crate::model::digest::Key;
use crate::model::install::{Hook, Install, Package, Source};
use crate::model::process::{Exit, Process, ProcessId};
use crate::model::provenance::{Candidate, Confidence, InstallLink, Provenance};
use crate::model::text::Text;
use serde_json::{Map, Value, json};
use std::path::Path;

/// How many ancestors, other writers, candidates, hooks and packages an event lists.
const LIST: usize = 32;

/// How many arguments of a process it shows.
const ARGUMENTS: usize = 64;

/// How many characters of one argument.
const ARGUMENT: usize = 512;

impl Event {
    /// Says who did it: `process`, `package` and `mcpwatch.provenance`. The package stands there only where the
    /// install is at least likely, since whoever reads `package.name` takes it for a fact.
    pub fn set_provenance(&mut self, provenance: &Provenance, key: &Key) {
        if let Some(writer) = &provenance.writer {
            let mut document = process(writer, key);
            if let Some(parent) = provenance.ancestors.first() {
                document.insert("parent".into(), Value::Object(process(parent, key)));
            }
            self.set("process", document);
        }
        let link = provenance.install.as_ref();
        if let Some(link) = link.filter(|link| link.confidence >= Confidence::Likely)
            && let Some(hook) = link.hook.as_ref().filter(|hook| !hook.is_consumer)
            && let Some(of) = &hook.package
        {
            self.set("package.type", link.install.manager.package_type());
            self.set("package.name", shown(&of.name, key));
            self.set_some("package.version", of.version.as_ref().map(|version| shown(version, key)));
            self.set_some("package.checksum", of.integrity.as_ref().map(|sum| shown(sum, key)));
            self.set_some("package.path", of.directory.as_deref().map(path));
            self.set_some("package.reference", of.resolved.as_ref().map(|from| shown(from, key)));
        }
        let words = |remarks: Vec<&str>| (!remarks.is_empty()).then(|| json!(remarks));
        self.set("mcpwatch.provenance.confidence", provenance.confidence.as_str());
        self.set("mcpwatch.provenance.method", provenance.method.as_str());
        self.set("mcpwatch.provenance.actor", provenance.actor.as_str());
        self.set("mcpwatch.provenance.line", provenance.line());
        self.set_some("mcpwatch.provenance.deed", provenance.deed.map(|deed| deed.as_str()));
        self.set_some("mcpwatch.provenance.broker", provenance.broker.map(|broker| broker.as_str()));
        let remarks = provenance.remarks.iter().map(|remark| remark.as_str()).collect();
        self.set_some("mcpwatch.provenance.remarks", words(remarks));
        let ancestors: Vec<Value> =
            provenance.ancestors.iter().take(LIST).map(|one| Value::Object(process(one, key))).collect();
        self.set("mcpwatch.provenance.ancestors", ancestors);
        let others: Vec<Value> = provenance
            .other_writers
            .iter()
            .take(LIST)
            .map(|other| {
                let mut document = other.process.as_deref().map(|one| process(one, key)).unwrap_or_default();
                document.insert("deed".into(), other.deed.as_str().into());
                document.insert("method".into(), other.method.as_str().into());
                insert(&mut document, "when", other.when.map(time_text));
                Value::Object(document)
            })
            .collect();
        self.set("mcpwatch.provenance.other_writers", others);
        self.set_some("mcpwatch.provenance.install", link.map(|link| install_link(link, key)));
        let candidates: Vec<Value> =
            provenance.candidates.iter().take(LIST).map(|one| candidate(one, key)).collect();
        self.set_some("mcpwatch.provenance.candidates", (!candidates.is_empty()).then_some(candidates));
    }
}

/// A process in the schema's words.
fn process(process: &Process, key: &Key) -> Map<String, Value> {
    let mut document = Map::new();
    document.insert("pid".into(), process.id.pid.into());
    document.insert("entity_id".into(), entity(process.id).into());
    insert(&mut document, "start", process.started.map(time_text));
    insert(&mut document, "end", process.ended.map(|(when, _)| time_text(when)));
    match process.ended.and_then(|(_, exit)| exit) {
        Some(Exit::Code(code)) => insert(&mut document, "exit_code", Some(code)),
        Some(Exit::Signal(signal)) => insert(&mut document, "exit_code", Some(128 + signal)),
        None => {}
    }
    if let Some(who) = process.credentials {
        document.insert("user".into(), json!({ "id": who.effective.to_string() }));
        document.insert("real_user".into(), json!({ "id": who.real.to_string() }));
    }
    document.insert("interactive".into(), process.has_terminal.into());
    let Some(image) = process.image() else { return document };
    insert(&mut document, "executable", image.executable.as_deref().map(path));
    insert(&mut document, "name", process.name().map(|name| cut(&name)));
    insert(&mut document, "working_directory", image.directory.as_deref().map(path));
    let args: Vec<String> = image.args.iter().take(ARGUMENTS).map(|text| shown(text, key)).collect();
    if !args.is_empty() {
        document.insert("command_line".into(), args.join(" ").into());
        document.insert("args_count".into(), image.args.len().into());
        document.insert("args".into(), args.into());
    }
    document
}

/// What tells a process from every other one on this host until it is started again.
fn entity(id: ProcessId) -> String {
    format!("{}-{}", id.pid, id.start)
}

fn install_link(link: &InstallLink, key: &Key) -> Value {
    let mut document = install(&link.install, key);
    document.insert("confidence".into(), link.confidence.as_str().into());
    let evidence: Vec<&str> = link.evidence.iter().map(|one| one.as_str()).collect();
    document.insert("evidence".into(), evidence.into());
    if let Some(hook) = &link.hook {
        insert(&mut document, "lifecycle", hook.step.map(|step| step.as_str()));
        self::hook(&mut document, hook, key);
    }
    Value::Object(document)
}

fn hook(document: &mut Map<String, Value>, hook: &Hook, key: &Key) {
    insert(document, "package", hook.package.as_ref().map(|of| package(of, key)));
    if hook.is_consumer {
        document.insert("package_is_consumer".into(), true.into());
    }
    if hook.is_own {
        document.insert("own_script".into(), true.into());
    }
    insert(document, "hook_entity_id", hook.process.map(entity));
}

fn install(install: &Install, key: &Key) -> Map<String, Value> {
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

fn candidate(candidate: &Candidate, key: &Key) -> Value {
    let mut document = install(&candidate.install, key);
    document.insert("distance_seconds".into(), candidate.distance.as_secs().into());
    let reasons: Vec<&str> = candidate.reasons.iter().map(|reason| reason.as_str()).collect();
    document.insert("reasons".into(), reasons.into());
    Value::Object(document)
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

fn insert(document: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        document.insert(name.to_owned(), value.into());
    }
}

fn shown(text: &Text, key: &Key) -> String {
    cut(&text.shown(key))
}

fn path(path: &Path) -> String {
    cut(&path.to_string_lossy())
}

fn cut(text: &str) -> String {
    if text.len() <= ARGUMENT || text.chars().count() <= ARGUMENT {
        return text.to_owned();
    }
    text.chars().take(ARGUMENT - 1).chain(['…']).collect()
}
