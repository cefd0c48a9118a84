//! What an observer hands on. Must not know how it was read, nor what is made of it.

use super::promise::Promise;
use crate::attribution::Authors;
use crate::baseline::Baseline;
use crate::model::inventory::Inventory;
use crate::sensor::Means;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// What an observer hands on.
#[derive(Debug)]
pub(super) enum Word {
    /// What was read, and all that is to be known of it.
    Seen(Box<Observation>),
    /// That so many versions of a file were gone before they could be read.
    Unread {
        /// The number under which the observer was started.
        home: u64,
        /// The file.
        file: PathBuf,
        /// How many.
        versions: u32,
    },
}

/// What was read, and what it is to be measured by.
#[derive(Debug)]
pub(super) struct Observation {
    /// The number under which the observer was started.
    pub(super) home: u64,
    /// The baseline in force when it was read.
    pub(super) baseline: Arc<Baseline>,
    /// What is there.
    pub(super) inventory: Arc<Inventory>,
    /// How it is watched.
    pub(super) sight: Sight,
    /// Whether this answers an order to look at everything.
    pub(super) is_answer: bool,
    /// Who touched the files since the observation before, where that can be known: it may still be found out.
    pub(super) authors: Promise<Authors>,
}

/// How well a home is watched.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sight {
    /// How many files are looked for.
    pub(super) surfaces: usize,
    /// How many projects they belong to.
    pub(super) projects: usize,
    /// By which of the system's means it is watched.
    pub(super) means: BTreeSet<Means>,
    /// Why some files are only looked at now and then: the reason, and a sentence with how many.
    pub(super) trouble: Option<(String, String)>,
}
