//! What must be known of the machine to judge, beyond the files themselves.

use crate::model::vendor::Vendor;
use std::path::Path;

/// Facts and questions about the machine, answered by whoever puts the parts together.
pub struct World<'a> {
    /// The owner of the home, where known.
    pub owner: Option<u32>,
    /// Whether a group has nobody but that owner in it.
    pub is_private_group: &'a dyn Fn(u32) -> bool,
    /// Whether a directory is there.
    pub exists: &'a dyn Fn(&Path) -> bool,
    /// Well-known vendors.
    pub vendors: &'a [Vendor],
}

impl World<'_> {
    /// Whether a directory is there that a document names. A relative one is nowhere: where we were started
    /// has nothing to do with it.
    pub(super) fn has(&self, directory: &Path) -> bool {
        directory.is_absolute() && (self.exists)(directory)
    }
}
