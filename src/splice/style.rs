//! How a document is written, and a value written so. Must not know why it is put there.

use super::error::SpliceError;
use super::find::{Member, back_over_space, end_of_string, over_space};
use super::opened::NAMES;
use super::render::{Layout, is_json, render};
use crate::json::{Shape, read};
use std::ops::Range;

/// As the client writes.
const UNIT: &str = "  ";
const COLON: &str = ": ";

/// What can be told of the whole document.
struct Style<'t> {
    newline: &'t str,
    unit: &'t str,
    colon: &'t str,
    /// Whether its members stand on lines of their own.
    has_lines: bool,
}

impl<'t> Style<'t> {
    fn of(text: &'t str) -> Self {
        let newline = match text.find('\n') {
            Some(at) if text.as_bytes().get(at.wrapping_sub(1)) == Some(&b'\r') => "\r\n",
            _ => "\n",
        };
        let start = over_space(text.as_bytes(), 0);
        let key = over_space(text.as_bytes(), start + 1);
        let indent = own_line(text, key).filter(|_| text.as_bytes().get(key) == Some(&b'"'));
        let is_bare = text.as_bytes().get(key) != Some(&b'"');
        let colon = if is_bare { COLON } else { behind_key(text, key) };
        Self {
            newline,
            unit: indent.filter(|indent| !indent.is_empty()).unwrap_or(UNIT),
            colon,
            has_lines: indent.is_some() || is_bare,
        }
    }
}

/// A whole document for one entry, where there was none.
pub(super) fn fresh(path: &[&str], value: &str) -> Result<String, SpliceError> {
    let layout = Layout::Lines { colon: COLON, newline: "\n", base: "", unit: UNIT };
    Ok(render(&wrapped(path, value)?, layout) + "\n")
}

/// What to put where, so that the object has a member at `path` below it.
pub(super) fn insertion(
    text: &str,
    object: &Range<usize>,
    path: &[&str],
    value: &str,
) -> Result<(usize, String), SpliceError> {
    let Some((name, rest)) = path.split_first() else { return Err(SpliceError::NoObject) };
    let (key, value) = (quoted(name), wrapped(rest, value)?);
    let style = Style::of(text);
    let bytes = text.as_bytes();
    let Some(last) = last_member(text, object) else {
        // Nothing in it that could be followed: as the line is on which it opens, where it has one of its own.
        let opens_own = member_of(text, object).is_none_or(|start| own_line(text, start).is_some());
        let inner = object.start + 1..object.end - 1;
        if !(style.has_lines && opens_own) {
            let value = render(&value, in_line(style.colon));
            return Ok((inner.start, format!("{key}{}{value}", style.colon)));
        }
        let base = line_indent(text, object.start);
        let indent = format!("{base}{}", style.unit);
        let lines =
            Layout::Lines { colon: style.colon, newline: style.newline, base: &indent, unit: style.unit };
        let value = render(&value, lines);
        let closing = if inner.is_empty() { format!("{}{base}", style.newline) } else { String::new() };
        return Ok((inner.start, format!("{}{indent}{key}{}{value}{closing}", style.newline, style.colon)));
    };
    let colon = between(text, &last);
    let gap = text.get(back_over_space(bytes, last.key.start)..last.key.start).unwrap_or_default();
    let value = laid_out(text, &style, &last, colon, &value, is_broken(text, object));
    Ok((last.value.end, format!(",{gap}{key}{colon}{value}")))
}

/// The value as it is to stand in the place of that of `member`.
pub(super) fn value_for(text: &str, member: &Member, value: &str) -> Result<String, SpliceError> {
    if !is_json(value) {
        return Err(SpliceError::NoValue);
    }
    let now = text.get(member.value.clone()).unwrap_or_default();
    let is_broken = is_filled(now).then(|| now.contains('\n'));
    Ok(laid_out(text, &Style::of(text), member, between(text, member), value, is_broken))
}

/// The value as it fits beside `member`; `is_broken` says whether values there have lines, as far as one can tell.
fn laid_out(
    text: &str,
    style: &Style<'_>,
    member: &Member,
    colon: &str,
    value: &str,
    is_broken: Option<bool>,
) -> String {
    let value = value.trim_matches([' ', '\t', '\r', '\n']);
    let (Style { newline, unit, .. }, has_lines) = (style, value.contains('\n'));
    let Some(base) = own_line(text, member.key.start) else {
        return if has_lines { render(value, in_line(colon)) } else { value.to_owned() };
    };
    let fits = match has_lines {
        true => is_broken != Some(false) && fits(value, newline, base, unit),
        false => !is_filled(value) || is_broken == Some(false),
    };
    if fits {
        return value.to_owned();
    }
    if is_broken == Some(false) {
        return render(value, in_line(colon));
    }
    render(value, Layout::Lines { colon, newline, base, unit })
}

fn in_line(colon: &str) -> Layout<'_> {
    Layout::Line { colon, comma: if colon.ends_with(' ') { ", " } else { "," } }
}

/// Whether the lines of a value are those that it would have here.
fn fits(value: &str, newline: &str, base: &str, unit: &str) -> bool {
    let mut lines = value.split('\n').skip(1).peekable();
    let is_crlf = newline.len() > 1;
    let inner = format!("{base}{unit}");
    let mut starts_inside = lines.peek().is_some_and(|first| first.starts_with(&inner));
    let last = lines.last().unwrap_or_default();
    let indent = last.len() - last.trim_start_matches([' ', '\t']).len();
    starts_inside &= last.get(..indent) == Some(base);
    let ends = value.matches('\n').count();
    starts_inside && value.matches("\r\n").count() == if is_crlf { ends } else { 0 }
}

/// Whether values of that object that hold something have lines; `None` when there are none.
fn is_broken(text: &str, object: &Range<usize>) -> Option<bool> {
    let within = text.get(object.clone())?;
    let document = read(within, &NAMES).ok()?;
    let members = document.root.as_object()?;
    let values = members.members().iter().rev().filter_map(|member| within.get(member.value.span.clone()));
    values.into_iter().find(|value| is_filled(value)).map(|value| value.contains('\n'))
}

/// Whether it is a list or an object with something in it.
fn is_filled(value: &str) -> bool {
    let bytes = value.as_bytes();
    matches!(bytes.first(), Some(b'{' | b'['))
        && !matches!(bytes.get(over_space(bytes, 1)), Some(b'}' | b']'))
}

/// The indentation of the line that begins with what stands at `at`; `None` when something stands before it.
fn own_line(text: &str, at: usize) -> Option<&str> {
    let indent = line_start(text, at)?;
    indent.bytes().all(|byte| matches!(byte, b' ' | b'\t')).then_some(indent)
}

/// The indentation of the line on which something stands.
fn line_indent(text: &str, at: usize) -> &str {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.get(..line.len() - line.trim_start_matches([' ', '\t']).len()).unwrap_or_default()
}

/// What stands between the beginning of the line and `at`; `None` on the first line.
fn line_start(text: &str, at: usize) -> Option<&str> {
    let before = text.get(..at)?;
    Some(before.rsplit_once('\n')?.1)
}

/// Where the key stands whose value that object is; `None` for the document's own.
fn member_of(text: &str, object: &Range<usize>) -> Option<usize> {
    let bytes = text.as_bytes();
    let colon = back_over_space(bytes, object.start).checked_sub(1)?;
    (bytes.get(colon) == Some(&b':')).then_some(())?;
    let end = back_over_space(bytes, colon);
    // A quote inside a name is escaped, so the one before it that is not is the first.
    let mut start = end.checked_sub(1)?;
    loop {
        start = text.get(..start)?.rfind('"')?;
        let escapes = bytes.get(..start)?.iter().rev().take_while(|byte| **byte == b'\\').count();
        if escapes % 2 == 0 {
            return Some(start);
        }
    }
}

/// The last member of an object in the order of the text.
fn last_member(text: &str, object: &Range<usize>) -> Option<Member> {
    let document = read(text.get(object.clone())?, &NAMES).ok()?;
    let found = document.root.as_object()?.members().iter().max_by_key(|member| member.key.start)?;
    let shift = |span: &Range<usize>| span.start + object.start..span.end + object.start;
    Some(Member { key: shift(&found.key), value: shift(&found.value.span) })
}

/// What stands behind the key at `at`, up to its value.
fn behind_key(text: &str, at: usize) -> &str {
    let bytes = text.as_bytes();
    let end = end_of_string(bytes, at);
    let start = over_space(bytes, over_space(bytes, end) + 1);
    between(text, &Member { key: at..end, value: start..start })
}

/// What stands between a key and its value: the colon and the white space around it.
fn between<'t>(text: &'t str, member: &Member) -> &'t str {
    let gap = text.get(member.key.end..member.value.start).unwrap_or(COLON);
    // A line break there is nothing to follow.
    if gap.contains('\n') { COLON } else { gap }
}

/// The value inside an object for each name.
fn wrapped(path: &[&str], value: &str) -> Result<String, SpliceError> {
    if read(value, &Shape::Skip).is_err() {
        return Err(SpliceError::NoValue);
    }
    let around = |inner: String, name: &&str| format!("{{{}:{inner}}}", quoted(name));
    Ok(path.iter().rev().fold(value.to_owned(), around))
}

fn quoted(name: &str) -> String {
    serde_json::Value::from(name).to_string()
}
