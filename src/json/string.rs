//! Strings out of their raw text. It must not know where in a document they stand.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error, Visitor};

use super::object::Name;

/// The name that a raw key means; the raw text includes the quotes and was found valid.
pub(super) fn name(raw: &str) -> Name<'_> {
    let identity = unescape(raw);
    let text = match &identity {
        // Nothing was escaped, so the name is the raw text between the quotes.
        Cow::Borrowed(_) => Cow::Borrowed(between_quotes(raw)),
        Cow::Owned(bytes) => Cow::Owned(well_formed(bytes.clone())),
    };
    Name { identity, text }
}

/// The string that a raw value means; the raw text includes the quotes and was found valid.
pub(super) fn value(raw: &str) -> String {
    well_formed(unescape(raw).into_owned())
}

fn between_quotes(raw: &str) -> &str {
    raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(raw)
}

/// The string as bytes: UTF-8, except that a surrogate without a partner is encoded like any other
/// code point.
fn unescape(raw: &str) -> Cow<'_, [u8]> {
    let inner = between_quotes(raw);
    if !inner.contains('\\') {
        return Cow::Borrowed(inner.as_bytes());
    }
    let mut parser = serde_json::Deserializer::from_str(raw);
    // It was found valid, so it does not fail; if it did, the raw text would be the nearest thing.
    parser.deserialize_bytes(Bytes).map_or(Cow::Borrowed(inner.as_bytes()), Cow::Owned)
}

/// Replaces each surrogate (ED A0..BF xx) by U+FFFD, which is as long.
fn well_formed(mut bytes: Vec<u8>) -> String {
    let mut rest = bytes.as_mut_slice();
    while let Some(at) = rest.iter().position(|&byte| byte == 0xed) {
        rest = rest.get_mut(at..).unwrap_or_default();
        if let [first, second @ 0xa0..=0xbf, third, ..] = rest {
            (*first, *second, *third) = (0xef, 0xbf, 0xbd);
        }
        rest = rest.get_mut(1..).unwrap_or_default();
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(value(r#""a\"\\\/\b\f\n\r\t\u0041""#), "a\"\\/\u{8}\u{c}\n\r\tA");
        assert_eq!(value(r#""\ud83d\ude00""#), "\u{1f600}");
        assert_eq!(value("\"\u{d7ff}\u{ed00}é\""), "\u{d7ff}\u{ed00}é");
        assert_eq!(value(r#""\ud7ff\u0000""#), "\u{d7ff}\0");
        assert_eq!(value(r#""""#), "");
    }

    #[test]
    fn each_lone_surrogate_becomes_one_replacement() {
        assert_eq!(value(r#""\ud800""#), "\u{fffd}");
        assert_eq!(value(r#""\udc00\ud800""#), "\u{fffd}\u{fffd}");
        assert_eq!(value(r#""\ud800\ud83d\ude00x""#), "\u{fffd}\u{1f600}x");
        assert_eq!(value(r#""\ud800\n\udfffA""#), "\u{fffd}\n\u{fffd}A");
        assert_eq!(value(r#""\ud800\u0041""#), "\u{fffd}A");
    }

    #[test]
    fn a_name_keeps_apart_what_reads_the_same() {
        let (one, other) = (name(r#""\ud800""#), name(r#""\ufffd""#));
        assert_eq!(one.text, other.text);
        assert_ne!(one.identity, other.identity);
        assert_eq!(name(r#""\u0075rl""#), name(r#""url""#));
    }
}
