//! Digests and the installation's key. Knows nothing of where the key is kept.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::io::Read;

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of all that comes from there.
    ///
    /// # Errors
    /// The reader's.
    pub fn of_reader(reader: &mut impl Read) -> std::io::Result<Self> {
        let mut hash = Sha256::new();
        let mut room = vec![0; 64 << 10];
        loop {
            match reader.read(&mut room) {
                Ok(0) => return Ok(Self(hash.finalize().into())),
                Ok(length) => hash.update(room.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// A digest that was stored earlier.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes, for storing.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The digest that is written so: 64 hexadecimal digits in lower case, as [`Digest`] prints itself.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
        if pairs.len() != bytes.len() {
            return None;
        }
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self(bytes))
    }

    /// The first `n` hexadecimal digits, enough to tell two things apart on a screen.
    pub fn short(&self, n: usize) -> String {
        self.to_string().chars().take(n).collect()
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The installation's key: 32 random bytes that lie outside the database. With it a secret becomes a
/// fingerprint that shows equality and nothing else; without it nobody can test guesses offline.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// Wraps the bytes of a key file.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for its file and for nothing else.
    pub fn reveal(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA-256 of `bytes` under this key. `purpose` keeps the uses of one key apart: a fingerprint
    /// can never be mistaken for an identifier or for a derived key.
    pub fn authenticate(&self, purpose: &str, bytes: &[u8]) -> Digest {
        let mut mac = match Hmac::<Sha256>::new_from_slice(&self.0) {
            Ok(mac) => mac,
            // NOTE(unreachable): HMAC takes keys of every length, and this one has 32 bytes.
            Err(_) => return Digest::of(&[]),
        };
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(bytes);
        Digest(mac.finalize().into_bytes().into())
    }

    /// A key for one purpose, derived from this one.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        self.authenticate("derive", purpose.as_bytes()).0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_are_kept_apart() {
        let key = Key::from_bytes([7; 32]);
        assert_ne!(key.authenticate("a", b"b"), key.authenticate("b", b"b"));
        assert_ne!(key.authenticate("a", b"x"), key.authenticate("a\0", b"x"));
        assert_eq!(format!("{key:?}"), "Key(…)");
    }

    #[test]
    fn a_digest_prints_as_hexadecimal() {
        assert_eq!(Digest::of(b"").short(8), "e3b0c442");
        assert_eq!(Digest::of(b"").to_string().len(), 64);
    }

    #[test]
    fn a_digest_reads_back_as_it_prints() {
        let digest = Digest::of(b"x");
        let text = digest.to_string();
        assert_eq!(Digest::from_hex(&text), Some(digest));
        for wrong in [&text[1..], &text.to_uppercase(), &format!("{text}0"), "", &text.replace('a', "g")] {
            assert_eq!(Digest::from_hex(wrong), None, "{wrong}");
        }
    }
}
