//! Cuts a line to the width of a terminal, with a hanging indent. Knows nothing of colours beyond carrying
//! them; nothing is left out here.

use crate::cli::style::{ESCAPED, Span, Styled};
use crate::model::hidden::{Shown, pieces};
use anstyle::Style;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Where a line may be cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// At a space, which is left out: for prose.
    AtSpaces,
    /// Behind a space where one is near, else anywhere, so that the parts put together are the whole: for evidence.
    Anywhere,
}

/// What cannot be cut further: a character, with the marks on it, or one escape.
struct Cell {
    text: String,
    style: Style,
    width: usize,
}

/// How wide `raw` is on a terminal once it is escaped.
pub(crate) fn width_of(raw: &str) -> usize {
    crate::model::hidden::escape(raw).width()
}

/// How wide a line is.
pub(crate) fn width_of_line(line: &Styled) -> usize {
    line.0.iter().map(|span| width_of(&span.text)).sum()
}

/// Cuts `line` into lines of at most `width` columns; every one after the first starts with `hanging` spaces.
pub(crate) fn wrap(line: &Styled, width: usize, hanging: usize, cut: Cut) -> Vec<Styled> {
    let hanging = hanging.min(width / 2);
    let mut lines = Vec::new();
    let mut current: Vec<Cell> = Vec::new();
    let mut used = 0;
    for cell in cells(line) {
        if used + cell.width > width && !current.is_empty() {
            let rest = match cut {
                Cut::AtSpaces => cut_at_space(&mut current, hanging),
                Cut::Anywhere => {
                    // What comes next must fit behind the word.
                    let room = width.saturating_sub(hanging + cell.width);
                    cut_behind_space(&mut current, hanging, room.min(width / 2))
                }
            };
            lines.push(join(std::mem::take(&mut current)));
            current.extend((0..hanging).map(|_| Cell::space()));
            current.extend(rest);
            used = current.iter().map(|cell| cell.width).sum();
            if cut == Cut::AtSpaces && cell.text == " " && used == hanging {
                continue;
            }
        }
        used += cell.width;
        current.push(cell);
    }
    if !current.is_empty() || lines.is_empty() {
        lines.push(join(current));
    }
    lines
}

/// The last space of `current` that is between words.
fn last_space(current: &[Cell], hanging: usize) -> Option<usize> {
    let text_from = current.iter().position(|cell| cell.text != " ").unwrap_or(0);
    current.iter().rposition(|cell| cell.text == " ").filter(|at| *at > text_from.max(hanging))
}

/// Takes the last word off `current` and leaves the space before it, unless the word is wider than `near`.
fn cut_behind_space(current: &mut Vec<Cell>, hanging: usize, near: usize) -> Vec<Cell> {
    let Some(space) = last_space(current, hanging) else { return Vec::new() };
    let word: usize = current.iter().skip(space + 1).map(|cell| cell.width).sum();
    if word <= near { current.split_off(space + 1) } else { Vec::new() }
}

/// Takes the last word off `current`, unless that word fills the whole line.
fn cut_at_space(current: &mut Vec<Cell>, hanging: usize) -> Vec<Cell> {
    let Some(space) = last_space(current, hanging) else { return Vec::new() };
    let rest = current.split_off(space + 1);
    while current.last().is_some_and(|cell| cell.text == " ") {
        current.pop();
    }
    rest
}

impl Cell {
    fn space() -> Self {
        Self { text: " ".to_owned(), style: Style::new(), width: 1 }
    }
}

fn cells(line: &Styled) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for span in &line.0 {
        for piece in pieces(&span.text) {
            match piece {
                Shown::Escape(escape) => {
                    let width = escape.width();
                    cells.push(Cell { text: escape, style: ESCAPED, width });
                }
                Shown::Plain(plain) => {
                    for character in plain.chars() {
                        match (character.width().unwrap_or(0), cells.last_mut()) {
                            (0, Some(last)) => last.text.push(character),
                            (width, _) => {
                                cells.push(Cell { text: character.into(), style: span.style, width })
                            }
                        }
                    }
                }
            }
        }
    }
    cells
}

fn join(cells: Vec<Cell>) -> Styled {
    let mut line = Styled::default();
    for cell in cells {
        match line.0.last_mut() {
            Some(Span { text, style }) if *style == cell.style => text.push_str(&cell.text),
            _ => line.0.push(Span { text: cell.text, style: cell.style }),
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wrapped(text: &str, width: usize, hanging: usize, cut: Cut) -> Vec<String> {
        wrap(&Styled::plain(text), width, hanging, cut)
            .into_iter()
            .map(|line| line.0.into_iter().map(|span| span.text).collect())
            .collect()
    }

    #[test]
    fn prose_is_cut_between_words() {
        assert_eq!(wrapped("one two three four", 9, 2, Cut::AtSpaces), ["one two", "  three", "  four"]);
        assert_eq!(wrapped("abcdefghijkl", 5, 1, Cut::AtSpaces), ["abcde", " fghi", " jkl"]);
        assert_eq!(wrapped("", 5, 1, Cut::AtSpaces), [""]);
    }

    #[test]
    fn evidence_is_cut_behind_a_space_where_one_is_near() {
        assert_eq!(wrapped("npm install left-pad", 13, 2, Cut::Anywhere), ["npm install ", "  left-pad"]);
        assert_eq!(wrapped("a 0123456789abcdef", 10, 2, Cut::Anywhere), ["a 01234567", "  89abcdef"]);
    }

    #[test]
    fn an_escape_that_does_not_fit_behind_a_word_leaves_it_where_it_is() {
        let lines = wrapped(" a\u{202e}  日üü 日üa日\u{202e}", 14, 3, Cut::Anywhere);
        assert!(lines.iter().all(|line| line.width() <= 14), "{lines:?}");
    }

    #[test]
    fn wide_characters_and_escapes_stay_whole() {
        assert_eq!(wrapped("日本語日本", 4, 0, Cut::Anywhere), ["日本", "語日", "本"]);
        assert_eq!(wrapped("abc\u{202e}d", 8, 0, Cut::Anywhere), ["abc", "\\u{202e}", "d"]);
    }

    proptest! {
        #[test]
        fn evidence_is_whole_and_fits(text in "[a-z ü日\u{202e}\u{301}]{0,60}", width in 12_usize..40) {
            let lines = wrapped(&text, width, 3, Cut::Anywhere);
            prop_assert!(lines.iter().all(|line| line.width() <= width));
            let whole: String = lines.iter().enumerate()
                .map(|(at, line)| if at == 0 { line.as_str() } else { &line[3..] }).collect();
            prop_assert_eq!(whole, crate::model::hidden::escape(&text).into_owned());
        }

        #[test]
        fn prose_loses_no_word(text in "([a-z]{1,9} ){0,12}[a-z]{1,9}", width in 12_usize..40) {
            let lines = wrapped(&text, width, 2, Cut::AtSpaces);
            prop_assert!(lines.iter().all(|line| line.width() <= width));
            let joined = lines.join(" ");
            prop_assert!(joined.split_whitespace().eq(text.split_whitespace()));
        }
    }
}
