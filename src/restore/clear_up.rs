//! What was left beside a file when a revert of it was killed, cleared up without waiting for the next revert. Must not
//! know who asks.

use super::deputy::carry_out;
use super::order::Order;
use crate::host::clock::Clock;
use crate::host::leftovers::Cleared;
use crate::host::replace::Place;
use std::path::Path;

/// Clears up beside that file of that owner, as its owner; `None` where nothing was left.
///
/// # Errors
/// Why it was not done: one sentence without a secret.
pub fn clear_up(file: &Path, owner: u32, clock: &dyn Clock) -> Option<Result<Cleared, String>> {
    // Where there is no way to the file, no revert has been there.
    let place = Place::find(file, owner).ok()?;
    // Names only: nobody is made to act for the owner as long as there is nothing to be done.
    let has_leftovers = place.has_leftovers();
    has_leftovers.then(|| carry_out(&Order::to_clear_up(file, owner), clock).map(|mended| mended.cleared))
}
