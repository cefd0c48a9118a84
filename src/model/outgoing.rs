//! An event on its way to a sink. Must not know which sink, nor what it makes of it.

use crate::model::event::Event;

/// An event as it stands in the journal, ready to be put into words.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Its number.
    pub sequence: i64,
    /// What it says.
    pub event: Event,
    /// Its document, byte for byte as it was stored.
    pub document: String,
}
