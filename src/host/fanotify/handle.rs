//! What is the same file, as the kernel's events say it: the file system's number and the file's handle on it, with
//! its generation, so that a file in the place of a removed one is another. Must not
//! know what is in a file.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::LazyLock;

/// One file or directory. A digest under a key of this process, since thousands are kept and a handle has up to 128
/// bytes; nobody outside can make two of them meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Handle([u64; 2]);

static KEYS: LazyLock<[RandomState; 2]> = LazyLock::new(|| [RandomState::new(), RandomState::new()]);

impl Handle {
    /// That handle on that file system.
    pub(super) fn new(system: [u8; 8], kind: i32, bytes: &[u8]) -> Self {
        Self(KEYS.each_ref().map(|key| {
            let mut hasher = key.build_hasher();
            hasher.write(&system);
            hasher.write_i32(kind);
            hasher.write(bytes);
            hasher.finish()
        }))
    }
}
