//! A document that fits: what matters least goes first, and the document says what went. Must not know why a length is
//! bounded, nor who bounds it.

use super::{get, json_text};
use serde_json::{Map, Value, json};

/// What goes, in this order, as long as the document is too long.
const DISPENSABLE: &[&str] = &[
    "mcpwatch.provenance.candidates",
    "mcpwatch.install.hooks",
    "mcpwatch.provenance.other_writers",
    "mcpwatch.install.packages",
    "mcpwatch.provenance.install.packages",
    "mcpwatch.provenance.ancestors",
    "process.parent",
    "process.args",
    "tags",
    "rule.description",
    "mcpwatch.rules",
    "mcpwatch.exceptions",
];

/// Then texts are cut to so many bytes each.
const CUTS: [usize; 2] = [512, 128];

/// And lists to so many members.
const MEMBERS: usize = 16;

/// What stays of a document that is too long all the same, and how many bytes of each text.
const ESSENTIAL: &[(&str, usize)] = &[
    ("@timestamp", 32),
    ("message", 128),
    ("event.action", 48),
    ("event.id", 48),
    ("event.sequence", 0),
    ("event.severity", 0),
    ("host.name", 64),
    ("mcpwatch.chain.hash", 64),
    ("mcpwatch.chain.previous", 64),
    ("mcpwatch.level", 16),
    ("mcpwatch.scope", 16),
    ("mcpwatch.server", 64),
    ("user.name", 48),
];

/// Deeper than any document; bounds the stack.
const DEEPEST: usize = 64;

/// The least limit that can be kept.
pub(super) const LEAST: usize = 1400;

/// The document as JSON in ASCII, of at most `limit` bytes (of [`LEAST`], where that is more). What was left out stands
/// in `mcpwatch.cut`.
pub(super) fn within(document: &Map<String, Value>, limit: usize) -> Vec<u8> {
    let limit = limit.max(LEAST);
    let mut short = document.clone();
    let mut cut = Vec::new();
    for field in DISPENSABLE {
        if remove(&mut short, field) {
            cut.push((*field).to_owned());
            if let Some(line) = fitting(&mut short, &cut, limit) {
                return line;
            }
        }
    }
    for bytes in CUTS {
        short.values_mut().for_each(|value| cut_texts(value, bytes, DEEPEST));
        cut.retain(|words| !words.starts_with("texts"));
        cut.push(format!("texts beyond {bytes} bytes, lists beyond {MEMBERS}"));
        if let Some(line) = fitting(&mut short, &cut, limit) {
            return line;
        }
    }
    essence(document)
}

/// The line, where it is short enough.
fn fitting(document: &mut Map<String, Value>, cut: &[String], limit: usize) -> Option<Vec<u8>> {
    set(document, "mcpwatch.cut", json!(cut));
    let text = json_text::of(document);
    if json_text::ascii_length(&text) > limit {
        return None;
    }
    let mut line = Vec::with_capacity(limit);
    json_text::ascii(&text, &mut line);
    Some(line)
}

fn essence(document: &Map<String, Value>) -> Vec<u8> {
    let mut short = Map::new();
    for (field, bytes) in ESSENTIAL {
        let value = match get(document, field) {
            Some(Value::String(text)) => cut_text(text, *bytes).unwrap_or_else(|| text.clone()).into(),
            Some(Value::Number(number)) => Value::Number(number.clone()),
            _ => continue,
        };
        set(&mut short, field, value);
    }
    set(&mut short, "mcpwatch.cut", json!(["all but the essence"]));
    let mut line = Vec::with_capacity(LEAST);
    json_text::ascii(&json_text::of(&short), &mut line);
    line
}

fn remove(document: &mut Map<String, Value>, field: &str) -> bool {
    let Some((path, last)) = field.rsplit_once('.') else { return document.remove(field).is_some() };
    let mut parts = path.split('.');
    let first = parts.next().and_then(|part| document.get_mut(part));
    let inner = parts.fold(first, |value, part| value.and_then(|value| value.get_mut(part)));
    inner.and_then(Value::as_object_mut).is_some_and(|members| members.remove(last).is_some())
}

fn set(document: &mut Map<String, Value>, field: &str, value: Value) {
    let Some((first, rest)) = field.split_once('.') else {
        document.insert(field.to_owned(), value);
        return;
    };
    let inner = document.entry(first).or_insert(Value::Null);
    if !inner.is_object() {
        *inner = Value::Object(Map::new());
    }
    if let Value::Object(members) = inner {
        set(members, rest, value);
    }
}

fn cut_texts(value: &mut Value, bytes: usize, depth: usize) {
    match value {
        Value::String(text) => {
            if let Some(short) = cut_text(text, bytes) {
                *text = short;
            }
        }
        Value::Array(items) if depth > 0 => {
            items.truncate(MEMBERS);
            items.iter_mut().for_each(|item| cut_texts(item, bytes, depth - 1));
        }
        Value::Object(members) if depth > 0 => {
            members.values_mut().for_each(|item| cut_texts(item, bytes, depth - 1));
        }
        Value::Array(_) | Value::Object(_) => *value = Value::Null,
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The text with `…` in the place of what makes it longer than so many bytes, as they stand in the line.
fn cut_text(text: &str, bytes: usize) -> Option<String> {
    let mut length = 0_usize;
    let mut kept = 0;
    for (at, character) in text.char_indices() {
        length += match character {
            '"' | '\\' => 2,
            ' '..='~' => 1,
            other => other.len_utf16() * 6,
        };
        // Room for the mark, which is one character of six bytes.
        if length + 6 <= bytes {
            kept = at + character.len_utf8();
        }
        if length > bytes {
            return Some(format!("{}…", text.get(..kept).unwrap_or_default()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn document(filling: &str, times: usize) -> Value {
        let process = json!({ "args": vec![filling; times], "name": filling });
        json!({
            "@timestamp": filling, "message": filling, "tags": [filling],
            "event": { "id": filling, "action": filling, "sequence": i64::MAX, "severity": 99 },
            "host": { "name": filling }, "user": { "name": filling }, "process": process,
            "mcpwatch": {
                "level": filling, "scope": filling, "server": filling, "drift": { "observed": filling },
                "chain": { "hash": filling, "previous": filling },
                "provenance": { "ancestors": vec![process.clone(); times], "line": filling },
            },
        })
    }

    fn within(document: &Value, limit: usize) -> Value {
        let line = super::within(document.as_object().unwrap(), limit);
        assert!(line.is_ascii() && line.len() <= limit.max(LEAST), "{} of {limit}", line.len());
        serde_json::from_slice(&line).unwrap()
    }

    #[test]
    fn what_matters_least_goes_first_and_is_named() {
        let short = within(&document("0123456789", 40), 2000);
        assert_eq!(short["mcpwatch"]["cut"], json!(["mcpwatch.provenance.ancestors"]));
        assert_eq!(short["process"]["args"].as_array().map(Vec::len), Some(40));
        let short = within(&document(&"x".repeat(400), 3), 2500);
        let cut = short["mcpwatch"]["cut"].as_array().unwrap();
        assert_eq!(cut.last(), Some(&json!("texts beyond 128 bytes, lists beyond 16")));
        assert!(short["message"].as_str().is_some_and(|text| text.ends_with('…')));
        assert_eq!(short["event"]["sequence"], i64::MAX);
    }

    #[test]
    fn the_essence_always_fits() {
        for filling in ["x", "\u{e0041}", "\u{0}", "\"", "ß\\"] {
            let short = within(&document(&filling.repeat(3000), 3), 0);
            assert_eq!(short["event"]["sequence"], i64::MAX);
            assert!(short["mcpwatch"]["cut"].is_array());
        }
        let mut many = document("x", 1);
        for name in 0..5000 {
            many["mcpwatch"][format!("field{name}")] = json!(name);
        }
        assert_eq!(within(&many, 2000)["mcpwatch"]["cut"], json!(["all but the essence"]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_limit_is_kept(filling in ".{0,8}", times in 0..100_usize, limit in 0..9000_usize) {
            within(&document(&filling.repeat(times), times % 20), limit);
        }
    }
}
