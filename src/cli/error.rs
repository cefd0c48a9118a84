//! How a command fails: one sentence, what to type next, an exit code. Knows nothing of terminals.

use std::error::Error;
use std::fmt;
use std::io;

/// Nothing went wrong.
pub(crate) const OK: u8 = 0;
/// There is drift, or a part of what was asked for was refused.
pub(crate) const SOME: u8 = 1;
/// It could not be done.
pub(crate) const TROUBLE: u8 = 2;

/// How a command ended, when it ended well.
pub(crate) type Answer = Result<u8, Failure>;

/// Why a command could not do what it was asked to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What is the matter, as one sentence.
    pub(crate) sentence: String,
    /// What to do about it; each on its own line.
    pub(crate) help: Vec<String>,
    /// The exit code.
    pub(crate) code: u8,
}

impl Failure {
    /// Trouble.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), help: Vec::new(), code: TROUBLE }
    }

    /// Trouble in another room: its error's lines, the first of which is the sentence.
    pub(crate) fn from_error(error: &dyn Error) -> Self {
        let text = error.to_string();
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let sentence = lines.next().unwrap_or("something went wrong").to_owned();
        let help = lines.map(|line| line.strip_prefix("help: ").unwrap_or(line).to_owned()).collect();
        Self { sentence, help, code: TROUBLE }
    }

    /// The same, with advice.
    pub(crate) fn help(mut self, advice: impl Into<String>) -> Self {
        self.help.push(advice.into());
        self
    }

    /// The same, as a refusal of a part.
    pub(crate) fn refused(mut self) -> Self {
        self.code = SOME;
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::from_error(&error)
    }
}

/// What is said when the answer itself cannot be written.
pub(crate) fn unwritable(error: &io::Error) -> Failure {
    Failure::new(format!("the answer cannot be written: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_several_lines_becomes_sentence_and_advice() {
        let failure = Failure::from(io::Error::other("it broke\n  help: mend it\n\ntry again"));
        assert_eq!(failure.sentence, "it broke");
        assert_eq!(failure.help, ["mend it", "try again"]);
        assert_eq!((failure.code, Failure::new("x").refused().code), (TROUBLE, SOME));
    }
}
