//! Why a document was not changed. Must not repeat the document: it may hold secrets.

use crate::json::SyntaxError;
use thiserror::Error;

/// Why a document was not changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SpliceError {
    /// The client would not take the document either.
    #[error("it is no JSON ({0})")]
    Syntax(#[from] SyntaxError),
    /// The way to the entry leads over a value that holds none.
    #[error("what should hold the entry is no object")]
    NoObject,
    /// Two names read the same and are two to the client.
    #[error("two names in it read the same, and only one is meant")]
    Ambiguous,
    /// The same key again and again.
    #[error("the same key stands in it too often")]
    TooManyCopies,
    /// What is to be put in is no JSON.
    #[error("what is to be put back is no JSON")]
    NoValue,
    /// The result was read back and did not say what was wanted.
    #[error("the changed document would not say what was wanted")]
    Unsound,
}
