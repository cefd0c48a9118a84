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
