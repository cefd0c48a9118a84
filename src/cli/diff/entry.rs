//! An entry as it should be and as it is, as lines of a diff. Knows nothing of judgements.

use crate::cli::output::Output;
use crate::cli::style::{ADDED, DIM, REMOVED, Styled, emphasised};
use crate::drift::textdiff::{Line, Tag, unified};
use crate::model::digest::Key;
use crate::model::value::Value;
use std::io;

/// The most lines of one entry that are shown.
const MOST_LINES: usize = 400;
/// Lines around a difference.
const CONTEXT: usize = 3;
/// Where the lines start.
const MARGIN: &str = "    ";
/// Where a line that is too long goes on: under its own text, a little to the right.
const HANGING: usize = 10;

/// Prints the difference between two values; a value that is the same on both sides is printed as it is.
pub(crate) fn print(
    expected: Option<&Value>,
    observed: Option<&Value>,
    key: &Key,
    to: &mut Output<'_>,
) -> io::Result<()> {
    let lines = unified(&shown(expected, key), &shown(observed, key), CONTEXT);
    if lines.is_empty() {
        return Ok(());
    }
    to.gap()?;
    print_lines(lines.len(), lines.iter().map(styled), to)
}

/// Prints a value that is there, without saying that it should not be.
pub(crate) fn print_as_is(value: Option<&Value>, key: &Key, to: &mut Output<'_>) -> io::Result<()> {
    if value.is_none() {
        return Ok(());
    }
    to.gap()?;
    let text = shown(value, key);
    let lines = text.lines().map(|line| Styled::plain(format!("{MARGIN}  {line}")));
    print_lines(text.lines().count(), lines, to)
}

/// The first lines, and how many more there are: an entry may have as many as its author likes.
fn print_lines(count: usize, lines: impl Iterator<Item = Styled>, to: &mut Output<'_>) -> io::Result<()> {
    for line in lines.take(MOST_LINES) {
        to.evidence(&line, HANGING)?;
    }
    match count.checked_sub(MOST_LINES) {
        Some(more @ 1..) => to.leave_out(&format!("{MARGIN}  …{more} lines left out…")),
        _ => Ok(()),
    }
}

fn shown(value: Option<&Value>, key: &Key) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        // NOTE(default): a JSON value always has a JSON text.
        Some(value) => serde_json::to_string_pretty(&value.shown(key)).unwrap_or_default() + "\n",
    }
}

fn styled(line: &Line) -> Styled {
    let (sign, style) = match line.tag {
        Tag::Same => (' ', crate::cli::style::PLAIN),
        Tag::Expected => ('-', REMOVED),
        Tag::Observed => ('+', ADDED),
        Tag::Gap => return Styled::new(format!("{MARGIN}  …"), DIM),
    };
    let mut styled = Styled::new(format!("{MARGIN}{sign} "), style);
    let mut at = 0;
    for range in &line.emphasised {
        styled = styled
            .then(line.text.get(at..range.start).unwrap_or_default(), style)
            .then(line.text.get(range.clone()).unwrap_or_default(), emphasised(style));
        at = range.end;
    }
    styled.then(line.text.get(at..).unwrap_or_default(), style)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::samples::entry;

    fn printed(expected: Option<&Value>, observed: Option<&Value>) -> String {
        let mut bytes = Vec::new();
        let mut output = Output::to(&mut bytes, 80, false);
        print(expected, observed, &Key::from_bytes([1; 32]), &mut output).unwrap();
        drop(output);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn an_entry_is_shown_with_its_secrets_masked() {
        let text = printed(Some(&entry("https://a.example/")), Some(&entry("https://b.example/")));
        assert!(
            text.contains(
                "    -   \"url\": \"https://a.example/\"\n    +   \"url\": \"https://b.example/\"\n"
            ),
            "{text}"
        );
        assert!(text.contains("‹secret ") && !text.contains("hunter2"));
    }

    #[test]
    fn what_is_new_is_all_plus_and_what_is_the_same_is_silent() {
        let text = printed(None, Some(&Value::Bool(true)));
        assert_eq!(text, "\n    + true\n");
        assert_eq!(printed(Some(&Value::Bool(true)), Some(&Value::Bool(true))), "");
        assert_eq!(printed(Some(&Value::Bool(true)), None), "\n    - true\n");
    }
}
