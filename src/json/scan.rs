//! What is remembered while one document is read: how far, on which path, which duplicates. It
//! must not know shapes.

use std::borrow::Cow;
use std::ops::Range;

use super::node::Duplicate;

/// How many duplicates of a document are listed; the others are counted.
pub const DUPLICATES: usize = 1_000;

/// How many bytes the paths of the listed duplicates may have together.
pub const PATHS: usize = 1 << 20;

/// One step from a value to one inside it.
#[derive(Debug)]
pub(super) enum Step<'a> {
    Name(Cow<'a, str>),
    Position(usize),
}

/// The state of reading one document.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    text: &'a str,
    /// Everything before it was consumed by the parser, which has no way to say where it is.
    cursor: usize,
    path: Vec<Step<'a>>,
    duplicates: Vec<Duplicate>,
    unlisted: usize,
    path_bytes: usize,
    /// How many values inside lists and objects that are wanted whole were made so far.
    pub(super) nodes: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Scan {
            text,
            cursor: 0,
            path: Vec::new(),
            duplicates: Vec::new(),
            unlisted: 0,
            path_bytes: 0,
            nodes: 0,
        }
    }

    /// Where the next value begins and its first byte. The parser may have consumed a separator
    /// since the cursor was last set.
    pub(super) fn ahead(&self) -> (usize, Option<u8>) {
        let mut separators = 1;
        let rest = self.text.as_bytes().get(self.cursor..).unwrap_or_default();
        let found = rest.iter().position(|byte| match byte {
            b' ' | b'\n' | b'\r' | b'\t' => false,
            b',' | b':' if separators > 0 => {
                separators -= 1;
                false
            }
            _ => true,
        });
        let offset = found.unwrap_or(rest.len());
        (self.cursor + offset, rest.get(offset).copied())
    }

    /// Moves over a raw part of the text that the parser has just consumed, and says where it is.
    pub(super) fn consume(&mut self, raw: &str) -> Range<usize> {
        // The parser borrows from the text, so the distance of the addresses is the offset.
        let start = raw.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        self.cursor = start + raw.len();
        start..self.cursor
    }

    /// Moves over the one byte that opens a list or an object.
    pub(super) fn open(&mut self, start: usize) {
        self.cursor = start + 1;
    }

    /// Moves over the closing byte of what began at `start`, and says where all of it is.
    pub(super) fn close(&mut self, start: usize) -> Range<usize> {
        self.cursor = self.ahead().0 + 1;
        start..self.cursor
    }

    /// The text of a place.
    pub(super) fn raw(&self, span: Range<usize>) -> &'a str {
        self.text.get(span).unwrap_or_default()
    }

    pub(super) fn enter(&mut self, step: Step<'a>) {
        self.path.push(step);
    }

    pub(super) fn leave(&mut self) {
        self.path.pop();
    }

    /// Notes that the member `name` of the value that the path leads to came again.
    pub(super) fn duplicate(&mut self, name: &str, span: Range<usize>, lost: Range<usize>) {
        let digits = 20;
        let length = self.path.iter().fold(name.len(), |sum, step| match step {
            Step::Name(name) => sum + name.len(),
            Step::Position(_) => sum + digits,
        });
        if self.duplicates.len() >= DUPLICATES || self.path_bytes + length > PATHS {
            self.unlisted += 1;
            return;
        }
        self.path_bytes += length;
        let above = self.path.iter().map(|step| match step {
            Step::Name(name) => name.to_string(),
            Step::Position(position) => position.to_string(),
        });
        let path = above.chain([name.to_owned()]).collect();
        self.duplicates.push(Duplicate { path, span, lost });
    }

    /// The duplicates that were listed, and the number of the others.
    pub(super) fn finish(self) -> (Vec<Duplicate>, usize) {
        (self.duplicates, self.unlisted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ahead_passes_white_space_and_one_separator() {
        let mut scan = Scan::new("{ \"a\" : [ ] }");
        assert_eq!(scan.ahead(), (0, Some(b'{')));
        scan.open(0);
        assert_eq!(scan.ahead(), (2, Some(b'"')));
        let key = &scan.text[2..5];
        assert_eq!(scan.consume(key), 2..5);
        assert_eq!(scan.ahead(), (8, Some(b'[')));
        scan.open(8);
        assert_eq!(scan.close(8), 8..11);
        assert_eq!(scan.close(0), 0..13);
        assert_eq!(scan.ahead(), (13, None));
    }

    #[test]
    fn the_list_of_duplicates_is_bounded_in_number_and_in_bytes() {
        let mut scan = Scan::new("");
        for _ in 0..DUPLICATES + 5 {
            scan.duplicate("a", 0..1, 0..1);
        }
        let (listed, unlisted) = scan.finish();
        assert_eq!((listed.len(), unlisted), (DUPLICATES, 5));

        let long = "x".repeat(PATHS / 2);
        let mut scan = Scan::new("");
        scan.enter(Step::Name(Cow::Borrowed(&long)));
        scan.enter(Step::Position(3));
        for _ in 0..5 {
            scan.duplicate("a", 0..1, 0..1);
        }
        let (listed, unlisted) = scan.finish();
        assert_eq!((listed.len(), unlisted), (1, 4));
        assert_eq!(listed[0].path[1..], ["3", "a"]);
    }
}
