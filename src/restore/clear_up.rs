//! What was left beside files when a revert of them was killed, cleared up without waiting for the next revert. Must not
//! know who asks.

use super::deputy::carry_out;
use super::order::Order;
use crate::host::clock::Clock;
use crate::host::fs_identity::{self, FsIdentity};
use crate::host::leftovers::Cleared;
use crate::host::replace::Place;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Beside so many files of one owner something is cleared up at once: he can lay there what he likes.
const MOST: usize = 16;
/// And so long is looked for it.
const AT_MOST: Duration = Duration::from_secs(5);

/// Clears up beside those files of that owner, as that owner; gives those beside which there was something, and why it
/// could not be done: one sentence without a secret.
pub fn clear_up(files: &[PathBuf], owner: u32, clock: &dyn Clock) -> Vec<(PathBuf, Result<Cleared, String>)> {
    let (identity, start) = (FsIdentity::of(owner), clock.elapsed());
    let in_time = files.iter().take_while(|_| clock.elapsed() - start < AT_MOST);
    // Names only: nobody is made to act for the owner as long as there is nothing to be done.
    let beside = in_time.filter(|file| fs_identity::with(identity.as_ref(), || has_leftovers(file, owner)));
    let outcomes = beside.take(MOST).map(|file| {
        let mended = carry_out(&Order::to_clear_up(file, owner), clock);
        (file.clone(), mended.map(|mended| mended.cleared))
    });
    // What is too young may be somebody's who is at work.
    outcomes.filter(|(_, outcome)| *outcome != Ok(Cleared::default())).collect()
}

/// The same beside one file of ours, by this process: what lies there may be a draft with a login in it.
pub fn clear_up_beside(file: &Path, owner: u32, clock: &dyn Clock) {
    if let Ok(place) = Place::find(file, owner) {
        place.clear_up(clock.now());
    }
}

/// Where there is no way to the file, no revert has been there.
fn has_leftovers(file: &Path, owner: u32) -> bool {
    Place::find(file, owner).is_ok_and(|place| place.has_leftovers())
}
