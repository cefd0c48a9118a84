//! What a terminal would obey or an eye would not see, and how it is made visible. Must not know of colours, or where a
//! text came from.
//!
//! A server's name, a path or an error may hold anything: terminal escapes that rewrite the screen,
//! bidirectional marks that turn a host around, characters of no width. None of them reaches a terminal.

use std::borrow::Cow;
use std::fmt::Write as _;

/// One stretch of a string as it may be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown<'a> {
    /// Printed as it is.
    Plain(&'a str),
    /// One character that was made visible, such as `\u{202e}`.
    Escape(String),
}

/// Cuts `raw` into what may be printed and what was made visible.
pub fn pieces(raw: &str) -> Vec<Shown<'_>> {
    let mut found = Vec::new();
    let mut plain_from = 0;
    for (at, character) in raw.char_indices().filter(|(_, character)| is_hidden(*character)) {
        if let Some(plain) = raw.get(plain_from..at).filter(|plain| !plain.is_empty()) {
            found.push(Shown::Plain(plain));
        }
        found.push(Shown::Escape(visible(character)));
        plain_from = at + character.len_utf8();
    }
    if let Some(plain) = raw.get(plain_from..).filter(|plain| !plain.is_empty()) {
        found.push(Shown::Plain(plain));
    }
    found
}

/// `raw` with everything hidden made visible.
pub fn escape(raw: &str) -> Cow<'_, str> {
    if !raw.chars().any(is_hidden) {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(
        pieces(raw)
            .iter()
            .map(|piece| match piece {
                Shown::Plain(plain) => plain,
                Shown::Escape(escape) => escape.as_str(),
            })
            .collect(),
    )
}

/// Whether a terminal would obey or hide `character`.
pub fn is_hidden(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    is_blank(character) || !is_printable(character)
}

/// Letters, marks and symbols that have a glyph without ink, or none at all.
fn is_blank(character: char) -> bool {
    matches!(
        character,
        '\u{034f}'                    // combining grapheme joiner
            | '\u{115f}' | '\u{1160}' // Hangul fillers
            | '\u{17b4}' | '\u{17b5}' // Khmer inherent vowels
            | '\u{180b}'..='\u{180f}' // Mongolian variation selectors
            | '\u{2800}'              // the empty Braille pattern
            | '\u{3164}' | '\u{ffa0}' // Hangul fillers
            | '\u{fe00}'..='\u{fe0f}' // variation selectors
            | '\u{fffc}'              // object replacement
            | '\u{1d159}'             // the musical null note head
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// The standard library's own judgement: control, format, separator, private and unassigned characters are
/// not printable. A letter stands before, because a combining mark is only escaped where it starts a string.
fn is_printable(character: char) -> bool {
    let mut two = [0_u8; 5];
    let Some((first, rest)) = two.split_first_mut() else { return false };
    *first = b'a';
    let width = character.encode_utf8(rest).len();
    let text = two.get(..=width).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
    text.escape_debug().nth(1) == Some(character)
}

fn visible(character: char) -> String {
    match character {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        other => {
            let mut escape = String::with_capacity(10);
            // NOTE(ignored): writing to a string cannot fail.
            let _ = write!(escape, "\\u{{{:x}}}", u32::from(other));
            escape
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_obeys_is_shown() {
        for (raw, shown) in [
            ("plain", "plain"),
            ("\u{1b}[2Jx", "\\u{1b}[2Jx"),
            ("a\nb\tc\r", "a\\nb\\tc\\r"),
            ("\u{9b}1m", "\\u{9b}1m"),
            ("mcp.\u{202e}raenil", "mcp.\\u{202e}raenil"),
            ("\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}", "\\u{2066}\\u{2069}\\u{200e}\\u{200f}\\u{61c}"),
            ("a\u{200b}\u{200c}\u{200d}\u{feff}b", "a\\u{200b}\\u{200c}\\u{200d}\\u{feff}b"),
            ("a\u{ad}b\u{2028}\u{2029}", "a\\u{ad}b\\u{2028}\\u{2029}"),
            ("a\u{a0}b\u{3000}", "a\\u{a0}b\\u{3000}"),
            ("\u{e0041}\u{fe0f}\u{3164}", "\\u{e0041}\\u{fe0f}\\u{3164}"),
            ("\u{e000}\u{fff9}", "\\u{e000}\\u{fff9}"),
        ] {
            assert_eq!(escape(raw), shown);
        }
    }

    #[test]
    fn people_write_in_their_own_words() {
        for plain in [
            "größe",
            "日本語",
            "línéar\u{301}",
            "हिन्दी",
            "Ελληνικά",
            "‹secret 3f9a1c›",
            "a 'b' \"c\" \\d",
            "✓ ±",
        ] {
            assert_eq!(escape(plain), plain);
        }
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(raw in any::<String>()) {
            let shown = escape(&raw);
            prop_assert!(!shown.chars().any(|c| c.is_control() || is_hidden(c)), "{shown:?}");
            prop_assert_eq!(escape(&shown), shown.as_ref());
        }

        #[test]
        fn no_format_character_of_the_known_ranges_is_left(code in prop_oneof![
            0x80_u32..0xa1, Just(0xad), 0x600_u32..0x606, Just(0x61c), Just(0x6dd), Just(0x70f), 0x2000_u32..0x2010,
            0x2028_u32..0x2030, 0x205f_u32..0x2070, 0xfff9_u32..0xfffc, 0xe0000_u32..0xe0080,
        ]) {
            let character = char::from_u32(code).unwrap();
            let shown = escape(&character.to_string()).into_owned();
            prop_assert_eq!(shown, format!("\\u{{{code:x}}}"));
        }

        #[test]
        fn the_pieces_are_the_whole(raw in any::<String>()) {
            let joined: String = pieces(&raw).iter().map(|piece| match piece {
                Shown::Plain(plain) => (*plain).to_owned(),
                Shown::Escape(escape) => escape.clone(),
            }).collect();
            prop_assert_eq!(joined, escape(&raw).into_owned());
        }
    }
}
