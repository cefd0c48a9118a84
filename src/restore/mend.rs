//! One order carried out: lock, read, splice, exchange, read back. Must not know why.

use super::order::{Order, OrderedEdit};
use crate::host::client_lock::ClientLock;
use crate::host::clock::Clock;
use crate::host::leftovers::Cleared;
use crate::host::replace::{Place, Swap};
use crate::host::replace_error::ReplaceError;
use crate::splice::{Change, splice};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::time::Duration;

/// How often somebody else may save first.
const TRIES: usize = 100;
/// The lock is given back before it would be taken from us, and before the client's person notices.
const AT_MOST: Duration = Duration::from_millis(800);
/// What others may not do.
const OTHERS_WRITE: u32 = 0o022;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mended {
    /// How many bytes of the file are gone or new; none where it said already what was wanted.
    pub changed: usize,
    /// How often somebody else saved first.
    pub overtaken: usize,
    /// Whether the client's lock could not be had, so that it was done without.
    pub without_lock: bool,
    /// Whether the disk did not confirm it, so that a loss of power may undo it.
    pub without_sync: bool,
    /// Whether the file system cannot exchange two files, so that a save in that moment would have been lost.
    pub without_exchange: bool,
    /// What earlier ones had left beside the file when they were killed.
    pub cleared: Cleared,
}

/// Carries out an order. On an error the file is as somebody else left it.
///
/// # Errors
/// Why it was not done: one sentence without a secret.
pub fn mend(order: &Order, clock: &dyn Clock) -> Result<Mended, String> {
    try_to_mend(order, clock).map_err(|why| format!("not changed, since {why}"))
}

fn try_to_mend(order: &Order, clock: &dyn Clock) -> Result<Mended, String> {
    let words = |error: ReplaceError| error.to_string();
    let place = Place::find(&order.file(), order.owner).map_err(words)?;
    if place.is_linked() && !order.may_be_linked {
        return Err("it is a symbolic link, and was none when it was approved".to_owned());
    }
    let mended = mend_in(&place, order, clock);
    // Last, since nobody waits for it: what was left there when a revert was killed.
    let cleared = place.clear_up(clock.now());
    Ok(Mended { cleared, ..mended? })
}

fn mend_in(place: &Place, order: &Order, clock: &dyn Clock) -> Result<Mended, String> {
    let words = |error: ReplaceError| error.to_string();
    let mut mended = Mended::default();
    if !order.edits.is_empty() {
        let (dir, name) = place.named();
        let lock = order.is_locked.then(|| ClientLock::take(dir, name, clock));
        mended.without_lock = matches!(lock, Some(None));
        let start = clock.elapsed();
        loop {
            match once(order, place, &mut mended)? {
                true => break,
                false => mended.overtaken += 1,
            }
            if mended.overtaken >= TRIES || clock.elapsed() - start >= AT_MOST {
                return Err(words(ReplaceError::Overtaken));
            }
        }
    }
    if order.closes {
        place.forbid(OTHERS_WRITE).map_err(words)?;
    }
    Ok(mended)
}

/// One try; says whether the file says now what is wanted.
fn once(order: &Order, place: &Place, mended: &mut Mended) -> Result<bool, String> {
    let held = match place.read(order.cap) {
        // Between two names, while somebody saves.
        Err(ReplaceError::Overtaken) => return Ok(false),
        other => other.map_err(|error| error.to_string())?,
    };
    let (new, changed) = changed(&order.edits, &held.bytes)?;
    if changed == 0 {
        return Ok(true);
    }
    mended.changed = changed;
    match place.replace(&held, &new) {
        Ok(Swap::Exchanged) => {}
        Ok(Swap::Renamed) => mended.without_exchange = true,
        Ok(Swap::Overtaken) | Err(ReplaceError::Overtaken) => return Ok(false),
        Err(error) => return Err(error.to_string()),
    }
    mended.without_sync = place.sync().is_err();
    // What stands there is what counts, whoever wrote it.
    if place.holds(&new) == Ok(true) {
        return Ok(true);
    }
    match place.read(order.cap) {
        Ok(now) => Ok(self::changed(&order.edits, &now.bytes).is_ok_and(|(_, changed)| changed == 0)),
        Err(_) => Ok(false),
    }
}

/// The document with every edit made, and how many bytes that changes.
pub(super) fn changed<'b>(edits: &[OrderedEdit], bytes: &'b [u8]) -> Result<(Cow<'b, [u8]>, usize), String> {
    let (mut bytes, mut changed) = (Cow::Borrowed(bytes), 0);
    for edit in edits {
        let path: Vec<&str> = edit.path.iter().map(String::as_str).collect();
        let change = edit.wanted.as_deref().map_or(Change::Remove, Change::Set);
        let spliced = splice(&bytes, &path, change).map_err(|error| error.to_string())?;
        changed += spliced.changed;
        bytes = Cow::Owned(spliced.bytes);
    }
    Ok((bytes, changed))
}
