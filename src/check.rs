//! A home → its drifts, now.

use crate::baseline::Baseline;
use crate::host::files::Files;
use crate::model::drift::Judgement;
use crate::model::inventory::Inventory;
use crate::surface::claude_code::Layout;
use std::path::PathBuf;

/// How a check is made.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// A file larger than this is not read.
    pub cap: u64,
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The home.
    pub home: PathBuf,
    /// The gravest first; each has drifts.
    pub judgements: Vec<Judgement>,
    /// Everything that is there.
    pub inventory: Inventory,
}

/// Checks a home.
pub fn check(_: &dyn Files, layout: &Layout, _: &Baseline, _: &Settings) -> Report {
    Report { home: layout.home.clone(), judgements: Vec::new(), inventory: Inventory::default() }
}
