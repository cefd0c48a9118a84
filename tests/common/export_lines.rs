//! What must hold when a document of any bytes is exported: one line in every format, bounded where that is promised, and
//! read back where it is JSON. Shared by the fuzz target and the replay of its seeds.

use mcpwatch::export::{Format, Frame, Payload, Stored};
use mcpwatch::model::hidden::is_hidden;
use serde_json::{Map, Value};

/// The limits of syslog messages that are tried.
const LIMITS: [usize; 3] = [0, 4000, 65_000];

/// As many characters of a text stand everywhere.
const EVERYWHERE: usize = 300;

/// Bytes that are no document are taken for the text that stands everywhere in one.
pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match serde_json::from_str::<Map<String, Value>>(&text) {
        Ok(document) => check_document(&document, &text),
        Err(_) => {
            let document = everywhere(&text.chars().take(EVERYWHERE).collect::<String>());
            let stored = Value::Object(document.clone()).to_string();
            check_document(&document, &stored);
        }
    }
}

fn check_document(document: &Map<String, Value>, text: &str) {
    let event = Stored { document, text };
    for format in Format::ALL {
        let line = written(|out| format.write(event, out));
        match format {
            // What is laid out on lines is written anew, and a fraction may be rounded by that.
            Format::Jsonl if text.bytes().any(|byte| byte.is_ascii_control()) => _ = object(&line),
            Format::Jsonl => assert_eq!(object(&line), *document, "the document is another one"),
            Format::EcsFlat => assert!(object(&line).len() >= document.len().min(1)),
            Format::Ocsf => assert_eq!(object(&line)["class_uid"], 2004),
            Format::Cef => assert!(line.starts_with("CEF:0|mcpwatch|mcpwatch|")),
            Format::Syslog => assert!(line.starts_with('<') && line.len() <= 8000),
        }
    }
    for limit in LIMITS {
        for payload in [Payload::Json, Payload::Cef] {
            let frame = Frame { limit, payload, ..Frame::default() };
            let line = written(|out| frame.write(event, out));
            assert!(line.len() <= limit.max(2048), "{} of {limit}", line.len());
        }
    }
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut line = Vec::new();
    write(&mut line);
    let line = String::from_utf8(line).unwrap_or_else(|error| unreachable!("{error}"));
    assert!(!line.chars().any(is_hidden), "{line:?}");
    line
}

fn object(line: &str) -> Map<String, Value> {
    serde_json::from_str(line).unwrap_or_else(|error| unreachable!("{error}: {line}"))
}

/// A document that says `text` in every field that a format looks at.
fn everywhere(text: &str) -> Map<String, Value> {
    let mut document = Map::new();
    let sections = mcpwatch::model::event::fields::sections();
    for (name, _) in sections.flat_map(mcpwatch::model::event::fields::Section::named) {
        put(&mut document, &name, text);
    }
    document
}

fn put(members: &mut Map<String, Value>, name: &str, text: &str) {
    let Some((first, rest)) = name.split_once('.') else {
        members.insert(name.to_owned(), Value::from(text));
        return;
    };
    let inner = members.entry(first).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(inner) = inner {
        put(inner, rest, text);
    }
}
