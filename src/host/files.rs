//! What may be asked about files, as a trait, so that a test can answer. Must not know how it is done.

use super::read_error::ReadError;
use crate::model::surface::FileFacts;
use std::ffi::OsString;
use std::fmt;
use std::path::Path;

/// The most names that [`Files::list`] gives.
pub const LIST_LIMIT: usize = 10_000;

/// A file's bytes and what the file system says about the very file they came from.
#[derive(Clone, PartialEq, Eq)]
pub struct Contents {
    /// All of it.
    pub bytes: Vec<u8>,
    /// Its identity.
    pub facts: FileFacts,
}

/// Shows how much there is, not what: a watched file holds secrets.
impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contents").field("bytes", &self.bytes.len()).field("facts", &self.facts).finish()
    }
}

/// Reading. No method waits for another process, and none reads anything but regular files and directories.
pub trait Files: Send + Sync {
    /// Reads a regular file whole, following symbolic links as the client does; `cap` bytes at most.
    fn read(&self, path: &Path, cap: u64) -> Result<Contents, ReadError>;

    /// What the file system says about a regular file, links followed; needs no permission to read it.
    fn facts(&self, path: &Path) -> Result<FileFacts, ReadError>;

    /// The names in a directory, sorted; more than [`LIST_LIMIT`] are an error.
    fn list(&self, dir: &Path) -> Result<Vec<OsString>, ReadError>;

    /// Whether anything lies there, links followed. What cannot be told counts as there.
    fn exists(&self, path: &Path) -> bool;
}
