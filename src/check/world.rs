//! What must be known of the machine to judge, beyond the files themselves.

use crate::baseline::catalogue;
use crate::drift::Known;
use crate::model::vendor::Vendor;
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// Well-known vendors, prepared for being asked about.
#[derive(Debug, Default)]
pub struct Vendors {
    pub(super) list: &'static [Vendor],
    pub(super) hosts: Arc<Known>,
}

impl Vendors {
    /// Those of the catalogue.
    pub fn of_the_catalogue() -> &'static Self {
        static VENDORS: LazyLock<Vendors> = LazyLock::new(|| {
            let list = catalogue::catalogue();
            let hosts = list.iter().flat_map(|vendor| vendor.hosts.iter().map(String::as_str));
            Vendors { list, hosts: Arc::new(Known::new(hosts)) }
        });
        &VENDORS
    }
}

/// Facts and questions about the machine, answered by whoever puts the parts together.
pub struct World<'a> {
    /// The owner of the home, where known.
    pub owner: Option<u32>,
    /// Whether a group has nobody but that owner in it.
    pub is_private_group: &'a dyn Fn(u32) -> bool,
    /// Whether a directory is there.
    pub exists: &'a dyn Fn(&Path) -> bool,
    /// Well-known vendors.
    pub vendors: &'a Vendors,
}

impl World<'_> {
    /// Whether a directory is there that a document names. A relative one is nowhere: where we were started
    /// has nothing to do with it.
    pub(super) fn has(&self, directory: &Path) -> bool {
        directory.is_absolute() && (self.exists)(directory)
    }
}
