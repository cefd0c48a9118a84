//! `diff`: baseline against what is on disk now.

mod entry;
mod json;
mod next;
mod text;
