//! Syslog messages, read back by a parser of the RFC's grammar.

use super::*;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A message, taken apart.
#[derive(Debug)]
struct Message {
    priority: u32,
    /// Time, host, program, process and action.
    header: Vec<String>,
    data: Vec<(String, String)>,
    payload: String,
}

fn parse(message: &str) -> Message {
    let (priority, rest) = message.strip_prefix('<').unwrap().split_once(">1 ").unwrap();
    let mut parts = rest.splitn(6, ' ');
    let header: Vec<String> = parts.by_ref().take(5).map(str::to_owned).collect();
    let longest = [32, HOST, 48, 128, MESSAGE_ID];
    for (word, longest) in header.iter().zip(longest) {
        assert!(
            !word.is_empty() && word.len() <= longest && word.bytes().all(|byte| byte.is_ascii_graphic())
        );
    }
    let mut letters = parts.next().unwrap().strip_prefix(&format!("[{DATA}")).unwrap().chars();
    let mut data = Vec::new();
    loop {
        match letters.next() {
            Some(']') => break,
            Some(' ') => {}
            other => panic!("{other:?} in {message}"),
        }
        let name: String = letters.by_ref().take_while(|letter| *letter != '=').collect();
        assert_eq!(letters.next(), Some('"'));
        let mut value = String::new();
        loop {
            match letters.next().unwrap() {
                '\\' => value.extend(letters.next()),
                '"' => break,
                ']' => panic!("a bare bracket in {message}"),
                letter => value.push(letter),
            }
        }
        data.push((name, value));
    }
    assert_eq!(letters.next(), Some(' '));
    Message { priority: priority.parse().unwrap(), header, data, payload: letters.collect() }
}

fn hostile(text: &str) -> Map<String, Value> {
    let document = json!({
        "@timestamp": text, "message": text, "host": { "name": text },
        "event": { "action": text, "id": text, "sequence": 7 },
        "mcpwatch": { "level": text, "server": text, "provenance": { "line": text } },
    });
    let Value::Object(document) = document else { unreachable!() };
    document
}

fn written(frame: Frame, document: &Map<String, Value>, text: &str) -> String {
    let mut line = Vec::new();
    frame.write(Stored { document, text }, &mut line);
    let line = String::from_utf8(line).unwrap();
    assert!(line.len() <= frame.limit.max(LEAST), "{} of {}", line.len(), frame.limit);
    assert!(!line.chars().any(is_hidden), "{line:?}");
    line
}

fn document() -> Map<String, Value> {
    let document = json!({
        "@timestamp": "2026-01-02T03:04:05.678901Z", "host": { "name": "ws-12" },
        "event": { "action": "endpoint-host-changed", "id": "0198", "sequence": 7 }, "mcpwatch": { "level": "high" },
    });
    let Value::Object(document) = document else { unreachable!() };
    document
}

#[test]
fn a_message_is_read_back() {
    let document = document();
    let text = json_text::of(&document);
    let message = parse(&written(Frame::default(), &document, &text));
    assert_eq!(message.priority, 10 * 8 + 3);
    assert_eq!(
        message.header,
        ["2026-01-02T03:04:05.678901Z", "ws-12", "mcpwatch", "-", "endpoint-host-changed"]
    );
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let data = [pair("id", "0198"), pair("sequence", "7"), pair("level", "high"), pair("version", VERSION)];
    assert_eq!(message.data, data);
    assert_eq!(message.payload, text);
    let cef = Frame { payload: Payload::Cef, facility: Facility::Local7, ..Frame::default() };
    let message = parse(&written(cef, &document, &text));
    assert_eq!(message.priority, 23 * 8 + 3);
    assert!(message.payload.starts_with("CEF:0|mcpwatch|"));
}

#[test]
fn what_somebody_laid_out_on_lines_is_one_line() {
    let document = document();
    let text = serde_json::to_string_pretty(&document).unwrap();
    assert_eq!(parse(&written(Frame::default(), &document, &text)).payload, json_text::of(&document));
}

#[test]
fn facilities_and_payloads_are_known_by_word() {
    assert_eq!(("authpriv".parse(), Facility::Authpriv.number()), (Ok(Facility::Authpriv), 10));
    assert_eq!(Facility::Local7.number(), 23);
    assert_eq!("cef".parse(), Ok(Payload::Cef));
    assert!("10".parse::<Facility>().is_err() && "xml".parse::<Payload>().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn nothing_breaks_or_forges_a_message(
        text in prop_oneof![any::<String>(), "[ |=\\]\"\\\\\\n\\r\u{202e}a\u{2028}<>]{0,40}", Just("-000001-01-01T00:00:00Z".to_owned())],
        times in 0..60_usize, limit in 0..12_000_usize,
    ) {
        let document = hostile(&text.repeat(times));
        let stored = json_text::of(&document);
        for payload in [Payload::Json, Payload::Cef] {
            let frame = Frame { limit, payload, ..Frame::default() };
            let line = written(frame, &document, &stored);
            let message = parse(&line);
            prop_assert_eq!(message.data.len(), 4);
            prop_assert_eq!(&message.data[1].1, "7");
            if payload == Payload::Json {
                let said: Value = serde_json::from_str(&message.payload).unwrap();
                prop_assert_eq!(&said["event"]["sequence"], 7);
                prop_assert!(said == Value::Object(document.clone()) || said["mcpwatch"]["cut"].is_array());
            } else {
                prop_assert!(message.payload.starts_with("CEF:0|"));
            }
        }
    }
}
