//! Where each client keeps what, and how its documents become an inventory.
//!
//! Pure: documents in, nouns out. Reading files is for others; what must be read next is part of the answer
//! ([`Extract::follow`]), since one file names the next.

mod assemble;
pub mod claude_code;
mod extract;
mod place;
mod targets;

pub use assemble::{Found, assemble};
pub use extract::{Extract, Toggle, ToggleKind};
pub use targets::targets;
