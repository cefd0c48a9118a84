//! Places in a decoded text as places in the bytes that it was decoded from. Must not know JSON.

use crate::json::Text;
use std::ops::Range;

/// What stands for bytes that are no UTF-8 in the text.
const REPLACEMENT: usize = '\u{fffd}'.len_utf8();

/// Translates places.
pub(super) struct Places<'a> {
    bytes: &'a [u8],
    /// The length of the byte order mark, which is not in the text.
    mark: usize,
    was_replaced: bool,
}

impl<'a> Places<'a> {
    pub(super) fn of(text: &Text<'_>, bytes: &'a [u8]) -> Self {
        let mark = if text.had_mark() { '\u{feff}'.len_utf8() } else { 0 };
        Self { bytes, mark, was_replaced: text.was_replaced() }
    }

    /// The same stretch in the bytes.
    pub(super) fn in_bytes(&self, span: &Range<usize>) -> Range<usize> {
        self.in_byte(span.start)..self.in_byte(span.end)
    }

    fn in_byte(&self, offset: usize) -> usize {
        let wanted = offset + self.mark;
        if !self.was_replaced {
            return wanted;
        }
        // Every stretch that is no UTF-8 is one replacement character in the text, however long it is here.
        let (mut here, mut there) = (0, 0);
        for chunk in self.bytes.utf8_chunks() {
            let valid = chunk.valid().len();
            if wanted <= there + valid {
                return here + (wanted - there);
            }
            here += valid + chunk.invalid().len();
            there += valid + if chunk.invalid().is_empty() { 0 } else { REPLACEMENT };
        }
        here
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::decode;

    #[test]
    fn replaced_bytes_and_a_mark_are_counted() {
        let bytes = b"\xef\xbb\xbfa\xe2\x82b\xffc";
        let text = decode(bytes);
        let places = Places::of(&text, bytes);
        for (letter, at) in [("a", 3), ("b", 6), ("c", 8)] {
            let offset = text.as_str().find(letter).unwrap();
            assert_eq!(places.in_bytes(&(offset..offset + 1)), at..at + 1, "{letter}");
        }
    }
}
