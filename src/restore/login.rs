//! A login of the client put back where it is missing: lock, read, splice, exchange, read back. Never replaces one that
//! is there, and touches nothing else in the file. Must not know who asks, or where the login was kept.

use crate::credentials::FILE_CAP;
use crate::credentials::login::{self, KEY};
use crate::host::client_lock::ClientLock;
use crate::host::clock::Clock;
use crate::host::replace::{Held, Place, Swap};
use crate::host::replace_error::ReplaceError;
use crate::model::secret::Secret;
use crate::splice::{Change, SpliceError, splice};
use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;
use thiserror::Error;

/// The client's lock on everything that it keeps secret, without its ending (seen on 2.1.329).
const LOCK: &str = ".storage-write";
/// How often somebody else may save first.
const TRIES: usize = 20;
/// The lock is given back before it would be taken from us.
const AT_MOST: Duration = Duration::from_millis(800);
/// What others may do with a file, in its mode: nothing where a token goes.
const OTHERS: u32 = 0o077;

/// Why no login was put back. The file is as somebody else left it, and none of its content is repeated.
#[derive(Debug, PartialEq, Eq, Error)]
pub enum LoginRefusal {
    /// There is one.
    #[error("a login is there, and none that is there is ever replaced")]
    IsThere,
    /// There is nothing to put it into.
    #[error("the file is not there")]
    Missing,
    /// What is there is no document.
    #[error("it is no JSON object, so that nothing can be put into it")]
    Damaged,
    /// Others could read the token.
    #[error("it is open to others (mode {0:04o})")]
    Open(u32),
    /// The client holds its lock.
    #[error("the client's lock on it is held; nothing is written without it")]
    Locked,
    /// It was put there, and is gone again.
    #[error("it was changed again at once")]
    Undone,
    /// The file cannot be replaced.
    #[error(transparent)]
    Replace(#[from] ReplaceError),
    /// The document cannot be changed.
    #[error(transparent)]
    Splice(#[from] SpliceError),
}

/// Whether a login could be put back into that file of that owner, as it is now.
///
/// # Errors
/// Why not.
pub fn require_no_login(file: &Path, owner: u32) -> Result<(), LoginRefusal> {
    read_free(&find(file, owner)?).map(|_| ())
}

/// Puts the login into that file of that owner; gives how many bytes are new.
///
/// # Errors
/// Why it was not done.
pub fn put_login_back(
    file: &Path,
    owner: u32,
    login: &Secret,
    clock: &dyn Clock,
) -> Result<usize, LoginRefusal> {
    let place = find(file, owner)?;
    let (dir, _) = place.named();
    let _lock = ClientLock::take(dir, OsStr::new(LOCK), clock).ok_or(LoginRefusal::Locked)?;
    let start = clock.elapsed();
    for _ in 0..TRIES {
        if clock.elapsed() - start >= AT_MOST {
            break;
        }
        let held = match read_free(&place) {
            // Between two names, while somebody saves.
            Err(LoginRefusal::Replace(ReplaceError::Overtaken)) => continue,
            other => other?,
        };
        let spliced = splice(&held.bytes, &[KEY], Change::Set(login.reveal()))?;
        match place.replace(&held, &spliced.bytes) {
            Ok(Swap::Exchanged | Swap::Renamed) => {}
            Ok(Swap::Overtaken) | Err(ReplaceError::Overtaken) => continue,
            Err(error) => return Err(error.into()),
        }
        if let Err(error) = place.sync() {
            tracing::warn!(%error, "the disk did not confirm it: a loss of power may undo it");
        }
        place.clear_up(clock.now());
        // What stands there is what counts, whoever wrote it.
        let now = place.read(FILE_CAP)?;
        return match login::place(&now.bytes) {
            login::Place::Login(_) => Ok(spliced.changed),
            login::Place::Free | login::Place::Damaged => Err(LoginRefusal::Undone),
        };
    }
    Err(ReplaceError::Overtaken.into())
}

fn find(file: &Path, owner: u32) -> Result<Place, LoginRefusal> {
    Place::find(file, owner).map_err(missing)
}

/// The file, where it has room for a login.
fn read_free(place: &Place) -> Result<Held, LoginRefusal> {
    let held = place.read(FILE_CAP).map_err(missing)?;
    match login::place(&held.bytes) {
        login::Place::Login(_) => Err(LoginRefusal::IsThere),
        login::Place::Damaged => Err(LoginRefusal::Damaged),
        login::Place::Free if held.mode() & OTHERS != 0 => Err(LoginRefusal::Open(held.mode())),
        login::Place::Free => Ok(held),
    }
}

fn missing(error: ReplaceError) -> LoginRefusal {
    if error == ReplaceError::Missing { LoginRefusal::Missing } else { error.into() }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "a test looks at its own files from outside")]
mod tests {
    use super::*;
    use crate::host::accounts::own_uid;
    use crate::host::clock::FixedClock;
    use crate::restore::clear_up_beside;
    use std::fs;

    #[test]
    fn a_draft_that_a_kill_left_is_removed_as_soon_as_nobody_can_be_at_work() {
        let root = tempfile::tempdir().unwrap();
        let file = fs::canonicalize(root.path()).unwrap().join(".credentials.json");
        fs::write(&file, "{}").unwrap();
        let draft = file.with_file_name("draft");
        fs::write(&draft, "hunter2").unwrap();
        let name = format!(".credentials.json.mcpwatch-{}", "a".repeat(24));
        fs::rename(&draft, file.with_file_name(name)).unwrap();
        let clock = FixedClock::at(jiff::Timestamp::now());
        let names = || fs::read_dir(root.path()).unwrap().count();
        clear_up_beside(&file, own_uid(), &clock);
        assert_eq!(names(), 2);
        clock.advance(Duration::from_secs(60));
        clear_up_beside(&file, own_uid(), &clock);
        assert_eq!((names(), fs::read_to_string(&file).unwrap().as_str()), (1, "{}"));
    }
}
