//! What is wrong with a file of rules, and where. Must not know what is done about it.

use std::fmt;
use std::path::PathBuf;

/// Why a file is not in force.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong, and what to write instead where that is known.
    pub sentence: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}, column {}: {}", self.file.display(), self.line, self.column, self.sentence)
    }
}

/// A place in a text, from 1.
pub(super) type Position = (usize, usize);

/// Where a key stands first: at the beginning of a line, after spaces, dashes and quotes. The beginning of the text
/// where it is not found.
pub(super) fn position_of_key(text: &str, key: &str) -> Position {
    let found = text.lines().enumerate().find_map(|(line, content)| {
        let rest = content.trim_start_matches([' ', '-', '"', '\'']);
        let after = rest.strip_prefix(key)?;
        let is_whole = after.starts_with([':', '|', '"', '\'', '[', ' ']);
        let before = content.chars().count().saturating_sub(rest.chars().count());
        is_whole.then_some((line + 1, before + 1))
    });
    found.unwrap_or((1, 1))
}

/// The place that a message of the YAML reader names, and the message without it.
pub(super) fn place_in(message: &str) -> (Position, String) {
    let Some((sentence, place)) = message.rsplit_once(" at line ") else {
        return ((1, 1), message.to_owned());
    };
    let mut numbers =
        place.split(|character: char| !character.is_ascii_digit()).filter(|part| !part.is_empty());
    let mut next = || numbers.next().and_then(|number| number.parse().ok());
    let (line, column) = (next().unwrap_or(1), next().unwrap_or(1));
    ((line, column), sentence.to_owned())
}

/// The word that was probably meant.
pub(super) fn nearest<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(candidate, word), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found() {
        let text = "title: x\ndetection:\n    selection:\n        - file.path|contains: y\n          file.path_x: 1\n";
        assert_eq!(position_of_key(text, "file.path"), (4, 11));
        assert_eq!(position_of_key(text, "file.path_x"), (5, 11));
        assert_eq!(position_of_key(text, "none"), (1, 1));
        assert_eq!(place_in("bad at line 3 column 7"), ((3, 7), "bad".to_owned()));
        assert_eq!(place_in("bad"), ((1, 1), "bad".to_owned()));
    }
}
