//! Authenticated encryption of what must come back and must not be read. Must not know what it seals.

use crate::model::digest::Key;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};

/// How a sealed value is laid out: this byte, the nonce, the ciphertext with its tag.
const VERSION: u8 = 1;
const NONCE: usize = 24;

/// Why a value was not sealed.
#[derive(Debug)]
pub(super) enum SealError {
    /// The system gave no random bytes.
    NoRandomness(String),
    /// Larger than the cipher takes (256 GB).
    TooLarge,
}

/// Seals and opens under a key that is derived from the installation's and used for nothing else.
pub(super) struct Sealer(XChaCha20Poly1305);

impl Sealer {
    /// A sealer under that installation's key.
    pub(super) fn new(key: &Key) -> Self {
        Self(XChaCha20Poly1305::new(&key.derive("seal").into()))
    }

    /// Seals `plain` for one place: it opens there and nowhere else.
    pub(super) fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|error| SealError::NoRandomness(error.to_string()))?;
        let associated = associated(place);
        let payload = Payload { msg: plain, aad: &associated };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::TooLarge)?;
        let mut blob = Vec::with_capacity(1 + NONCE + sealed.len());
        blob.push(VERSION);
        blob.extend_from_slice(&nonce);
        blob.extend_from_slice(&sealed);
        Ok(blob)
    }

    /// Opens what was sealed for that place; `None` when it was changed, moved or sealed under another key.
    pub(super) fn open(&self, place: &str, blob: &[u8]) -> Option<Vec<u8>> {
        let (version, rest) = blob.split_first()?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>()?;
        if *version != VERSION {
            return None;
        }
        let associated = associated(place);
        self.0.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &associated }).ok()
    }
}

/// The version is authenticated as well.
fn associated(place: &str) -> Vec<u8> {
    let mut associated = vec![VERSION];
    associated.extend_from_slice(place.as_bytes());
    associated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_what_it_sealed_where_it_was_sealed() {
        let sealer = Sealer::new(&Key::from_bytes([1; 32]));
        let blob = sealer.seal("row 1", b"s3cr3t").unwrap();
        assert_eq!(sealer.open("row 1", &blob).unwrap(), b"s3cr3t");
        assert!(!blob.windows(6).any(|window| window == b"s3cr3t"));
        assert_ne!(blob, sealer.seal("row 1", b"s3cr3t").unwrap());
        assert_eq!(sealer.open("row 2", &blob), None);
        assert_eq!(Sealer::new(&Key::from_bytes([2; 32])).open("row 1", &blob), None);
        for at in 0..blob.len() {
            let mut changed = blob.clone();
            changed[at] ^= 1;
            assert_eq!(sealer.open("row 1", &changed), None);
            assert_eq!(sealer.open("row 1", &blob[..at]), None);
        }
    }
}
