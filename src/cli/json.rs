//! JSON that is safe to look at: characters that a terminal would obey or hide are written as `\uXXXX`, which
//! means the same to every parser. Knows nothing of what is written.

use crate::model::hidden::is_hidden;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};
use std::borrow::Cow;
use std::io::{self, Write};

/// A formatter that keeps another's layout and escapes more.
struct Visible<F>(F);

/// `value` on one line.
pub(crate) fn line(value: &impl Serialize) -> io::Result<String> {
    write(value, CompactFormatter)
}

/// `value`, indented by two spaces.
pub(crate) fn pretty(value: &impl Serialize) -> io::Result<String> {
    write(value, PrettyFormatter::new())
}

/// A document of one line, with everything hidden as `\uXXXX`. That can only stand in its strings.
pub(crate) fn visible(document: &str) -> Cow<'_, str> {
    // Nearly all of them, and far quicker than character by character.
    if document.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(document);
    }
    let mut text = String::with_capacity(document.len());
    for character in document.chars() {
        if is_hidden(character) {
            character
                .encode_utf16(&mut [0; 2])
                .iter()
                .for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
        } else {
            text.push(character);
        }
    }
    Cow::Owned(text)
}

fn write<F: Formatter>(value: &impl Serialize, layout: F) -> io::Result<String> {
    let mut bytes = Vec::with_capacity(1024);
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Visible(layout)))?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

impl<F: Formatter> Formatter for Visible<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // Nearly all of them, and far quicker than character by character.
        if fragment.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return self.0.write_string_fragment(writer, fragment);
        }
        let mut rest = fragment;
        while let Some((at, character)) = rest.char_indices().find(|(_, character)| is_hidden(*character)) {
            let (plain, from) = rest.split_at(at);
            self.0.write_string_fragment(writer, plain)?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
            rest = from.get(character.len_utf8()..).unwrap_or_default();
        }
        self.0.write_string_fragment(writer, rest)
    }
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }
    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }
    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }
    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }
    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }
    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }
    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hidden_characters_are_escaped_as_json_has_it() {
        let value = serde_json::json!({"\u{202e}k": ["a\u{1b}\n\u{e0041}", "größe"]});
        assert_eq!(line(&value).unwrap(), r#"{"\u202ek":["a\u001b\n\udb40\udc41","größe"]}"#);
        assert!(pretty(&value).unwrap().starts_with("{\n  \"\\u202ek\""));
    }

    proptest! {
        #[test]
        fn it_reads_back_as_it_was(text in any::<String>()) {
            let written = line(&text).unwrap();
            prop_assert!(!written.chars().any(is_hidden));
            prop_assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }
    }
}
