//! A home → its drifts, now. What `diff`, `baseline capture`, `approve` and the agent share.
//!
//! Reading and judging are apart: [`Reader`] finds and reads the surfaces (and remembers what has not
//! changed), [`judge()`] is pure. Knows nothing of terminals, of the journal or of who asks.

mod accept;
mod judge;
mod locate;
mod read;
mod shadows;
mod worktrees;
mod world;

pub use accept::{Acceptance, acceptance, capture};
pub use judge::judge;
pub use read::{Reader, Reading};
pub use world::World;

use crate::baseline::Baseline;
use crate::host::clock::Clock;
use crate::host::files::Files;
use crate::model::drift::Judgement;
use crate::model::inventory::Inventory;
use crate::surface::claude_code::Layout;
use std::path::PathBuf;

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
pub fn check(
    reader: &mut Reader,
    files: &dyn Files,
    clock: &dyn Clock,
    layout: &Layout,
    baseline: &Baseline,
    world: &World<'_>,
) -> Report {
    let reading = reader.read(files, clock, layout, baseline);
    let inventory = reading.inventory;
    let judgements = judge(&inventory, baseline, world);
    let mut report = Report { home: layout.home.clone(), judgements, inventory };
    locate::locate(&mut report, files, reader.cap());
    report
}

#[cfg(test)]
mod tests;
