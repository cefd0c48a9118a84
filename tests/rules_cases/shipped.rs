//! What must hold of every rule that is shipped.

use mcpwatch::model::event::Event;
use mcpwatch::model::kind::DriftKind;
use mcpwatch::model::level::Level;
use mcpwatch::rules::{Example, Rule, Rules, Wanted, fields, shipped_examples};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn shipped() -> Rules {
    let rules = Rules::shipped();
    assert_eq!(rules.problems(), []);
    rules
}

fn names(dir: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(dir)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn every_file_is_in_the_binary() {
    let rules = shipped();
    let built: BTreeSet<String> = rules.rules().iter().map(|rule| format!("{}.yml", rule.slug)).collect();
    assert_eq!(built, names("rules"), "a file is new or gone: touch src/rules/shipped.rs and build again");
    let examples: Vec<Example> = shipped_examples().collect();
    for slug in names("tests/rules") {
        let built: BTreeSet<String> =
            examples.iter().filter(|one| one.slug == slug).map(|one| one.name.clone()).collect();
        assert_eq!(
            built,
            names(&format!("tests/rules/{slug}")),
            "touch src/rules/example.rs and build again"
        );
        assert!(rules.find(&slug).is_some(), "{slug} has examples and no rule");
    }
}

#[test]
fn every_rule_is_explained() {
    for rule in shipped().rules() {
        let Rule { slug, .. } = rule;
        assert!(
            rule.description.len() >= 60 && rule.description.ends_with('.'),
            "{slug}: {}",
            rule.description
        );
        assert!(
            (10..=80).contains(&rule.title.len()) && !rule.title.ends_with('.'),
            "{slug}: {}",
            rule.title
        );
        assert!(!rule.falsepositives.is_empty(), "{slug} does not say when it is harmless");
        assert!(rule.references.iter().all(|url| url.starts_with("https://")), "{slug}");
        assert!(!rule.references.is_empty(), "{slug} has no reference");
        assert!(rule.techniques().next().is_some(), "{slug} names no technique");
        assert_eq!(rule.author.as_deref(), Some("mcpwatch"), "{slug}");
        assert!(rule.status.is_some() && rule.date.is_some(), "{slug}");
        let is_known =
            |tag: &String| ["attack.", "atlas.aml.t", "owasp-mcp.mcp"].iter().any(|of| tag.starts_with(of));
        assert!(rule.tags.iter().all(is_known), "{slug}: {:?}", rule.tags);
    }
}

#[test]
fn every_example_holds() {
    let rules = shipped();
    let mut broken = Vec::new();
    for rule in rules.rules() {
        let examples: Vec<Example> = shipped_examples().filter(|one| one.slug == rule.slug).collect();
        for wanted in [Wanted::Match, Wanted::Miss] {
            assert!(examples.iter().any(|one| one.wanted == wanted), "{} has no {wanted:?}", rule.slug);
        }
        for example in examples {
            broken.extend(
                example.fault(rule, &rules).map(|why| format!("{}/{} {why}", rule.slug, example.name)),
            );
            let document = serde_json::from_slice(&example.bytes).unwrap();
            for field in leaves(&document, "") {
                assert!(fields::may_stand_in_a_document(&field), "{}/{}: {field}", rule.slug, example.name);
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

/// The names of everything in a document that is no object, with dots.
pub(crate) fn leaves(value: &Value, at: &str) -> BTreeSet<String> {
    match value {
        Value::Object(members) => {
            let dot = if at.is_empty() { "" } else { "." };
            members.iter().flat_map(|(name, value)| leaves(value, &format!("{at}{dot}{name}"))).collect()
        }
        Value::Array(items) => items.iter().flat_map(|item| leaves(item, at)).collect(),
        _ => BTreeSet::from([at.to_owned()]),
    }
}

fn drift(kind: DriftKind, level: Level) -> Event {
    let mut event = Event::from_document(json!({
        "@timestamp": "2026-01-02T03:04:05.000000Z",
        "event": { "id": "1", "kind": "alert", "action": kind.as_str(), "category": ["configuration", "file"] },
    }))
    .unwrap();
    event.set_level(level);
    event
}

#[test]
fn every_kind_has_a_rule_at_its_level_and_none_that_raises_it() {
    let rules = shipped();
    for kind in DriftKind::ALL {
        for level in Level::ALL {
            let mut event = drift(*kind, level);
            rules.apply(&mut event);
            assert_eq!(event.level(), level, "{kind} at {level}");
            if level == kind.default_level() {
                let first = event.text("rule.ruleset").unwrap_or_else(|| panic!("{kind} has no rule"));
                assert_eq!(rules.find(first).unwrap().level, level, "{kind}: {first}");
            }
        }
    }
}

#[test]
fn everyday_life_is_not_raised() {
    let rules = shipped();
    // What was written down, and what was recorded of the real client by tests/benign/record.
    let read = |name: &str| fs::read_to_string(root().join("tests/benign").join(name)).unwrap();
    let corpus = [read("everyday.jsonl"), read("recorded.jsonl")];
    assert!(corpus[0].lines().count() > 50 && corpus[1].lines().count() > 25);
    for line in corpus.iter().flat_map(|file| file.lines()) {
        let line: Value = serde_json::from_str(line).unwrap();
        let mut event = Event::from_document(line["event"].clone()).unwrap();
        for field in leaves(&line["event"], "") {
            assert!(fields::may_stand_in_a_document(&field), "{}: {field}", line["why"]);
        }
        let own = event.level();
        rules.apply(&mut event);
        assert!(
            event.level() <= own,
            "{}: {:?} by {:?}",
            line["why"],
            event.level(),
            event.text("rule.ruleset")
        );
    }
}

#[test]
fn what_a_person_answers_the_client_pages_nobody() {
    let rules = shipped();
    let corpus = fs::read_to_string(root().join("tests/benign/recorded.jsonl")).unwrap();
    let lines = corpus.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut answers = 0;
    for line in lines.filter(|line| line["event"]["process"]["name"] == "claude") {
        let mut event = Event::from_document(line["event"].clone()).unwrap();
        rules.apply(&mut event);
        if matches!(event.action(), "trust-granted" | "approval-widened") {
            assert_eq!(event.level(), Level::Informational, "{}: {}", line["why"], event.action());
            answers += 1;
        }
    }
    assert!(answers >= 3, "the dialogs of a folder, of a key and of a server: {answers}");
}

#[test]
fn attacks_are_raised_above_what_their_kind_says() {
    let rules = shipped();
    let example = |slug: &str, name: &str| {
        let found = shipped_examples().find(|one| one.slug == slug && one.name == name).unwrap();
        let document: Map<String, Value> = serde_json::from_slice(&found.bytes).unwrap();
        let mut event = Event::from_document(Value::Object(document)).unwrap();
        rules.apply(&mut event);
        (event.level(), event.text("rule.ruleset").unwrap().to_owned())
    };
    for (slug, name, level) in [
        ("install-redirects-endpoint", "match-postinstall.json", Level::Critical),
        ("install-adds-server", "match-postinstall.json", Level::Critical),
        ("install-plants-command", "match-hook.json", Level::Critical),
        ("install-seeds-trust", "match-trust.json", Level::Critical),
        ("late-writer", "match-two-days-later.json", Level::Critical),
        ("hook-runs-dropped-script", "match-crossed.json", Level::Critical),
        ("re-tamper", "match-contested.json", Level::Critical),
        ("agent-edits-its-own-configuration", "match-sed.json", Level::Critical),
        ("repository-approves-itself", "match-cloned.json", Level::High),
        ("repository-takes-over", "match-base-url.json", Level::Critical),
        ("base-url-redirected", "match-anthropic.json", Level::Critical),
        ("install-touches-credentials", "match-emptied.json", Level::Critical),
        ("tls-verification-off", "match-server.json", Level::Critical),
    ] {
        assert_eq!(example(slug, name).0, level, "{slug}/{name}");
    }
    for name in ["match-postinstall.json", "match-proxy.json"] {
        assert_eq!(example("install-redirects-endpoint", name).1, "install-redirects-endpoint");
    }
}

#[test]
fn the_reference_implementation_reads_and_converts_every_rule() {
    let installed = root().join("tests/.cache/pysigma/bin/python");
    let named = std::env::var_os("MCPWATCH_PYSIGMA").map(PathBuf::from);
    let Some(python) = named.or(installed.is_file().then_some(installed)) else {
        assert!(std::env::var_os("CI").is_none(), "CI must have pySigma: run ./tests/run");
        eprintln!("not run: pySigma is not here; ./tests/run installs it");
        return;
    };
    let output = Command::new(python)
        .arg(root().join("tests/rules_convert.py"))
        .arg(root().join("rules"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.trim(), format!("{} rules, 4 converters", shipped().rules().len()));
}
