//! A document read once, as far as its members have names: reading is what takes time in one of many megabytes. Must not
//! know what is looked for.

use super::error::SpliceError;
use crate::json::{Document, Shape, Text, decode, read};

/// Names and places, and nothing of the values.
pub(super) const NAMES: Shape = Shape::EachMember(&Shape::Skip);

/// A document.
pub(super) struct Opened<'b> {
    pub(super) text: Text<'b>,
    /// What stands on its top; `None` where nothing stands at all.
    pub(super) top: Option<Document>,
}

impl<'b> Opened<'b> {
    /// Reads it.
    pub(super) fn read(bytes: &'b [u8]) -> Result<Self, SpliceError> {
        let text = decode(bytes);
        let is_empty = text.as_str().trim().is_empty();
        let top = if is_empty { None } else { Some(read(text.as_str(), &NAMES)?) };
        Ok(Self { text, top })
    }
}
