//! Who did it, for people: the sentence, the processes from the writer up, the install and what speaks for it. Knows
//! nothing of how that was judged.

use crate::cli::style::{DIM, STRONG, Styled, WARN};
use crate::cli::when::to_the_second;
use crate::model::event::Event;
use serde_json::{Map, Value};
use std::io;

/// Nobody has so many ancestors.
const MOST: usize = 64;

/// How a row is printed.
pub(super) type Row<'r> = &'r mut dyn FnMut(&str, Styled) -> io::Result<()>;

/// Prints what the event says of its author, row by row.
pub(super) fn print(event: &Event, row: Row<'_>) -> io::Result<()> {
    if let Some(line) = event.text("mcpwatch.provenance.line") {
        let sure = event.text("mcpwatch.provenance.confidence").unwrap_or("unknown");
        let how = match event.text("mcpwatch.provenance.method") {
            Some("none") | None => String::new(),
            Some(method) => format!("  {sure}, by {}", method_in_words(method)),
        };
        row("author", Styled::new(line, STRONG).then(how, DIM))?;
    }
    for (depth, process) in processes(event.document()).into_iter().enumerate() {
        let name = if depth == 0 { "process" } else { "" };
        let branch =
            if depth == 0 { String::new() } else { format!("{}← ", "  ".repeat(depth.min(12) - 1)) };
        row(name, Styled::new(branch, DIM).and(process.line).then(process.facts, DIM))?;
    }
    for other in list(event, "mcpwatch.provenance.other_writers") {
        let deed = other.get("deed").and_then(Value::as_str).unwrap_or("touched");
        row("also", Styled::plain(Process::of(other).line).then(format!("  {deed}"), DIM))?;
    }
    if let Some(install) = event.get("mcpwatch.provenance.install").and_then(Value::as_object) {
        print_install(install, row)?;
    }
    for (at, candidate) in list(event, "mcpwatch.provenance.candidates").enumerate() {
        let heading = if at == 0 { "suspects" } else { "" };
        let distance = candidate.get("distance_seconds").and_then(Value::as_i64).unwrap_or_default();
        let reasons = words(candidate.get("reasons"));
        let facts = format!("  {} before, {reasons}", span(distance));
        row(heading, Styled::plain(called(candidate)).then(facts, DIM))?;
    }
    match event.get("mcpwatch.provenance.remarks") {
        Some(remarks) => row("note", Styled::new(words(Some(remarks)), WARN)),
        None => Ok(()),
    }
}

fn print_install(install: &Map<String, Value>, row: Row<'_>) -> io::Result<()> {
    let text = |name: &str| install.get(name).and_then(Value::as_str);
    let sure = text("confidence").unwrap_or("unknown");
    row("install", Styled::plain(called(install)).then(format!("  {sure}"), DIM))?;
    let package = install.get("package").and_then(Value::as_object);
    if let Some(package) = package {
        let part = |name: &str| package.get(name).and_then(Value::as_str);
        let version = part("version").map(|version| format!("@{version}")).unwrap_or_default();
        let step = text("lifecycle").map(|step| format!("  {step}")).unwrap_or_default();
        let name = part("name").unwrap_or("?");
        row("package", Styled::new(format!("{name}{version}"), STRONG).then(step, DIM))?;
        if let Some(from) = part("resolved") {
            row("", Styled::new("from  ", DIM).and(from))?;
        }
    }
    if let Some(started) = text("started") {
        row("", Styled::new("at    ", DIM).and(to_the_second(started)))?;
    }
    if let Some(directory) = text("working_directory") {
        row("", Styled::new("in    ", DIM).and(directory))?;
    }
    match install.get("evidence").and_then(Value::as_array) {
        Some(evidence) => evidence
            .iter()
            .filter_map(Value::as_str)
            .enumerate()
            .try_for_each(|(at, one)| row(if at == 0 { "evidence" } else { "" }, Styled::plain(one))),
        None => Ok(()),
    }
}

fn method_in_words(method: &str) -> &str {
    match method {
        "kernel" => "the kernel's word",
        "record" => "the record of processes",
        "sample" => "what ran at the time",
        "receipt" => "what package managers leave behind",
        other => other,
    }
}

fn called(install: &Map<String, Value>) -> String {
    let text = |name: &str| install.get(name).and_then(Value::as_str);
    let manager = text("manager").unwrap_or("install");
    text("command_line").map_or_else(|| manager.to_owned(), str::to_owned)
}

fn list<'e>(event: &'e Event, field: &str) -> impl Iterator<Item = &'e Map<String, Value>> {
    let items = event.get(field).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_object).take(MOST)
}

fn words(value: Option<&Value>) -> String {
    let items = value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    items.collect::<Vec<_>>().join(", ")
}

/// `40 s`, `3 min`, `5 h`, `2 d`.
fn span(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// One process in a line.
#[derive(Debug, PartialEq, Eq)]
struct Process {
    line: String,
    facts: String,
}

impl Process {
    fn of(process: &Map<String, Value>) -> Self {
        let text = |name: &str| {
            let value = process.get(name)?;
            Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        let line = text("command_line").or_else(|| text("executable")).or_else(|| text("name"));
        let pid = text("pid").map(|pid| format!("{pid}  ")).unwrap_or_default();
        let id = |name: &str| process.get(name)?.get("id")?.as_str().map(str::to_owned);
        let user = match (id("user"), id("real_user")) {
            (Some(effective), Some(real)) if effective != real => format!("  user {effective} for {real}"),
            (Some(user), _) => format!("  user {user}"),
            _ => String::new(),
        };
        let exit = text("exit_code").map(|code| format!("  exited {code}")).unwrap_or_default();
        Self {
            line: format!("{pid}{}", line.unwrap_or_else(|| "unknown".to_owned())),
            facts: format!("{user}{exit}"),
        }
    }
}

/// The process that did it and its ancestors, the nearest first.
fn processes(document: &Map<String, Value>) -> Vec<Process> {
    let Some(writer) = document.get("process").and_then(Value::as_object) else { return Vec::new() };
    let told = document.get("mcpwatch").and_then(|own| own.get("provenance")?.get("ancestors")?.as_array());
    let mut found = vec![Process::of(writer)];
    match told {
        Some(ancestors) => {
            found.extend(ancestors.iter().filter_map(Value::as_object).map(Process::of).take(MOST));
        }
        None => {
            let mut next = writer.get("parent").and_then(Value::as_object);
            while let Some(process) = next.filter(|_| found.len() < MOST) {
                found.push(Process::of(process));
                next = process.get("parent").and_then(Value::as_object);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_tree_is_told_from_the_writer_up() {
        let event = Event::from_document(json!({
            "@timestamp": "2026-01-02T03:04:05.000000Z", "message": "m",
            "event": {"id": "1", "kind": "alert", "action": "endpoint-host-changed"},
            "process": {"pid": 7, "command_line": "node x.js", "user": {"id": "1000"}, "real_user": {"id": "1000"}},
            "mcpwatch": {"level": "low", "provenance": {
                "line": "written by node x.js ← npm install a@1", "confidence": "proven", "method": "kernel",
                "ancestors": [{"pid": 6, "name": "npm", "exit_code": 1}, {"pid": 5, "executable": "/bin/zsh"}],
                "other_writers": [{"pid": 4, "name": "sed", "deed": "written"}],
                "install": {"manager": "npm", "command_line": "npm install a", "confidence": "proven", "lifecycle": "postinstall",
                    "package": {"name": "a", "version": "1"}, "evidence": ["one", "two"]},
                "candidates": [{"manager": "pip", "distance_seconds": 7200, "reasons": ["same user"]}],
                "remarks": ["a gap"]}},
        }))
        .unwrap();
        let mut rows = Vec::new();
        print(&event, &mut |name, line| {
            let text: String = line.0.into_iter().map(|span| span.text).collect();
            rows.push(format!("{name}: {text}"));
            Ok(())
        })
        .unwrap();
        assert_eq!(
            rows,
            [
                "author: written by node x.js ← npm install a@1  proven, by the kernel's word",
                "process: 7  node x.js  user 1000",
                ": ← 6  npm  exited 1",
                ":   ← 5  /bin/zsh",
                "also: 4  sed  written",
                "install: npm install a  proven",
                "package: a@1  postinstall",
                "evidence: one",
                ": two",
                "suspects: pip  2 h before, same user",
                "note: a gap",
            ]
        );
    }
}
