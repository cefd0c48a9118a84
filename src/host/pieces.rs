//! A file read a piece at a time: room for all of a large one costs more than the reading. Must not know what is done with
//! the pieces.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};

/// How large a piece is at most.
const PIECE: usize = 256 << 10;

/// Hands on piece after piece, for as long as they are taken; says whether all of them were.
///
/// # Errors
/// What the system says.
pub(super) fn each_piece(file: &File, mut take: impl FnMut(&[u8]) -> bool) -> io::Result<bool> {
    let mut pieces = BufReader::with_capacity(PIECE, file);
    loop {
        let piece = pieces.fill_buf()?;
        if piece.is_empty() {
            return Ok(true);
        }
        if !take(piece) {
            return Ok(false);
        }
        let read = piece.len();
        pieces.consume(read);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn every_byte_is_handed_on_once_until_one_is_not_taken() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("f");
        let bytes: Vec<u8> = (0..2 * PIECE + 7).map(|at| at as u8).collect();
        fs::write(&path, &bytes).unwrap();
        let (mut seen, mut calls) = (Vec::new(), 0);
        assert!(
            each_piece(&File::open(&path).unwrap(), |piece| {
                seen.extend_from_slice(piece);
                true
            })
            .unwrap()
        );
        assert!(seen == bytes);
        let is_all = each_piece(&File::open(&path).unwrap(), |_| {
            calls += 1;
            calls < 2
        });
        assert_eq!((is_all.unwrap(), calls), (false, 2));
    }
}
