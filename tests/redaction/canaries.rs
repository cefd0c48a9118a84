//! Canaries: secrets that nobody else has, each known by the place where it was planted. Must not know who reads them.

use super::bytes::Heard;
use memchr::memmem::{self, Finder};

/// What all of them hold, and nothing else does.
const MARK: &str = "zW9canaryX";

/// What was planted.
#[derive(Default)]
pub(crate) struct Canaries {
    planted: Vec<(String, String)>,
}

impl Canaries {
    /// A secret of its own for that place: letters and digits, as tokens are.
    pub(crate) fn plant(&mut self, place: &str) -> String {
        let number = self.planted.len();
        // Never a part of another one, and no word that anything else would hold.
        let token = format!("k{number:03}7qpT4pT4{MARK}{:03}v", 999 - number);
        self.planted.push((place.to_owned(), token.clone()));
        token
    }

    /// How many were planted.
    pub(crate) fn planted(&self) -> usize {
        self.planted.len()
    }

    /// `place: where it was heard`, for each that got out in any spelling.
    pub(crate) fn found_in(&self, heard: &Heard) -> Vec<String> {
        let marks: Vec<Finder<'_>> =
            spellings(MARK).iter().map(|mark| Finder::new(mark).into_owned()).collect();
        let mut found = Vec::new();
        for (origin, bytes) in heard.all() {
            for (mark, at) in marks.iter().flat_map(|mark| mark.find_iter(bytes).map(move |at| (mark, at))) {
                let length = mark.needle().len();
                let around = &bytes[at.saturating_sub(100 + length)..bytes.len().min(at + 100 + length)];
                let is_it = |token: &str| {
                    spellings(token).iter().any(|spelled| memmem::find(around, spelled.as_bytes()).is_some())
                };
                let place = self
                    .planted
                    .iter()
                    .find(|(_, token)| is_it(token))
                    .map_or("part of one", |(place, _)| place);
                found.push(format!("{place}: in {origin}: …{}…", String::from_utf8_lossy(around)));
            }
        }
        found.sort();
        found
    }
}

/// The ways in which a secret may be written. Compared without regard to case.
fn spellings(token: &str) -> Vec<String> {
    let hex: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
    let percent: String = token.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let reversed: String = token.chars().rev().collect();
    let mut all = vec![token.to_lowercase(), hex, percent, reversed.to_lowercase()];
    // In base64 it depends on what stood before: the middle of it is the same for each of three beginnings.
    for before in ["", "a", "ab"] {
        let encoded = base64(format!("{before}{token}").as_bytes());
        all.push(encoded[4..encoded.len() - 4].to_lowercase());
    }
    all
}

/// Base64, to compare with.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let index = (group >> (18 - 6 * place)) & 63;
            text.push(if place <= chunk.len() { char::from(LETTERS[index as usize]) } else { '=' });
        }
    }
    text
}
