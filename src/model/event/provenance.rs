//! The part of an event that says who did it. Must not decide anything, and shows nothing of a text but what its
//! masking leaves plain.

use super::install::{LIST, cut, entity, hook, insert, install, path, shown, words};
use super::{Event, time_text};
use crate::model::digest::Key;
use crate::model::process::{Exit, Process};
use crate::model::provenance::{Candidate, Confidence, InstallLink, Provenance};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// How many packages of an install that is no more than near: those with install scripts come first.
const NEAR: usize = 4;

/// How many arguments of a process it shows.
const ARGUMENTS: usize = 64;

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
            self.set_package(of, key);
        }
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
                insert(&mut document, "deed", other.deed.map(|deed| deed.as_str()));
                document.insert("method".into(), other.method.as_str().into());
                insert(&mut document, "when", other.when.map(time_text));
                Value::Object(document)
            })
            .collect();
        self.set("mcpwatch.provenance.other_writers", others);
        let told = self.time().parse().ok();
        self.set_some("mcpwatch.provenance.install", link.map(|link| install_link(link, told, key)));
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
        Some(Exit::Signal(signal)) => insert(&mut document, "exit_code", Some(signal.saturating_add(128))),
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

/// `told` is when the change was seen.
fn install_link(link: &InstallLink, told: Option<Timestamp>, key: &Key) -> Value {
    let mut document = install(&link.install, key);
    let distance = told.zip(link.install.ended).map(|(told, ended)| told.duration_since(ended).as_secs());
    insert(&mut document, "distance_seconds", distance.map(|seconds| seconds.max(0)));
    document.insert("confidence".into(), link.confidence.as_str().into());
    let evidence: Vec<&str> = link.evidence.iter().map(|one| one.as_str()).collect();
    document.insert("evidence".into(), evidence.into());
    if let Some(hook) = &link.hook {
        insert(&mut document, "lifecycle", hook.step.map(|step| step.as_str()));
        self::hook(&mut document, hook, key);
    }
    Value::Object(document)
}

fn candidate(candidate: &Candidate, key: &Key) -> Value {
    let mut document = install(&candidate.install, key);
    if let Some(Value::Array(packages)) = document.get_mut("packages") {
        packages.truncate(NEAR);
    }
    document.insert("distance_seconds".into(), candidate.distance.as_secs().into());
    let reasons: Vec<&str> = candidate.reasons.iter().map(|reason| reason.as_str()).collect();
    document.insert("reasons".into(), reasons.into());
    Value::Object(document)
}
