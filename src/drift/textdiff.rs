//! Two texts, line by line, with the words that changed. Pure; knows nothing of what the texts are or of colours.

use similar::{ChangeTag, DiffOp, TextDiff};
use std::ops::Range;

/// What a line of a diff says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// It is in both.
    Same,
    /// It should be there.
    Expected,
    /// It is there.
    Observed,
    /// Lines that are in both were left out here.
    Gap,
}

/// One line of a diff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub tag: Tag,
    /// Its text, without the line's end.
    pub text: String,
    /// The byte ranges of `text` that its counterpart does not have. Empty where the whole line is new.
    pub emphasised: Vec<Range<usize>>,
}

/// Below this share of common words a line is another line, not a changed one.
const ALIKE: f32 = 0.4;

/// A text of more lines is not compared line by line, which could take as long as the product of both: the
/// texts may be an attacker's.
const MOST_LINES: usize = 4_000;

/// For the same reason, in a longer line no words are marked. Nobody would find them either.
const LONGEST_LINE: usize = 4_000;

/// The lines that differ, with `context` lines around them.
pub fn unified(expected: &str, observed: &str, context: usize) -> Vec<Line> {
    if [expected, observed].iter().any(|text| text.lines().nth(MOST_LINES).is_some()) {
        return whole(expected, observed);
    }
    let diff = TextDiff::from_lines(expected, observed);
    let mut lines = Vec::new();
    let mut shown_to = 0;
    for group in diff.grouped_ops(context) {
        let from = group.first().map_or(0, |op| op.old_range().start);
        if from > shown_to {
            lines.push(Line { tag: Tag::Gap, text: String::new(), emphasised: Vec::new() });
        }
        shown_to = group.last().map_or(shown_to, |op| op.old_range().end);
        for op in &group {
            step(&diff, op, &mut lines);
        }
    }
    if !lines.is_empty() && shown_to < diff.old_len() {
        lines.push(Line { tag: Tag::Gap, text: String::new(), emphasised: Vec::new() });
    }
    lines
}

/// All of both, unless they are the same.
fn whole(expected: &str, observed: &str) -> Vec<Line> {
    if expected == observed {
        return Vec::new();
    }
    [(expected, Tag::Expected), (observed, Tag::Observed)]
        .into_iter()
        .flat_map(|(text, tag)| {
            text.lines().map(move |line| Line { tag, text: line.to_owned(), emphasised: Vec::new() })
        })
        .collect()
}

fn step(diff: &TextDiff<'_, '_, str>, op: &DiffOp, lines: &mut Vec<Line>) {
    let from = lines.len();
    for change in diff.iter_changes(op) {
        let tag = match change.tag() {
            ChangeTag::Equal => Tag::Same,
            ChangeTag::Delete => Tag::Expected,
            ChangeTag::Insert => Tag::Observed,
        };
        let text = change.value().trim_end_matches(['\n', '\r']).to_owned();
        lines.push(Line { tag, text, emphasised: Vec::new() });
    }
    let (old, new) = match op {
        DiffOp::Replace { old_len, new_len, .. } => (*old_len, *new_len),
        _ => return,
    };
    for pair in 0..old.min(new) {
        let Some((left, right)) = lines.split_at_mut_checked(from + old) else { return };
        if let (Some(expected), Some(observed)) = (left.get_mut(from + pair), right.get_mut(pair)) {
            emphasise(expected, observed);
        }
    }
}

/// Marks the words in which two lines differ, if they are alike enough for that to help.
fn emphasise(expected: &mut Line, observed: &mut Line) {
    if expected.text.len().max(observed.text.len()) > LONGEST_LINE {
        return;
    }
    let words = TextDiff::from_unicode_words(expected.text.as_str(), observed.text.as_str());
    if words.ratio() < ALIKE {
        return;
    }
    let (mut left, mut right) = (0, 0);
    let (mut left_ranges, mut right_ranges) = (Vec::new(), Vec::new());
    for change in words.iter_all_changes() {
        let width = change.value().len();
        match change.tag() {
            ChangeTag::Equal => {
                left += width;
                right += width;
            }
            ChangeTag::Delete => {
                grow(&mut left_ranges, left..left + width);
                left += width;
            }
            ChangeTag::Insert => {
                grow(&mut right_ranges, right..right + width);
                right += width;
            }
        }
    }
    expected.emphasised = left_ranges;
    observed.emphasised = right_ranges;
}

fn grow(ranges: &mut Vec<Range<usize>>, range: Range<usize>) {
    match ranges.last_mut() {
        Some(last) if last.end == range.start => last.end = range.end,
        _ => ranges.push(range),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn changed_words_are_marked() {
        let lines = unified(
            "{\n  \"type\": \"http\",\n  \"url\": \"https://mcp.linear.app/mcp\"\n}",
            "{\n  \"type\": \"http\",\n  \"url\": \"https://mcp.evil.test/mcp\"\n}",
            1,
        );
        let shown: Vec<_> = lines.iter().map(|line| (line.tag, line.text.as_str())).collect();
        assert_eq!(
            shown,
            [
                (Tag::Gap, ""),
                (Tag::Same, "  \"type\": \"http\","),
                (Tag::Expected, "  \"url\": \"https://mcp.linear.app/mcp\""),
                (Tag::Observed, "  \"url\": \"https://mcp.evil.test/mcp\""),
                (Tag::Same, "}"),
            ]
        );
        let marked = |line: &Line| {
            line.emphasised.iter().map(|range| line.text[range.clone()].to_owned()).collect::<String>()
        };
        assert!(!marked(&lines[2]).contains("https") && marked(&lines[3]).contains("evil"));
    }

    #[test]
    fn one_empty_side_is_all_new() {
        let lines = unified("", "a\nb", 3);
        assert!(lines.iter().all(|line| line.tag == Tag::Observed && line.emphasised.is_empty()));
        assert_eq!(unified("same", "same", 3), []);
    }

    #[test]
    fn a_huge_text_is_shown_and_not_compared() {
        let lines = |from: u32| (from..from + 100_000).map(|i| format!("{}\n", i * 7919 % 100_003)).collect();
        let (expected, observed): (String, String) = (lines(0), lines(50_000));
        assert_eq!(unified(&expected, &observed, 3).len(), 200_000);
        assert_eq!(unified(&expected, &expected, 3), []);
        let long = |word: &str| word.repeat(1 << 20);
        assert!(unified(&long("a b "), &long("b a "), 3).iter().all(|line| line.emphasised.is_empty()));
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_off(a in "([a-c ]{0,6}\n){0,8}", b in "([a-c ]{0,6}\n){0,8}") {
            let lines = unified(&a, &b, 1000);
            prop_assume!(!lines.is_empty());
            let side = |tag: Tag| lines.iter().filter(|line| line.tag == tag || line.tag == Tag::Same)
                .map(|line| format!("{}\n", line.text)).collect::<String>();
            prop_assert_eq!(side(Tag::Expected), a);
            prop_assert_eq!(side(Tag::Observed), b);
            for line in &lines {
                for range in &line.emphasised {
                    prop_assert!(line.text.get(range.clone()).is_some());
                }
            }
        }
    }
}
