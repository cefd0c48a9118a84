//! The bytes of an entry as they may be shown: everything as it stands there, but each string that is secret, or of
//! which nothing is known, as its fingerprint. Knows nothing of files.

use crate::model::digest::Key;
use crate::model::entry::Transport;
use crate::model::secret::Secret;
use crate::model::text::Text;
use crate::model::value::Value;
use std::collections::HashMap;

/// Masks the strings of a piece of JSON by what is known of them from `values`.
pub(super) fn masked<'v>(raw: &str, values: impl Iterator<Item = &'v Value>, key: &Key) -> String {
    let mut known = HashMap::new();
    values.for_each(|value| collect(value, &mut known));
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(start) = rest.find('"') {
        let (before, from) = rest.split_at(start);
        let (token, after) = from.split_at(end_of_string(from));
        out.push_str(before);
        match after.trim_start().starts_with(':') {
            true => out.push_str(token),
            false => out.push_str(&shown(token, &known, key)),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn shown(token: &str, known: &HashMap<String, &Text>, key: &Key) -> String {
    // NOTE(default): every string of a document that was read is one; else it is shown as a secret.
    let text: String = serde_json::from_str(token).unwrap_or_else(|_| token.to_owned());
    match known.get(&text) {
        Some(text) if text.has_secret() => serde_json::Value::from(text.shown(key)).to_string(),
        Some(_) => token.to_owned(),
        // The entry has its transport in the client's own word.
        None if !matches!(Transport::from_word(Some(&text)), Transport::Other(_)) => token.to_owned(),
        None => serde_json::Value::from(Secret::new(text).shown(key)).to_string(),
    }
}

fn collect<'v>(value: &'v Value, known: &mut HashMap<String, &'v Text>) {
    match value {
        Value::Text(text) => {
            let before = known.insert(text.reveal(), text);
            // The same word may be secret in one place: then it is everywhere.
            if let Some(before) = before.filter(|before| before.has_secret()) {
                known.insert(text.reveal(), before);
            }
        }
        Value::List(items) => items.iter().for_each(|item| collect(item, known)),
        Value::Object(members) => members.values().for_each(|member| collect(member, known)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Deep(_) => {}
    }
}

/// Where the string ends with whose quote the text begins.
fn end_of_string(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        match bytes.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
            None => return text.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::samples::entry;

    #[test]
    fn what_is_secret_or_unknown_is_not_shown_and_all_else_is_as_it_stands() {
        let raw = "\"li\\u006eear\" : {\n  \"type\": \"streamable-http\", \"url\":\"https:\\/\\/a.example/\",\n \
                   \"headers\": {\"X-Key\": \"hunter2\"}, \"x\": [1, \"CANARY\"]}";
        let value = entry("https://a.example/");
        let text = masked(raw, [&value].into_iter(), &Key::from_bytes([1; 32]));
        assert!(!text.contains("hunter2") && !text.contains("CANARY"), "{text}");
        assert_eq!(text.matches("‹secret ").count(), 2);
        let visible = raw.replace("\"hunter2\"", "").replace("\"CANARY\"", "");
        let kept = text.split("\"‹secret ").map(|part| part.split_once("›\"").map_or(part, |(_, rest)| rest));
        assert_eq!(kept.collect::<String>(), visible);
    }
}
