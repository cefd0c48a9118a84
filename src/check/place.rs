//! The machine that is read, and for whom. Reads nothing itself.

use crate::baseline::Baseline;
use crate::host::clock::Clock;
use crate::host::files::Files;
use crate::surface::claude_code::Layout;

/// The machine that is read, and for whom.
#[derive(Clone, Copy)]
pub struct Place<'p> {
    /// Its files.
    pub files: &'p dyn Files,
    /// Its clock.
    pub clock: &'p dyn Clock,
    /// Where the client keeps what in this home.
    pub layout: &'p Layout,
    /// What should be there: what was approved is looked for also where nothing names it.
    pub baseline: &'p Baseline,
}
