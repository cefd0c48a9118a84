//! Typed differences between baseline and inventory, and what each kind of them means.

pub mod explain;
pub mod textdiff;
