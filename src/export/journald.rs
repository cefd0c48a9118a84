//! An event as an entry of systemd's journal, in its native protocol
//! (<https://systemd.io/JOURNAL_NATIVE_PROTOCOL/>). Must not know how it gets there.

use super::{PRODUCT, Stored};
use crate::model::level::Level;
use serde_json::{Map, Value};

/// Deeper than any document; bounds the stack.
const DEEPEST: usize = 64;

/// The longest name of a field that the journal takes.
const LONGEST: usize = 64;

/// No more fields of one event: the journal takes 1024.
const MOST: usize = 500;

/// Appends the entry. Every field of the document is one of its own, `event.action` as `MCPWATCH_EVENT_ACTION`; a list
/// of plain values is a field for each; the whole document is `MCPWATCH_DOCUMENT`.
pub fn entry(event: Stored<'_>, out: &mut Vec<u8>) {
    let level: Level = event.text("mcpwatch.level").parse().unwrap_or(Level::Critical);
    field("MESSAGE", event.text("message"), out);
    field("PRIORITY", &priority(level).to_string(), out);
    field("SYSLOG_IDENTIFIER", PRODUCT, out);
    field("MCPWATCH_DOCUMENT", event.text, out);
    let mut left = MOST;
    members("MCPWATCH", event.document, DEEPEST, &mut left, out);
}

fn members(prefix: &str, document: &Map<String, Value>, depth: usize, left: &mut usize, out: &mut Vec<u8>) {
    for (name, value) in document {
        // What is ours already says so.
        let is_ours = prefix == "MCPWATCH" && name == "mcpwatch";
        let name = if is_ours { prefix.to_owned() } else { format!("{prefix}_{}", word(name)) };
        match value {
            Value::Object(inner) if depth > 0 => members(&name, inner, depth - 1, left, out),
            Value::Array(items) => items.iter().for_each(|item| plain(&name, item, left, out)),
            value => plain(&name, value, left, out),
        }
    }
}

fn plain(name: &str, value: &Value, left: &mut usize, out: &mut Vec<u8>) {
    if *left == 0 || name.len() > LONGEST {
        return;
    }
    match value {
        Value::Null => return,
        Value::String(text) => field(name, text, out),
        other => field(name, &other.to_string(), out),
    }
    *left -= 1;
}

/// What the journal takes in a name: capitals, digits and `_`.
fn word(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    name.trim_start_matches('@').chars().map(letter).collect()
}

/// A value with a line break in it has its length before it, so that nothing in it passes for another field.
fn field(name: &str, value: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(name.as_bytes());
    if value.contains('\n') {
        out.push(b'\n');
        out.extend_from_slice(&(value.len() as u64).to_le_bytes());
    } else {
        out.push(b'=');
    }
    out.extend_from_slice(value.as_bytes());
    out.push(b'\n');
}

/// The priority of syslog: the graver, the lower.
fn priority(level: Level) -> u8 {
    match level {
        Level::Critical => 2,
        Level::High => 3,
        Level::Medium => 4,
        Level::Low => 5,
        Level::Informational => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    /// The fields of an entry, as the journal reads them.
    fn read(mut rest: &[u8]) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| *byte == b'\n').unwrap();
            let line = std::str::from_utf8(&rest[..end]).unwrap();
            rest = &rest[end + 1..];
            let (name, value) = match line.split_once('=') {
                Some((name, value)) => (name, value.to_owned()),
                None => {
                    let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
                    let value = String::from_utf8(rest[8..8 + length].to_vec()).unwrap();
                    assert_eq!(rest[8 + length], b'\n');
                    rest = &rest[9 + length..];
                    (line, value)
                }
            };
            fields.push((name.to_owned(), value));
        }
        fields
    }

    fn fields(document: &Value) -> Vec<(String, String)> {
        let (text, mut out) = (document.to_string(), Vec::new());
        entry(Stored { document: document.as_object().unwrap(), text: &text }, &mut out);
        read(&out)
    }

    #[test]
    fn every_field_has_a_name_that_the_journal_takes() {
        let found = fields(&json!({
            "@timestamp": "t", "message": "It happened.\nMESSAGE=FAKE", "tags": ["a", "b"],
            "event": {"action": "agent-gap", "sequence": 7}, "mcpwatch": {"level": "high", "none": null},
        }));
        let said =
            |name: &str, value: &str| assert!(found.contains(&(name.into(), value.into())), "{found:?}");
        said("MESSAGE", "It happened.\nMESSAGE=FAKE");
        said("PRIORITY", "3");
        said("MCPWATCH_TIMESTAMP", "t");
        said("MCPWATCH_EVENT_ACTION", "agent-gap");
        said("MCPWATCH_EVENT_SEQUENCE", "7");
        said("MCPWATCH_LEVEL", "high");
        said("MCPWATCH_TAGS", "a");
        said("MCPWATCH_TAGS", "b");
        assert_eq!(found.iter().filter(|(name, _)| name == "MESSAGE").count(), 1);
    }

    proptest! {
        #[test]
        fn no_value_forges_a_field(name in any::<String>(), text in any::<String>()) {
            let found = fields(&json!({"message": text, name: text}));
            let is_name = |name: &str| {
                name.len() <= LONGEST && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            };
            prop_assert!(found.iter().all(|(name, _)| is_name(name)), "{found:?}");
            prop_assert_eq!(&found.iter().find(|(name, _)| name == "MESSAGE").unwrap().1, &text);
            prop_assert!(found.len() <= 6);
        }
    }
}
