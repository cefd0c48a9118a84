//! A home → its drifts, now. What `diff`, `baseline capture`, `approve` and the agent share.
//!
//! Reading and judging are apart: [`Reader`] finds and reads the surfaces (and remembers what has not
//! changed), [`Judge`] is pure. Knows nothing of terminals, of the journal or of who asks.

mod accept;
mod contents;
mod credentials;
mod judge;
mod locate;
mod place;
mod read;
mod shadows;
mod surface_file;
mod way;
mod worktrees;
mod world;

pub use accept::{Acceptance, acceptance, capture};
pub use judge::Judge;
pub use place::Place;
pub use read::{Reader, Reading};
pub use world::{Vendors, World};

use crate::model::drift::Judgement;
use crate::model::inventory::Inventory;
use std::path::PathBuf;
use std::sync::Arc;

/// Everything that a check found out about one home.
#[derive(Clone, Debug)]
pub struct Report {
    /// Which home.
    pub home: PathBuf,
    /// What is not as it should be, the gravest first; each has at least one drift.
    pub judgements: Vec<Judgement>,
    /// What is there.
    pub inventory: Inventory,
}

/// Checks one home.
pub fn check(reader: &mut Reader, place: Place<'_>, world: &World<'_>) -> Report {
    let inventory = Arc::new(reader.read(place).inventory);
    let judgements = judge::judge_once(&inventory, place.baseline, world);
    let inventory = Arc::unwrap_or_clone(inventory);
    let mut report = Report { home: place.layout.home.clone(), judgements, inventory };
    locate::locate(&mut report, place.files, reader.cap());
    report
}

#[cfg(test)]
mod read_tests;
#[cfg(test)]
mod tests;
