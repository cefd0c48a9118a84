//! What a receiver said, in a sentence of ours: short, on one line, and nothing that steers a terminal. Must not know
//! what it means.

use crate::model::hidden::is_hidden;

/// More of it is nobody's help.
const MOST: usize = 200;

/// The receiver's words; empty where it said nothing.
pub(super) fn said(text: &str) -> String {
    let mut shown = String::new();
    for (count, character) in text.trim().chars().enumerate() {
        if count == MOST {
            shown.push('…');
            break;
        }
        shown.push(if is_hidden(character) { ' ' } else { character });
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_forges_a_line_or_fills_a_screen() {
        assert_eq!(said(" too old\r\nFAKE \u{1b}[2J\u{202e}"), "too old  FAKE  [2J ");
        assert_eq!(said(&"x".repeat(10_000)).chars().count(), MOST + 1);
    }
}
