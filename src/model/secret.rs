//! A value that must not be seen. Knows nothing of what it protects.

use crate::model::digest::Key;
use std::fmt;
use std::sync::Arc;

/// A secret; what stands in several places is kept once. It has no `Display`, and its `Debug` shows nothing, so that no log line or error can carry it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Takes a value in.
    pub fn new(value: impl Into<Arc<str>>) -> Self {
        Self(value.into())
    }

    /// The value itself: for comparing, sealing and putting back, never for showing.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What may be shown: `‹secret 3f9a1c›`, the same for the same value on the same installation.
    pub fn shown(&self, key: &Key) -> String {
        format!("‹secret {}›", key.authenticate("fingerprint", self.0.as_bytes()).short(6))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹secret›")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_equality_and_not_the_value() {
        let key = Key::from_bytes([1; 32]);
        let (a, b) = (Secret::new("hunter2"), Secret::new("hunter3"));
        assert_eq!(a.shown(&key), Secret::new("hunter2").shown(&key));
        assert_ne!(a.shown(&key), b.shown(&key));
        assert_ne!(a.shown(&key), a.shown(&Key::from_bytes([2; 32])));
        assert!(!format!("{a:?}{}", a.shown(&key)).contains("hunter"));
    }
}
