//! Bytes into text, as the client does it. It must not know JSON.

use std::borrow::Cow;
use std::fmt;

/// U+FEFF in UTF-8.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A decoded document: the text after the byte order mark, and what decoding had to do.
#[derive(Clone, PartialEq, Eq)]
pub struct Text<'a> {
    /// Everything, the byte order mark included.
    all: Cow<'a, str>,
    start: usize,
    replaced: bool,
}

/// Decodes bytes as UTF-8. Each maximal invalid part becomes one U+FFFD, then one byte order mark
/// at the very start is dropped; a second one stays and is, to a reader of JSON, an error.
///
/// Valid bytes are not copied; of invalid ones a copy is made, at most three times as long.
pub fn decode(bytes: &[u8]) -> Text<'_> {
    // The standard library takes ten times as long over what is not ASCII.
    let (all, replaced) = match simdutf8::basic::from_utf8(bytes) {
        Ok(all) => (Cow::Borrowed(all), false),
        Err(_) => (String::from_utf8_lossy(bytes), true),
    };
    let start = if all.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len_utf8() } else { 0 };
    Text { all, start, replaced }
}

impl Text<'_> {
    /// The text, without the byte order mark. Offsets everywhere in this module count from here.
    pub fn as_str(&self) -> &str {
        self.all.get(self.start..).unwrap_or_default()
    }

    /// Whether a byte order mark was dropped.
    pub fn had_mark(&self) -> bool {
        self.start > 0
    }

    /// Whether bytes were invalid and replaced.
    pub fn was_replaced(&self) -> bool {
        self.replaced
    }

    /// The place of an offset of the text in the bytes it was decoded from; none when bytes were
    /// replaced, since offsets then no longer correspond.
    pub fn byte_offset(&self, offset: usize) -> Option<usize> {
        (!self.replaced).then_some(self.start + offset)
    }
}

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

/// Says how long the text is, never what it says: it may hold secrets.
impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Text")
            .field("length", &self.as_str().len())
            .field("had_mark", &self.had_mark())
            .field("was_replaced", &self.replaced)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_bytes_are_taken_over_without_a_copy() {
        let bytes = b"\xef\xbb\xbf{}";
        let text = decode(bytes);
        assert_eq!(text.as_str(), "{}");
        assert_eq!(text.as_str().as_ptr(), bytes.as_ptr().wrapping_add(3));
        assert!(text.had_mark());
        assert!(!text.was_replaced());
        assert_eq!(text.byte_offset(1), Some(4));
    }

    #[test]
    fn one_mark_is_dropped_and_a_second_stays() {
        let text = decode(b"\xef\xbb\xbf\xef\xbb\xbf{}");
        assert_eq!(text.as_str(), "\u{feff}{}");
        assert!(!decode(b" \xef\xbb\xbf").had_mark());
    }

    #[test]
    fn each_maximal_invalid_part_becomes_one_replacement() {
        // Truncated sequence, overlong, surrogate (CESU), beyond U+10FFFF, stray continuation.
        for (bytes, replaced) in [
            (&b"\xe2\x82"[..], "\u{fffd}"),
            (b"\xc0\xaf", "\u{fffd}\u{fffd}"),
            (b"\xed\xa0\x80", "\u{fffd}\u{fffd}\u{fffd}"),
            (b"\xf4\x90\x80\x80", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            (b"\xf0\x9f\x92a", "\u{fffd}a"),
            (b"\x80", "\u{fffd}"),
        ] {
            let text = decode(bytes);
            assert_eq!(text.as_str(), replaced);
            assert!(text.was_replaced());
            assert_eq!(text.byte_offset(0), None);
        }
    }

    #[test]
    fn debug_output_holds_no_content() {
        assert!(!format!("{:?}", decode(b"hunter2")).contains("hunter"));
    }
}
