//! JSON on one line, in which nothing hides: what a terminal would obey, or an eye would not see, is written as
//! `\uXXXX`, which means the same to every parser. Must not know what is written.

use crate::model::hidden::is_hidden;
use serde::Serialize;

/// A value as compact JSON. Control characters stand in it as escapes, others as they are.
pub(super) fn of(value: &impl Serialize) -> String {
    // NOTE(cannot fail): the keys of what is written here are texts, and numbers are finite.
    serde_json::to_string(value).unwrap_or_default()
}

/// Appends JSON on one line, with everything hidden as `\uXXXX`: it can only stand in texts.
pub(super) fn visible(json: &str, out: &mut Vec<u8>) {
    escape(json, is_hidden, out);
}

/// Appends JSON on one line, with everything beyond ASCII as `\uXXXX`.
pub(super) fn ascii(json: &str, out: &mut Vec<u8>) {
    escape(json, is_beyond_ascii, out);
}

/// How many bytes [`ascii`] would append.
pub(super) fn ascii_length(json: &str) -> usize {
    if is_plain(json) {
        return json.len();
    }
    json.chars().map(|character| if is_beyond_ascii(character) { character.len_utf16() * 6 } else { 1 }).sum()
}

/// Whether nothing in it is escaped. Looks at every byte, many at once: nearly every document is plain.
fn is_plain(json: &str) -> bool {
    json.bytes().fold(true, |is_plain, byte| is_plain & matches!(byte, b' '..=b'~'))
}

/// What is no ASCII that can be seen.
fn is_beyond_ascii(character: char) -> bool {
    !matches!(character, ' '..='~')
}

fn escape(json: &str, is_escaped: impl Fn(char) -> bool, out: &mut Vec<u8>) {
    if is_plain(json) {
        return out.extend_from_slice(json.as_bytes());
    }
    let mut rest = json;
    while let Some((at, character)) = rest.char_indices().find(|(_, character)| is_escaped(*character)) {
        let (plain, from) = rest.split_at(at);
        out.extend_from_slice(plain.as_bytes());
        for unit in character.encode_utf16(&mut [0; 2]) {
            out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
        }
        rest = from.get(character.len_utf8()..).unwrap_or_default();
    }
    out.extend_from_slice(rest.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    proptest! {
        #[test]
        fn it_reads_back_as_it_was(name in any::<String>(), text in any::<String>()) {
            let value = json!({ name: [text, 1, null] });
            for write in [visible, ascii] {
                let mut line = Vec::new();
                write(&of(&value), &mut line);
                let line = String::from_utf8(line).unwrap();
                prop_assert!(!line.chars().any(is_hidden), "{line:?}");
                prop_assert_eq!(&serde_json::from_str::<Value>(&line).unwrap(), &value);
            }
        }

        #[test]
        fn the_length_is_known_before(text in any::<String>()) {
            let (text, mut line) = (of(&text), Vec::new());
            ascii(&text, &mut line);
            prop_assert!(line.is_ascii());
            prop_assert_eq!(line.len(), ascii_length(&text));
        }
    }
}
