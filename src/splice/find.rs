//! Where in a text a member stands. Must not change anything.

use super::error::SpliceError;
use super::opened::NAMES;
use crate::json::{Document, read};
use std::borrow::Cow;
use std::ops::Range;

/// A member of an object, in bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    /// Its key, quotes included.
    pub(super) key: Range<usize>,
    /// Its value.
    pub(super) value: Range<usize>,
}

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A member; `copies` are those of the same name that lost against it.
    There { member: Member, copies: Vec<Member> },
    /// Nothing: the name at `depth` of the path is not in the object at `object`.
    Missing { object: Range<usize>, depth: usize },
}

/// Follows a path of names from the top.
pub(super) fn find(text: &str, path: &[&str]) -> Result<Found, SpliceError> {
    find_in(text, &read(text, &NAMES)?, path)
}

/// The same in a text that was read.
pub(super) fn find_in(text: &str, top: &Document, path: &[&str]) -> Result<Found, SpliceError> {
    let (mut object, mut document) = (0..text.len(), Cow::Borrowed(top));
    for (depth, name) in path.iter().enumerate() {
        let start = object.start;
        object = shifted(&document.root.span, start);
        let members = document.root.as_object().ok_or(SpliceError::NoObject)?;
        if document.unlisted_duplicates > 0 {
            return Err(SpliceError::TooManyCopies);
        }
        let mut named = members.members().iter().filter(|member| *member.name == **name);
        let Some(member) = named.next() else { return Ok(Found::Missing { object, depth }) };
        if named.next().is_some() {
            return Err(SpliceError::Ambiguous);
        }
        let value = shifted(&member.value.span, start);
        if depth + 1 == path.len() {
            let lost = document.duplicates.iter().filter(|again| again.path.iter().eq([name]));
            let copies = lost.map(|again| copy(text, shifted(&again.lost, start))).collect();
            return Ok(Found::There { member: Member { key: shifted(&member.key, start), value }, copies });
        }
        document = Cow::Owned(read(text.get(value.clone()).unwrap_or_default(), &NAMES)?);
        object = value;
    }
    Err(SpliceError::NoObject)
}

fn shifted(span: &Range<usize>, by: usize) -> Range<usize> {
    span.start + by..span.end + by
}

/// The member with that key, of which the reader has kept no more: what lost means nothing to the client.
fn copy(text: &str, key: Range<usize>) -> Member {
    let bytes = text.as_bytes();
    let colon = over_space(bytes, key.end);
    let start = over_space(bytes, colon + 1);
    Member { key, value: start..end_of_value(bytes, start) }
}

/// The first place from `at` on that is no white space.
pub(super) fn over_space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| is_space(byte)).count()
}

/// The place behind the last byte before `at` that is no white space.
pub(super) fn back_over_space(bytes: &[u8], at: usize) -> usize {
    let before = bytes.get(..at).unwrap_or_default();
    at - before.iter().rev().take_while(|byte| is_space(byte)).count()
}

fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Where the string ends whose opening quote is at `at`.
pub(super) fn end_of_string(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    loop {
        match bytes.get(end) {
            Some(b'"') => return end + 1,
            Some(b'\\') => end += 2,
            Some(_) => end += 1,
            None => return bytes.len(),
        }
    }
}

/// Where the value ends that begins at `at`, of a text that was found valid.
fn end_of_value(bytes: &[u8], at: usize) -> usize {
    let mut depth = 0_usize;
    let mut end = at;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'"' => end = end_of_string(bytes, end),
            b'{' | b'[' => {
                depth += 1;
                end += 1;
            }
            b'}' | b']' if depth == 0 => return end,
            b'}' | b']' => {
                depth -= 1;
                end += 1;
            }
            b',' if depth == 0 => return end,
            byte if depth == 0 && is_space(byte) => return end,
            _ => {
                end += 1;
                continue;
            }
        }
        if depth == 0 {
            return end;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_key_that_stands_twice_the_last_counts() {
        let text = r#"{"a":{"x":[1,{"]":"}"}],"y" : 0 ,"x":2}}"#;
        let Found::There { member, copies } = find(text, &["a", "x"]).unwrap() else { unreachable!() };
        assert_eq!(&text[member.value.clone()], "2");
        assert_eq!(copies.len(), 1);
        assert_eq!(&text[copies[0].value.clone()], r#"[1,{"]":"}"}]"#);
        assert_eq!(find(text, &["a", "z"]).unwrap(), Found::Missing { object: 5..text.len() - 1, depth: 1 });
        assert_eq!(find(text, &["a", "x", "z"]), Err(SpliceError::NoObject));
        assert_eq!(find(r#"{"\ud800":1,"\udc00":2}"#, &["\u{fffd}"]), Err(SpliceError::Ambiguous));
    }

    #[test]
    fn values_end_where_they_end() {
        for (text, value) in
            [("12 ,", "12"), ("true}", "true"), (r#""a\"]" ]"#, r#""a\"]""#), ("[[],{}],", "[[],{}]")]
        {
            assert_eq!(&text[..end_of_value(text.as_bytes(), 0)], value);
        }
    }
}
