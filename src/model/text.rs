//! A string of a configuration, part of which may be secret. Knows nothing of which parts: `masking` decides.

use crate::model::digest::Key;
use crate::model::secret::Secret;
use std::fmt;

/// One stretch of a text.
#[derive(Clone, PartialEq, Eq)]
pub enum Piece {
    /// May be shown.
    Plain(String),
    /// Must not be shown.
    Secret(Secret),
}

impl Piece {
    fn reveal(&self) -> &str {
        match self {
            Self::Plain(value) => value,
            Self::Secret(secret) => secret.reveal(),
        }
    }
}

/// A string as it stands in a configuration. Two texts are equal when their full values are, however they
/// were cut into pieces.
#[derive(Clone, Default)]
pub struct Text {
    pieces: Vec<Piece>,
}

impl Text {
    /// A text without secrets.
    pub fn plain(value: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Plain(value.into())] }
    }

    /// A text that is one secret. An empty value hides nothing and stays plain.
    pub fn secret(value: impl Into<String>) -> Self {
        let mut text = Self::default();
        text.push_secret(&value.into());
        text
    }

    /// Adds what may be shown.
    pub fn push_plain(&mut self, value: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Plain(last)) => last.push_str(value),
            _ if value.is_empty() => {}
            _ => self.push(Piece::Plain(value.to_owned())),
        }
    }

    /// Adds what must not be shown.
    pub fn push_secret(&mut self, value: &str) {
        if !value.is_empty() {
            self.push(Piece::Secret(Secret::new(value)));
        }
    }

    /// Most texts are one piece, so that no room is kept for more.
    fn push(&mut self, piece: Piece) {
        if self.pieces.is_empty() {
            self.pieces.reserve_exact(1);
        }
        self.pieces.push(piece);
    }

    /// Adds another text's pieces.
    pub fn push_text(&mut self, other: &Text) {
        for piece in &other.pieces {
            match piece {
                Piece::Plain(value) => self.push_plain(value),
                Piece::Secret(_) => self.push(piece.clone()),
            }
        }
    }

    /// The stretches, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// The full value: for comparing, resolving and sealing, never for showing.
    pub fn reveal(&self) -> String {
        self.pieces.iter().map(Piece::reveal).collect()
    }

    /// What may be shown, with fingerprints in place of secrets.
    pub fn shown(&self, key: &Key) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Plain(value) => value.clone(),
                Piece::Secret(secret) => secret.shown(key),
            })
            .collect()
    }

    /// Whether any part is secret.
    pub fn has_secret(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Secret(_)))
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        match (self.pieces.as_slice(), other.pieces.as_slice()) {
            // Nearly all of them, at every comparison of a home.
            ([one], [another]) => one.reveal() == another.reveal(),
            _ => self.reveal() == other.reveal(),
        }
    }
}

impl Eq for Text {}

impl From<&str> for Text {
    fn from(value: &str) -> Self {
        Self::plain(value)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for piece in &self.pieces {
            match piece {
                Piece::Plain(value) => write!(f, "{}", value.escape_debug())?,
                Piece::Secret(secret) => write!(f, "{secret:?}")?,
            }
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_ignores_the_cut() {
        let mut cut = Text::plain("Bearer ");
        cut.push_secret("abc");
        assert_eq!(cut, Text::plain("Bearer abc"));
        assert!(cut.has_secret() && !Text::secret("").has_secret());
        assert_eq!(format!("{cut:?}"), "\"Bearer ‹secret›\"");
        assert!(cut.shown(&Key::from_bytes([0; 32])).starts_with("Bearer ‹secret "));
    }
}
