//! What is wrong with a document, and where. It must not repeat the document: an error is printed
//! and logged, and the text may hold secrets.

use thiserror::Error;

/// The document is not JSON, and the client rejects it too.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct SyntaxError {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The offset in bytes of the decoded text; its length when the text ends too early.
    pub offset: usize,
    /// What is wrong, in plain words, with nothing of the text in them.
    pub reason: &'static str,
}

impl SyntaxError {
    pub(super) fn new(text: &str, offset: usize, reason: &'static str) -> Self {
        let (line, column) = line_and_column(text, offset);
        SyntaxError { line, column, offset, reason }
    }
}

/// The line and the column of a byte offset, both from 1, the column in characters. Lines end with
/// a line feed. An offset inside a character belongs to that character; one beyond the end, to the
/// end.
pub fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let before = text.get(..offset).unwrap_or_default();
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    let last = before.rsplit('\n').next().unwrap_or_default();
    (line, last.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_line_feeds() {
        let text = "a\r\né€x\n";
        assert_eq!(line_and_column(text, 0), (1, 1));
        assert_eq!(line_and_column(text, 1), (1, 2));
        assert_eq!(line_and_column(text, 3), (2, 1));
        assert_eq!(line_and_column(text, 5), (2, 2));
        assert_eq!(line_and_column(text, 6), (2, 2), "inside the euro sign");
        assert_eq!(line_and_column(text, 8), (2, 3));
        assert_eq!(line_and_column(text, 10), (3, 1));
        assert_eq!(line_and_column(text, 99), (3, 1));
    }

    #[test]
    fn the_message_names_place_and_reason() {
        let error = SyntaxError::new("{\n  \"a\" 1}", 8, "expected a colon");
        assert_eq!(error.to_string(), "line 2, column 7: expected a colon");
    }
}
