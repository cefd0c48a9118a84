//! ArcSight's Common Event Format: a header between bars, then `key=value` pairs. Must not know what a line is wrapped in.
//!
//! No crate writes all of it: those there are leave line breaks, lengths and hidden marks to their callers, which is what
//! makes a line one that cannot be forged.

use super::{PRODUCT, VERSION, get};
use crate::model::hidden::is_hidden;
use crate::model::level::Level;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// How long a line is unless told otherwise.
pub(super) const LIMIT: usize = 16_000;

/// To how many bytes values are cut where the line is too long, and to how many of the pairs.
const CUTS: [(usize, usize); 5] = [(1023, 99), (255, 99), (63, 99), (63, 12), (40, 8)];

/// The least limit that can be kept.
#[cfg(test)]
const LEAST: usize = 1000;

/// How many bytes of the header's id and of its name.
const HEADER: usize = 63;

/// How a field is shown.
#[derive(Clone, Copy)]
enum Shape {
    /// As text.
    Text,
    /// As milliseconds since 1970.
    Time,
    /// As text, `a, b, c`.
    List,
}

/// What stands in a line: its key, its label where the key says nothing, the field, how it is shown, and how many bytes
/// of it the format allows. What matters most stands first.
const PAIRS: &[(&str, &str, &str, Shape, usize)] = &[
    ("rt", "", "@timestamp", Shape::Time, 40),
    ("externalId", "", "event.id", Shape::Text, 40),
    ("cn1", "sequence", "event.sequence", Shape::Text, 20),
    ("mcpwatchLevel", "", "mcpwatch.level", Shape::Text, 20),
    ("dvchost", "", "host.name", Shape::Text, 100),
    ("cs1", "server", "mcpwatch.server", Shape::Text, 4000),
    ("msg", "", "message", Shape::Text, 1023),
    ("mcpwatchChainHash", "", "mcpwatch.chain.hash", Shape::Text, 64),
    ("duser", "", "user.name", Shape::Text, 1023),
    ("cs5", "observed", "mcpwatch.drift.observed", Shape::Text, 4000),
    ("cs4", "expected", "mcpwatch.drift.expected", Shape::Text, 4000),
    ("cs3", "field", "mcpwatch.drift.field", Shape::Text, 1023),
    ("cs2", "scope", "mcpwatch.scope", Shape::Text, 40),
    ("cs6", "author", "mcpwatch.provenance.line", Shape::Text, 4000),
    ("dhost", "", "url.domain", Shape::Text, 1023),
    ("dpt", "", "url.port", Shape::Text, 5),
    ("app", "", "url.scheme", Shape::Text, 31),
    ("request", "", "url.original", Shape::Text, 1023),
    ("filePath", "", "file.path", Shape::Text, 1023),
    ("cat", "", "event.dataset", Shape::Text, 1023),
    ("deviceExternalId", "", "host.id", Shape::Text, 255),
    ("duid", "", "user.id", Shape::Text, 40),
    ("flexString1", "package", "package.name", Shape::Text, 1023),
    ("flexString2", "packageVersion", "package.version", Shape::Text, 1023),
    ("fname", "", "file.name", Shape::Text, 1023),
    ("fileHash", "", "file.hash.sha256", Shape::Text, 255),
    ("fileModificationTime", "", "file.mtime", Shape::Time, 40),
    ("filePermission", "", "file.mode", Shape::Text, 40),
    ("fsize", "", "file.size", Shape::Text, 20),
    ("spid", "", "process.pid", Shape::Text, 20),
    ("sproc", "", "process.executable", Shape::Text, 1023),
    ("suid", "", "process.user.id", Shape::Text, 40),
    ("mcpwatchCommandLine", "", "process.command_line", Shape::Text, 4000),
    ("mcpwatchActor", "", "mcpwatch.provenance.actor", Shape::Text, 40),
    ("mcpwatchConfidence", "", "mcpwatch.provenance.confidence", Shape::Text, 40),
    ("mcpwatchProject", "", "mcpwatch.project", Shape::Text, 1023),
    ("mcpwatchDriftId", "", "mcpwatch.drift.id", Shape::Text, 40),
    ("reason", "", "rule.name", Shape::Text, 1023),
    ("mcpwatchTechniques", "", "threat.technique.id", Shape::List, 255),
];

/// Appends one line of at most so many bytes. Keys whose values were cut stand in `mcpwatchCut`.
pub(super) fn write(document: &Map<String, Value>, limit: usize, out: &mut Vec<u8>) {
    let mut line = line(document, usize::MAX, usize::MAX);
    for (bytes, pairs) in CUTS {
        if line.len() <= limit {
            break;
        }
        line = self::line(document, bytes, pairs);
    }
    out.extend_from_slice(line.as_bytes());
}

fn line(document: &Map<String, Value>, most: usize, pairs: usize) -> String {
    let text = |field| get(document, field).and_then(Value::as_str).unwrap_or_default();
    let action = text("event.action");
    let level: Level = text("mcpwatch.level").parse().unwrap_or(Level::Critical);
    let mut line = format!("CEF:0|{PRODUCT}|{PRODUCT}|{VERSION}|");
    escaped(action, '|', HEADER, &mut line);
    line.push('|');
    escaped(&action.replace('-', " "), '|', HEADER, &mut line);
    // NOTE(cannot fail): writing to a string does not.
    let _ = write!(line, "|{}|", severity(level));
    let mut cut = Vec::new();
    for (key, label, field, shape, allowed) in PAIRS.iter().take(pairs) {
        let Some(shown) = get(document, field).and_then(|value| shape.shown(value)) else { continue };
        if !label.is_empty() {
            let _ = write!(line, "{key}Label={label} ");
        }
        let _ = write!(line, "{key}=");
        if escaped(&shown, '=', most.min(*allowed), &mut line) {
            cut.push(*key);
        }
        line.push(' ');
    }
    if pairs < PAIRS.len() {
        cut.push("others");
    }
    if !cut.is_empty() {
        let _ = write!(line, "mcpwatchCut={}", cut.join(","));
    }
    line.truncate(line.trim_end_matches(' ').len());
    line
}

impl Shape {
    /// The text, where the value has that shape and is not empty.
    fn shown(self, value: &Value) -> Option<String> {
        let shown = match (self, value) {
            (Self::Text, Value::String(text)) => text.clone(),
            (Self::Text, Value::Number(number)) => number.to_string(),
            (Self::Time, Value::String(text)) => text.parse::<Timestamp>().ok()?.as_millisecond().to_string(),
            (Self::List, Value::Array(items)) => {
                items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
            }
            _ => return None,
        };
        (!shown.is_empty()).then_some(shown)
    }
}

/// The severity of CEF: 0 to 10.
fn severity(level: Level) -> u8 {
    match level {
        Level::Critical => 10,
        Level::High => 8,
        Level::Medium => 5,
        Level::Low => 3,
        Level::Informational => 1,
    }
}

/// Appends a value of at most so many bytes with backslashes and the `delimiter` escaped. What hides is made visible as
/// `\u{202e}`, line breaks too: a receiver that turned them back would have two lines. Says whether it was cut.
fn escaped(text: &str, delimiter: char, most: usize, line: &mut String) -> bool {
    let start = line.len();
    let mut fits = start;
    for character in text.chars() {
        match character {
            '\\' => line.push_str("\\\\"),
            one if one == delimiter => line.extend(['\\', one]),
            hidden if is_hidden(hidden) => {
                let _ = write!(line, "\\\\u{{{:x}}}", u32::from(hidden));
            }
            other => line.push(other),
        }
        if line.len() - start <= most.saturating_sub('…'.len_utf8()) {
            fits = line.len();
        }
        if line.len() - start > most {
            line.truncate(fits);
            line.push('…');
            return true;
        }
    }
    // A space at the end would be lost; at the beginning it is the value's own.
    if line.len() > start && line.ends_with(' ') {
        line.truncate(line.trim_end_matches(' ').len().max(start));
    }
    false
}

#[cfg(test)]
#[path = "cef_tests.rs"]
mod tests;
