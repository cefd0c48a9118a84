//! What must hold when any two texts are compared and printed. Shared by the fuzz target and the replay of its
//! seeds.

use mcpwatch::drift::textdiff::{Tag, unified};
use mcpwatch::model::hidden::{escape, is_hidden};

/// A null byte stands between the two texts.
pub(crate) fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (expected, observed) = text.split_once('\0').unwrap_or((&text, ""));
    let lines = unified(expected, observed, 1_000_000);
    for (side, tag) in [(expected, Tag::Expected), (observed, Tag::Observed)] {
        let read_off: String = lines
            .iter()
            .filter(|line| line.tag == tag || line.tag == Tag::Same)
            .map(|line| line.text.as_str())
            .collect();
        let plain: String = side.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
        let read_off: String = read_off.chars().filter(|c| *c != '\r').collect();
        assert!(lines.is_empty() || read_off == plain, "a side cannot be read off");
    }
    for line in &lines {
        for range in &line.emphasised {
            assert!(line.text.get(range.clone()).is_some(), "marked between characters");
        }
        let shown = escape(&line.text);
        assert!(!shown.chars().any(|c| c.is_control() || is_hidden(c)), "{shown:?}");
        assert_eq!(escape(&shown), shown);
    }
    let short = unified(expected, observed, 1);
    assert_eq!(short.is_empty(), lines.is_empty());
    assert!(!escape(&text).chars().any(char::is_control));
}
