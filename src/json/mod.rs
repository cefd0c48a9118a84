//! JSON documents read as the client reads them, the big rest skipped.
//!
//! The client is a JavaScript program: bytes become text with what is invalid replaced, one byte
//! order mark is dropped, and the text goes through `JSON.parse`. What it accepts is accepted here
//! with the same meaning, what it rejects is rejected here, with the place and a reason. A monitor
//! that reads a document differently from the program it guards can be shown one server while the
//! program connects to another.
//!
//! [`decode`] makes text of bytes, [`read()`] makes a [`Document`] of text, keeping only what a
//! [`Shape`] asks for. This module must not know what the documents are about: no file, no client,
//! no server. No type of the parser underneath leaves it.
//!
//! # What is bounded
//! Reading is one pass; what the shape does not ask for costs time but no memory, at any depth.
//! Of what it asks for:
//! - nesting is kept as a tree for [`LEVELS`] levels below a [`Shape::Whole`] and as its raw text
//!   ([`Tree::Deep`]) below that, so that no tree is deep enough to exhaust the stack;
//! - a list or an object inside a `Whole` with more than [`WIDTH`] entries, and any that begins
//!   when [`NODES`] values of such lists and objects were made, is kept as its raw text as well;
//! - of duplicate keys at most [`DUPLICATES`] are listed, with at most [`PATHS`] bytes of paths
//!   together; the others are counted.
//!
//! The members that a [`Shape::EachMember`] asks for are all kept, however many there are: about
//! 200 bytes each while reading, 130 afterwards. The size of a file is for its reader to bound.

pub mod entry;
mod error;
mod fault;
mod node;
mod object;
mod read;
mod scan;
mod shape;
mod string;
mod text;

#[cfg(test)]
mod properties;

pub use error::{SyntaxError, line_and_column};
pub use node::{Document, Duplicate, Kind, Node, Tree};
pub use object::{Member, Object};
pub use read::{LEVELS, NODES, WIDTH, read};
pub use scan::{DUPLICATES, PATHS};
pub use shape::Shape;
pub use text::{Text, decode};
