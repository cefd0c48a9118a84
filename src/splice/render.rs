//! A value printed again: other white space, the same tokens, each as it was written. Must not know where it will
//! stand.

use super::find::{end_of_string, over_space};
use crate::json::{Shape, read};

/// How a value is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout<'a> {
    /// On one line.
    Line { colon: &'a str, comma: &'a str },
    /// A line for each member, as the client writes.
    Lines { colon: &'a str, newline: &'a str, base: &'a str, unit: &'a str },
}

/// The least there can be.
const COMPACT: Layout<'_> = Layout::Line { colon: ":", comma: "," };

/// Whether a text is one JSON value.
pub fn is_json(text: &str) -> bool {
    read(text, &Shape::Skip).is_ok()
}

/// Whether two values are the same, token by token.
pub(super) fn says_the_same(one: &str, other: &str) -> bool {
    one == other || render(one, COMPACT) == render(other, COMPACT)
}

/// Prints a valid value again.
pub(super) fn render(value: &str, layout: Layout<'_>) -> String {
    let bytes = value.as_bytes();
    let mut out = String::with_capacity(value.len());
    let (mut at, mut depth) = (over_space(bytes, 0), 0_usize);
    while let Some(byte) = bytes.get(at) {
        let next = over_space(bytes, at + 1);
        match byte {
            b'"' => {
                let end = end_of_string(bytes, at);
                out.push_str(value.get(at..end).unwrap_or_default());
                at = over_space(bytes, end);
                continue;
            }
            b'{' | b'[' => {
                out.push(char::from(*byte));
                if let Some(closing @ (b'}' | b']')) = bytes.get(next) {
                    out.push(char::from(*closing));
                    at = over_space(bytes, next + 1);
                    continue;
                }
                depth += 1;
                layout.new_line(depth, &mut out);
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                layout.new_line(depth, &mut out);
                out.push(char::from(*byte));
            }
            b',' => match layout {
                Layout::Line { comma, .. } => out.push_str(comma),
                Layout::Lines { .. } => {
                    out.push(',');
                    layout.new_line(depth, &mut out);
                }
            },
            b':' => out.push_str(layout.colon()),
            // A number or a word: every byte of it is ASCII.
            _ => out.push(char::from(*byte)),
        }
        at = next;
    }
    out
}

impl Layout<'_> {
    fn colon(&self) -> &str {
        match self {
            Self::Line { colon, .. } | Self::Lines { colon, .. } => colon,
        }
    }

    fn new_line(&self, depth: usize, out: &mut String) {
        if let Self::Lines { newline, base, unit, .. } = self {
            out.push_str(newline);
            out.push_str(base);
            (0..depth).for_each(|_| out.push_str(unit));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_changes_and_tokens_stay() {
        let value = "{ \"a\\u0041\" : [ 1e3,{} , [ ] ,\"x, :{y\"],\n\"b\":null }";
        assert_eq!(render(value, COMPACT), r#"{"a\u0041":[1e3,{},[],"x, :{y"],"b":null}"#);
        let lines = Layout::Lines { colon: ": ", newline: "\n", base: "\t", unit: "  " };
        assert_eq!(
            render(value, lines),
            "{\n\t  \"a\\u0041\": [\n\t    1e3,\n\t    {},\n\t    [],\n\t    \"x, :{y\"\n\t  ],\n\t  \"b\": null\n\t}"
        );
        assert!(says_the_same(value, &render(value, lines)) && !says_the_same("1e3", "1000"));
        assert!(is_json(value) && !is_json("{}{}") && !is_json(""));
    }
}
