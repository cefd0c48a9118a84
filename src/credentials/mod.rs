//! The client's credentials file: what of it was lost or damaged, which endpoint a login was for, and putting a lost
//! login back. Pure; knows no file system and no journal.
//!
//! Apart from [`login`], which a person asks for, nothing here keeps a byte of a token: the shape is all that is
//! looked at.

mod guard;
mod judge;
pub mod login;
mod shape;
pub mod witness;

pub use guard::{Guard, Told};
pub use judge::{Finding, Writer};
pub use shape::shape;

/// How many bytes of a credentials file are read. A file with a login for every server there is would not be larger.
pub const FILE_CAP: u64 = 4 << 20;
