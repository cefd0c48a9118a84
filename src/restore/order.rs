//! What is to be done to one file, as it can be handed to another process. Must not know why.

use super::Mend;
use crate::model::surface::Format;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// One order.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    file: Vec<u8>,
    /// Whose the file must be.
    pub owner: u32,
    /// Whether the file may be a link: its target is changed and the link stays.
    pub may_be_linked: bool,
    /// Whether the client locks the file while it rewrites it.
    pub is_locked: bool,
    /// Whether others may write it, which is to be ended.
    pub closes: bool,
    /// The most bytes that are read.
    pub cap: u64,
    /// What is to be changed in it, in this order.
    pub edits: Vec<OrderedEdit>,
}

/// One entry of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderedEdit {
    /// The names that lead to it.
    pub path: Vec<String>,
    /// What it is to be; `None` for not there.
    pub wanted: Option<String>,
}

impl Order {
    /// The order for that mend of a file of that owner.
    pub fn new(mend: &Mend, owner: u32, cap: u64) -> Self {
        let edit = |edit: &super::Edit| OrderedEdit {
            path: edit.path.clone(),
            wanted: edit.wanted.as_ref().map(|wanted| wanted.reveal().to_owned()),
        };
        Self {
            file: mend.surface.file.as_os_str().as_bytes().to_vec(),
            owner,
            // One that appeared since is not followed; one that should not be there was refused before.
            may_be_linked: mend.is_linked,
            is_locked: mend.surface.format == Format::ClaudeJson,
            closes: mend.opened.is_some(),
            cap,
            edits: mend.edits.iter().map(edit).collect(),
        }
    }

    /// The order that changes nothing, and clears up what earlier ones have left beside that file of that owner.
    pub fn to_clear_up(file: &Path, owner: u32) -> Self {
        Self {
            file: file.as_os_str().as_bytes().to_vec(),
            owner,
            may_be_linked: true,
            is_locked: false,
            closes: false,
            cap: 0,
            edits: Vec::new(),
        }
    }

    /// The file.
    pub fn file(&self) -> PathBuf {
        PathBuf::from(OsString::from_vec(self.file.clone()))
    }
}

/// Says where and how much, not what: what is put back may hold secrets.
impl std::fmt::Debug for Order {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Order").field("file", &self.file()).field("edits", &self.edits.len()).finish()
    }
}
