//! The part of an event that says who did it. Must not decide anything, and shows nothing of a text but what its
//! masking leaves plain.

use super::install::{LIST, cut, entity, hook, insert, install, path, shown, words};
use super::{Event, time_text};
use crate::model::digest::Key;
use crate::model::process::{Exit, Process};
use crate::model::provenance::{Candidate, Confidence, InstallLink, OtherWriter, Provenance};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::ops::Deref;
use std::sync::OnceLock;

/// How many packages of an install that is no more than near: those with install scripts come first.
const NEAR: usize = 4;

/// How many arguments of a process it shows.
const ARGUMENTS: usize = 64;

/// A judgement, and how events write it: that is worked out once, by whoever is first to ask, however many events say
/// so.
#[derive(Debug)]
pub struct Authorship {
    judged: Provenance,
    written: OnceLock<Written>,
}

/// What events say of a judgement, whenever they say it.
#[derive(Debug)]
struct Written {
    process: Option<Map<String, Value>>,
    provenance: Map<String, Value>,
}

impl From<Provenance> for Authorship {
    fn from(judged: Provenance) -> Self {
        Self { judged, written: OnceLock::new() }
    }
}

impl Deref for Authorship {
    type Target = Provenance;

    fn deref(&self) -> &Provenance {
        &self.judged
    }
}

impl Authorship {
    /// Writes it, for whoever asks later. With the key that all its events have.
    pub fn write(&self, key: &Key) {
        self.written(key);
    }

    fn written(&self, key: &Key) -> &Written {
        self.written.get_or_init(|| written(&self.judged, key))
    }
}

impl Event {
    /// Says who did it: `process`, `package` and `mcpwatch.provenance`. The package stands there only where the
    /// install is at least likely, since whoever reads `package.name` takes it for a fact.
    pub fn set_provenance(&mut self, authorship: &Authorship, key: &Key) {
        let Written { process, provenance } = authorship.written(key);
        self.set_some("process", process.clone());
        let link = authorship.install.as_ref();
        if let Some(link) = link.filter(|link| link.confidence >= Confidence::Likely)
            && let Some(hook) = link.hook.as_ref().filter(|hook| !hook.is_consumer)
            && let Some(of) = &hook.package
        {
            self.set("package.type", link.install.manager.package_type());
            self.set_package(of, key);
        }
        self.set("mcpwatch.provenance", provenance.clone());
        let told: Option<Timestamp> = self.time().parse().ok();
        if let Some((told, ended)) = told.zip(link.and_then(|link| link.install.ended)) {
            let distance = told.duration_since(ended).as_secs().max(0);
            self.set("mcpwatch.provenance.install.distance_seconds", distance);
        }
    }
}

fn written(provenance: &Provenance, key: &Key) -> Written {
    let ancestors: Vec<Map<String, Value>> =
        provenance.ancestors.iter().take(LIST).map(|one| process(one, key)).collect();
    let writer = provenance.writer.as_ref().map(|writer| {
        let mut document = process(writer, key);
        insert(&mut document, "parent", ancestors.first().cloned());
        document
    });
    let other = |other: &OtherWriter| {
        let mut document = other.process.as_deref().map(|one| process(one, key)).unwrap_or_default();
        insert(&mut document, "deed", other.deed.map(|deed| deed.as_str()));
        document.insert("method".into(), other.method.as_str().into());
        insert(&mut document, "when", other.when.map(time_text));
        document
    };
    let others: Vec<Map<String, Value>> = provenance.other_writers.iter().take(LIST).map(other).collect();
    let candidates: Vec<Value> =
        provenance.candidates.iter().take(LIST).map(|one| candidate(one, key)).collect();
    let remarks = provenance.remarks.iter().map(|remark| remark.as_str()).collect();
    let mut document = Map::new();
    document.insert("confidence".into(), provenance.confidence.as_str().into());
    document.insert("method".into(), provenance.method.as_str().into());
    document.insert("actor".into(), provenance.actor.as_str().into());
    document.insert("line".into(), provenance.line().into());
    insert(&mut document, "deed", provenance.deed.map(|deed| deed.as_str()));
    insert(&mut document, "broker", provenance.broker.map(|broker| broker.as_str()));
    insert(&mut document, "remarks", words(remarks));
    document.insert("ancestors".into(), ancestors.into());
    document.insert("other_writers".into(), others.into());
    insert(&mut document, "install", provenance.install.as_ref().map(|link| install_link(link, key)));
    insert(&mut document, "candidates", (!candidates.is_empty()).then_some(candidates));
    Written { process: writer, provenance: document }
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

/// All but how long it was over, which each event knows for itself.
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
