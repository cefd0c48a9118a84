//! CEF, read back by a parser of its own.

use super::*;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

/// Header and pairs of a line, unescaped, as the format's description reads them.
fn parse(line: &str) -> (Vec<String>, BTreeMap<String, String>) {
    let mut header = vec![String::new()];
    let mut letters = line.chars();
    while header.len() < 8 {
        match letters.next() {
            Some('\\') => header.last_mut().unwrap().extend(letters.next()),
            Some('|') => header.push(String::new()),
            Some(letter) => header.last_mut().unwrap().push(letter),
            None => panic!("the header ends early: {line}"),
        }
    }
    let mut fields = BTreeMap::new();
    let mut rest: Vec<char> = letters.collect();
    while let Some(equals) = last_bare_equals(&rest) {
        let value: String = unescaped(&rest[equals + 1..]);
        let key_at = rest[..equals].iter().rposition(|letter| *letter == ' ').map_or(0, |space| space + 1);
        let key: String = rest[key_at..equals].iter().collect();
        assert!(fields.insert(key.clone(), value).is_none(), "{key} twice: {line}");
        rest.truncate(key_at.saturating_sub(1));
    }
    assert!(rest.is_empty(), "{line}");
    header.pop();
    (header, fields)
}

fn last_bare_equals(letters: &[char]) -> Option<usize> {
    let is_bare =
        |at: &usize| letters[..*at].iter().rev().take_while(|letter| **letter == '\\').count() % 2 == 0;
    (0..letters.len()).rev().filter(|at| letters[*at] == '=').find(is_bare)
}

fn unescaped(letters: &[char]) -> String {
    let mut letters = letters.iter();
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        text.extend(if *letter == '\\' { letters.next() } else { Some(letter) });
    }
    text
}

/// What a reader should see of a text.
fn seen(text: &str) -> String {
    let shown = |letter: char| match is_hidden(letter) {
        true => format!("\\u{{{:x}}}", u32::from(letter)),
        false => letter.to_string(),
    };
    text.chars().map(shown).collect::<String>().trim_end_matches(' ').to_owned()
}

fn written(document: &Value, limit: usize) -> String {
    let mut line = Vec::new();
    write(document.as_object().unwrap(), limit, &mut line);
    let line = String::from_utf8(line).unwrap();
    assert!(line.len() <= limit.max(LEAST), "{} of {limit}", line.len());
    assert!(!line.chars().any(is_hidden), "{line:?}");
    line
}

fn hostile(text: &str) -> Value {
    json!({
        "@timestamp": "2026-01-02T03:04:05.678901Z", "message": text,
        "event": { "action": text, "id": text, "sequence": 7 }, "host": { "name": text, "id": text },
        "user": { "id": text, "name": text }, "url": { "domain": text, "original": text, "scheme": text, "port": 443 },
        "file": { "path": text, "name": text, "mode": text, "mtime": text, "hash": { "sha256": text } },
        "process": { "pid": 1, "executable": text, "command_line": text, "user": { "id": text } },
        "rule": { "name": text }, "threat": { "technique": { "id": [text, text] } },
        "package": { "name": text, "version": text },
        "mcpwatch": {
            "level": "high", "server": text, "scope": text, "project": text,
            "drift": { "id": text, "field": text, "expected": text, "observed": text },
            "provenance": { "line": text, "actor": text, "confidence": text }, "chain": { "hash": text },
        },
    })
}

#[test]
fn a_line_is_read_back() {
    let line = written(&hostile("a|b=c\\d\ne"), LIMIT);
    let (header, fields) = parse(&line);
    assert_eq!(header[..4], ["CEF:0", "mcpwatch", "mcpwatch", VERSION]);
    assert_eq!(header[4..], ["a|b=c\\d\\u{a}e", "a|b=c\\d\\u{a}e", "8"]);
    assert_eq!(fields["cs1"], "a|b=c\\d\\u{a}e");
    assert_eq!((fields["cs1Label"].as_str(), fields["rt"].as_str()), ("server", "1767323045678"));
    assert_eq!((fields["cn1"].as_str(), fields["dpt"].as_str()), ("7", "443"));
    assert!(!fields.contains_key("mcpwatchCut") && !fields.contains_key("fileModificationTime"));
}

#[test]
fn what_is_cut_is_named() {
    let (_, fields) = parse(&written(&hostile(&"=".repeat(600)), 8000));
    assert!(fields["msg"].ends_with("=…") && fields["msg"].len() < 300);
    assert!(fields["mcpwatchCut"].contains("msg,") && !fields["mcpwatchCut"].contains("others"));
    let (_, fields) = parse(&written(&hostile(&"\u{e0041}".repeat(6000)), 0));
    assert!(fields["mcpwatchCut"].ends_with("others"), "{fields:?}");
    assert_eq!(fields["cn1"], "7");
}

#[test]
fn an_event_without_anything_is_a_line() {
    assert_eq!(written(&json!({}), LIMIT), format!("CEF:0|mcpwatch|mcpwatch|{VERSION}|||10|"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn nothing_breaks_or_forges_a_line(
        text in prop_oneof![any::<String>(), "[ |=\\\\\\n\\r\u{202e}a\u{2028}]{0,40}"], times in 1..9_usize,
    ) {
        let text = text.repeat(times);
        let line = written(&hostile(&text), LIMIT);
        let (header, fields) = parse(&line);
        prop_assert_eq!(header.len(), 7);
        let seen = seen(&text);
        if seen.is_empty() {
            prop_assert!(fields.get("cs1").is_none_or(String::is_empty));
        } else if fields.get("mcpwatchCut").is_none_or(|cut| !cut.contains("cs1")) {
            prop_assert_eq!(&fields["cs1"], &seen);
        }
        prop_assert!(fields.keys().all(|key| key == "mcpwatchCut"
            || PAIRS.iter().any(|pair| pair.0 == key || Some(pair.0) == key.strip_suffix("Label"))), "{:?}", fields);
    }

    #[test]
    fn any_limit_is_kept(text in ".{0,8}", times in 0..200_usize, limit in 0..20_000_usize) {
        written(&hostile(&text.repeat(times)), limit);
    }
}
