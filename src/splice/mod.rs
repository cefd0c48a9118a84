//! The bytes of a document with one entry put in, put right or taken out, and nothing else moved. Pure: bytes in, bytes
//! out. Must not know what the documents are about, where they lie, or why they are changed.
//!
//! The document is read as its client reads it ([`crate::json`]), so that what is put back is what the client will see:
//! of a key that stands twice the last one wins, and after a change one of them is left. What is put in follows the
//! document: its line ends, its indentation, its spacing, and whether an object stands on one line or on many.
//!
//! Every result is read back and judged before it is given out. One that does not say exactly what was wanted, or
//! says anything else otherwise than before, is an error.

mod error;
mod find;
mod judge;
mod opened;
mod places;
mod render;
mod style;

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use error::SpliceError;
pub use render::is_json;

use find::{Found, Member, find, find_in};
use opened::Opened;
use places::Places;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// More copies of one key than this are not cleared up one by one.
const MOST_COPIES: usize = 64;

/// What is to become of one member.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Change<'a> {
    /// It is to be there with this value, which is JSON. Objects that are missing on the way are made.
    Set(&'a str),
    /// It is not to be there.
    Remove,
}

/// A document with one member changed.
#[derive(Clone, PartialEq, Eq)]
pub struct Spliced {
    /// All of it.
    pub bytes: Vec<u8>,
    /// How many bytes are gone or new: those of the entry, never of anything else.
    pub changed: usize,
}

/// Says how much there is, not what: a watched file holds secrets.
impl fmt::Debug for Spliced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spliced").field("bytes", &self.bytes.len()).field("changed", &self.changed).finish()
    }
}

/// Changes the member that `path` leads to, name by name from the top of the document.
///
/// # Errors
/// When the document is none, the path leads over something that is no object, or the result would not be sound.
pub fn splice(bytes: &[u8], path: &[&str], change: Change<'_>) -> Result<Spliced, SpliceError> {
    // A document may have many megabytes: it is read once before and once after, and copied when something changes.
    let before = Opened::read(bytes)?;
    let (mut now, mut changed) = (Cow::Borrowed(bytes), 0);
    let mut round = next_edit(&before, bytes, path, change)?;
    // Copies of the key that do not count are cleared up one by one; the round after them changes what counts.
    for _ in 0..=MOST_COPIES {
        let is_last = round.as_ref().is_none_or(|(_, is_last)| *is_last);
        if let Some((edit, _)) = round {
            let (edited, more) = edit.apply(&now);
            (now, changed) = (Cow::Owned(edited), changed + more);
        }
        if is_last {
            judge::judge(&before, &now, path, change)?;
            return Ok(Spliced { bytes: now.into_owned(), changed });
        }
        round = next_edit(&Opened::read(&now)?, &now, path, change)?;
    }
    Err(SpliceError::TooManyCopies)
}

/// Where in a text the member stands that `path` leads to, its key included; the one that counts, where it stands more
/// than once.
pub fn entry_at(text: &str, path: &[&str]) -> Option<Range<usize>> {
    match find(text, path) {
        Ok(Found::There { member, .. }) => Some(member.key.start..member.value.end),
        _ => None,
    }
}

/// One stretch of the document and what is to stand there instead.
struct Edit {
    span: Range<usize>,
    text: String,
}

impl Edit {
    /// The document with that stretch changed, and how many bytes that changes.
    fn apply(self, document: &[u8]) -> (Vec<u8>, usize) {
        let old = document.get(self.span.clone()).unwrap_or_default();
        let new = self.text.as_bytes();
        let common = |pairs: &mut dyn Iterator<Item = (&u8, &u8)>| pairs.take_while(|(a, b)| a == b).count();
        let before = common(&mut old.iter().zip(new));
        let [old_rest, new_rest] = [old, new].map(|all| all.get(before..).unwrap_or_default());
        let after = common(&mut old_rest.iter().rev().zip(new_rest.iter().rev()));
        let changed = (old_rest.len() - after).max(new_rest.len() - after);
        let [head, tail] =
            [document.get(..self.span.start), document.get(self.span.end..)].map(Option::unwrap_or_default);
        ([head, new, tail].concat(), changed)
    }
}

/// What is to be done next, in bytes, and whether that is all; `None` when the document says what is wanted.
fn next_edit(
    document: &Opened<'_>,
    bytes: &[u8],
    path: &[&str],
    change: Change<'_>,
) -> Result<Option<(Edit, bool)>, SpliceError> {
    let text = document.text.as_str();
    let Some(top) = &document.top else {
        return Ok(match change {
            Change::Set(value) => {
                Some((Edit { span: 0..bytes.len(), text: style::fresh(path, value)? }, true))
            }
            Change::Remove => None,
        });
    };
    let found = find_in(text, top, path)?;
    let is_last = !matches!(&found, Found::There { copies, .. } if !copies.is_empty());
    let edit = match (found, change) {
        (Found::Missing { .. }, Change::Remove) => None,
        (Found::Missing { object, depth }, Change::Set(value)) => {
            let rest = path.get(depth..).unwrap_or_default();
            let (at, text) = style::insertion(text, &object, rest, value)?;
            Some(Edit { span: at..at, text })
        }
        (Found::There { member, copies }, change) => match (copies.first(), change) {
            (Some(copy), _) => Some(removal(text, copy)),
            (None, Change::Remove) => Some(removal(text, &member)),
            (None, Change::Set(value)) => {
                let wanted = style::value_for(text, &member, value)?;
                let is_so =
                    text.get(member.value.clone()).is_some_and(|now| render::says_the_same(now, value));
                (!is_so).then_some(Edit { span: member.value, text: wanted })
            }
        },
    };
    let places = Places::of(&document.text, bytes);
    Ok(edit.map(|edit| (Edit { span: places.in_bytes(&edit.span), ..edit }, is_last)))
}

/// Takes a member out, with the comma that goes with it.
fn removal(text: &str, member: &Member) -> Edit {
    let bytes = text.as_bytes();
    let before = find::back_over_space(bytes, member.key.start);
    let after = find::over_space(bytes, member.value.end);
    let follows = bytes.get(after) == Some(&b',');
    let span = match (before.checked_sub(1).and_then(|at| bytes.get(at)), follows) {
        (Some(b','), _) => before - 1..member.value.end,
        (_, true) => member.key.start..find::over_space(bytes, after + 1),
        (_, false) => before..after,
    };
    Edit { span, text: String::new() }
}
