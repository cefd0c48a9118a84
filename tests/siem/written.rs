//! Configuration that cannot be tried here, as far as it can be held against what `mcpwatch export` really prints: patterns
//! match our lines and nothing shorter, YAML is whole, and what a part refers to is there.

use super::exported;
use crate::support::Scratch;
use regex::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

fn packaged(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/siem").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The value of a key in a section of one of Splunk's files.
fn splunk(file: &str, section: &str, key: &str) -> String {
    let text = packaged(&format!("splunk/{file}"));
    let (_, rest) = text.split_once(&format!("\n[{section}]\n")).unwrap_or_else(|| panic!("no [{section}]"));
    let mut lines = rest.lines().take_while(|line| !line.starts_with('['));
    let value = lines.find_map(|line| line.strip_prefix(key)?.trim_start().strip_prefix('='));
    value.unwrap_or_else(|| panic!("[{section}] says nothing of {key}")).trim().to_owned()
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn lines(format: &str) -> (Vec<String>, Vec<Value>) {
    let (text, documents) = exported(&Scratch::new(), format);
    (text.lines().map(str::to_owned).collect(), documents)
}

#[test]
fn splunk_finds_time_and_host_in_each_line() {
    let (lines, documents) = lines("jsonl");
    let time = pattern(&splunk("props.conf", "mcpwatch:json", "TIME_PREFIX"));
    let ahead: usize = splunk("props.conf", "mcpwatch:json", "MAX_TIMESTAMP_LOOKAHEAD").parse().unwrap();
    assert_eq!(splunk("props.conf", "mcpwatch:json", "TIME_FORMAT"), "%Y-%m-%dT%H:%M:%S.%6N%Z");
    let host = pattern(&splunk("transforms.conf", "mcpwatch_host", "REGEX"));
    let longest: usize = splunk("props.conf", "mcpwatch:json", "TRUNCATE").parse().unwrap();
    for (line, document) in lines.iter().zip(&documents) {
        let found = time.find(line).unwrap();
        let told = document["@timestamp"].as_str().unwrap();
        assert!(line[found.end()..].starts_with(told) && told.len() <= ahead, "{line}");
        assert!(told.len() == "2026-01-02T03:04:05.678901Z".len() && told.ends_with('Z'), "{told}");
        let name = format!("\"{}\"", &host.captures(line).unwrap()[1]);
        assert_eq!(serde_json::from_str::<Value>(&name).unwrap(), document["host"]["name"]);
        assert!(line.len() < longest);
    }
}

#[test]
fn splunk_finds_the_document_in_each_message() {
    let payload = pattern(&splunk("transforms.conf", "mcpwatch_payload", "REGEX"));
    let sourcetype = pattern(&splunk("transforms.conf", "mcpwatch_sourcetype", "REGEX"));
    let (lines, documents) = lines("syslog");
    for (line, document) in lines.iter().zip(&documents) {
        let found = payload.captures(line).unwrap_or_else(|| panic!("{line}"));
        let arrived: Value = serde_json::from_str(&found[1]).unwrap();
        assert_eq!(arrived["event"]["id"], document["event"]["id"]);
        assert!(sourcetype.is_match(&found[1]));
    }
}

#[test]
fn splunk_reads_a_type_that_is_described() {
    let inputs = packaged("splunk/inputs.conf");
    let types: BTreeSet<&str> =
        inputs.lines().filter_map(|line| line.strip_prefix("sourcetype = ")).collect();
    assert!(types.iter().all(|kind| packaged("splunk/props.conf").contains(&format!("[{kind}]"))));
    let transforms = packaged("splunk/transforms.conf");
    for line in packaged("splunk/props.conf").lines().filter(|line| line.starts_with("TRANSFORMS-")) {
        let (_, named) = line.split_once('=').unwrap();
        for name in named.split(',') {
            assert!(transforms.contains(&format!("[{}]", name.trim())), "{name}");
        }
    }
}

/// YAML as JSON; `None` where Python cannot read it, which is said.
fn yaml(name: &str) -> Option<Value> {
    let Some(python) = std::env::var_os("MCPWATCH_PYSIGMA") else {
        eprintln!("not run: nothing here reads YAML; ./tests/run installs pySigma, which does");
        return None;
    };
    let script = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout, default=str)";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/siem").join(name);
    let mut command = Command::new(python);
    let output = command.args(["-c", script]).stdin(fs::File::open(path).unwrap()).output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// The keys of an object, the members of a list.
fn words(value: &Value) -> BTreeSet<&str> {
    match value {
        Value::Object(members) => members.keys().map(String::as_str).collect(),
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => BTreeSet::new(),
    }
}

#[test]
fn the_collectors_pipelines_are_made_of_parts_that_are_there() {
    let Some(config) = yaml("otel-collector/config.yaml") else { return };
    let mut used = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
    let kinds = ["receivers", "processors", "exporters"];
    for pipeline in config["service"]["pipelines"].as_object().unwrap().values() {
        for (kind, used) in kinds.iter().zip(&mut used) {
            assert!(!words(&pipeline[kind]).is_empty());
            used.extend(words(&pipeline[kind]));
        }
    }
    for (kind, used) in kinds.iter().zip(used) {
        assert_eq!(used, words(&config[kind]), "{kind}");
    }
    assert_eq!(words(&config["service"]["extensions"]), words(&config["extensions"]));
    let mapping = config["receivers"]["filelog"]["operators"][0]["severity"]["mapping"].clone();
    let levels: BTreeSet<&str> = mapping.as_object().unwrap().values().filter_map(Value::as_str).collect();
    assert_eq!(levels, mcpwatch::model::level::Level::ALL.map(|level| level.as_str()).into());
}

#[test]
fn fluent_bit_parses_with_a_parser_that_is_there() {
    let Some(config) = yaml("fluent-bit/fluent-bit.yaml") else { return };
    assert_eq!(words(&config), ["service", "parsers", "pipeline"].into());
    let parsers: BTreeSet<&str> =
        config["parsers"].as_array().unwrap().iter().filter_map(|parser| parser["name"].as_str()).collect();
    let inputs = config["pipeline"]["inputs"].as_array().unwrap();
    let tags: BTreeSet<&str> = inputs.iter().filter_map(|input| input["tag"].as_str()).collect();
    assert!(inputs.iter().all(|input| parsers.contains(input["parser"].as_str().unwrap())));
    let outputs = config["pipeline"]["outputs"].as_array().unwrap();
    assert!(outputs.iter().all(|output| tags.contains(output["match"].as_str().unwrap())));
}

#[test]
fn wazuhs_decoder_leaves_the_document() {
    let text = packaged("wazuh/local_decoder.xml");
    let prematch: Vec<Regex> = text
        .split("<prematch ")
        .skip(1)
        .map(|rest| pattern(rest.split_once('>').unwrap().1.split_once("</prematch>").unwrap().0))
        .collect();
    let [first, second] = &prematch[..] else { panic!("{text}") };
    let (lines, documents) = lines("syslog");
    for (line, document) in lines.iter().zip(&documents) {
        // Wazuh takes the priority away before it decodes.
        let line = line.split_once('>').unwrap().1;
        let rest = &line[first.find(line).unwrap_or_else(|| panic!("{line}")).end()..];
        let rest = &rest[second.find(rest).unwrap_or_else(|| panic!("{rest}")).end()..];
        let arrived: Value = serde_json::from_str(rest).unwrap();
        assert_eq!(arrived["event"]["id"], document["event"]["id"]);
    }
    assert!(!first.is_match("1 2026-01-02T03:04:05Z box sshd - - [x@1] {}"), "another program's");
}

#[test]
fn what_wazuh_reads_from_a_file_has_no_objects_in_lists() {
    let (lines, _) = lines("ecs-flat");
    for line in lines {
        let document: Value = serde_json::from_str(&line).unwrap();
        let mut values = document.as_object().unwrap().values();
        assert!(values.all(|value| match value {
            Value::Array(items) => items.iter().all(|item| !item.is_object() && !item.is_array()),
            value => !value.is_object(),
        }));
    }
}
