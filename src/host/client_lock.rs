//! The directory that a client makes beside a file while it rewrites it, and that whoever else rewrites it makes too.
//! Must not know what the file holds.
//!
//! A lock that nobody has refreshed for [`STALE`] was left behind and is taken over, as the client does. One of ours
//! that is left behind, because we were killed, is taken over by the client in the same way.

use super::clock::Clock;
use super::pinned::Pinned;
use rustix::fs::{AtFlags, Mode, mkdirat, statat, unlinkat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

/// A lock that was not refreshed for so long holds nobody off.
pub const STALE: Duration = Duration::from_secs(10);

/// How long somebody else's lock is waited for. The client itself waits about as long before it writes without.
pub const PATIENCE: Duration = Duration::from_millis(1_400);

/// How often it is looked at while waiting; not a divisor of anything, so that two who wait do not keep step.
const PAUSE: Duration = Duration::from_micros(1_700);

/// What others may do with the directory, which is nothing; its maker's umask counts too.
const MODE: u32 = 0o777;

/// The lock, as long as this lives.
#[derive(Debug)]
pub struct ClientLock {
    dir: OwnedFd,
    name: OsString,
    made: Pinned,
}

impl ClientLock {
    /// Takes the lock of that file in the directory; `None` when somebody else holds it for longer than is waited for, or
    /// none can be made there.
    pub fn take(dir: &impl AsFd, file: &OsStr, clock: &dyn Clock) -> Option<Self> {
        let mut name = file.to_owned();
        name.push(".lock");
        let start = clock.elapsed();
        loop {
            match mkdirat(dir, &name, Mode::from_raw_mode(MODE)) {
                Ok(()) => {
                    let made = Pinned::at(dir, &name).ok()?;
                    let dir = dir.as_fd().try_clone_to_owned().ok()?;
                    return Some(Self { dir, name, made });
                }
                Err(Errno::EXIST) => {}
                Err(_) => return None,
            }
            if clock.elapsed() - start >= PATIENCE {
                return None;
            }
            // Whoever is first here takes it; the other one finds a fresh one, and waits. What is no empty directory
            // nobody can take.
            let is_free = is_stale(dir, &name, clock) && unlinkat(dir, &name, AtFlags::REMOVEDIR).is_ok();
            if !is_free {
                clock.pause(PAUSE);
            }
        }
    }
}

impl Drop for ClientLock {
    /// Lets go, unless it was taken over meanwhile.
    fn drop(&mut self) {
        if Pinned::at(&self.dir, &self.name).is_ok_and(|there| there.is(&self.made)) {
            let _gone = unlinkat(&self.dir, &self.name, AtFlags::REMOVEDIR);
        }
    }
}

/// Whether what has the lock's name is a directory that nobody has refreshed for long.
fn is_stale(dir: &impl AsFd, name: &OsStr, clock: &dyn Clock) -> bool {
    let Ok(there) = statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) else { return false };
    let age = clock.now().as_second().saturating_sub(there.st_mtime);
    // One from the future was made before the clock was set back: as old as it is ahead.
    age.unsigned_abs() >= STALE.as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::clock::{FixedClock, SystemClock};
    use rustix::fs::{CWD, OFlags, open};
    use std::fs;

    fn dir() -> (tempfile::TempDir, OwnedFd) {
        let root = tempfile::tempdir().unwrap();
        let dir = open(root.path(), OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        (root, dir)
    }

    #[test]
    fn is_there_as_long_as_it_is_held() {
        let (root, dir) = dir();
        let lock = ClientLock::take(&dir, OsStr::new("f"), &SystemClock).unwrap();
        assert!(root.path().join("f.lock").is_dir());
        drop(lock);
        assert!(!root.path().join("f.lock").exists());
    }

    #[test]
    fn another_one_is_waited_for_and_then_done_without() {
        let (root, dir) = dir();
        fs::create_dir(root.path().join("f.lock")).unwrap();
        let clock = FixedClock::at(jiff::Timestamp::now());
        assert!(ClientLock::take(&dir, OsStr::new("f"), &clock).is_none());
        assert!(clock.elapsed() >= PATIENCE && clock.elapsed() < PATIENCE * 2);
        assert!(root.path().join("f.lock").is_dir(), "it is not ours to remove");
    }

    #[test]
    fn one_that_was_left_behind_is_taken_over_and_a_successor_left_alone() {
        let (root, dir) = dir();
        let path = root.path().join("f.lock");
        fs::create_dir(&path).unwrap();
        let clock = FixedClock::at(jiff::Timestamp::now() + jiff::SignedDuration::from_secs(11));
        let lock = ClientLock::take(&dir, OsStr::new("f"), &clock).unwrap();
        assert_eq!(clock.elapsed(), Duration::ZERO);
        let other = root.path().join("other");
        fs::create_dir(&other).unwrap();
        fs::remove_dir(&path).unwrap();
        fs::rename(&other, &path).unwrap();
        drop(lock);
        assert!(path.is_dir(), "somebody took it over");
        assert!(ClientLock::take(&CWD, OsStr::new("no/such/place/f"), &clock).is_none());
    }

    #[test]
    fn what_nobody_can_take_is_not_waited_for_for_ever() {
        let (root, dir) = dir();
        let path = root.path().join("f.lock");
        let clock = FixedClock::at(jiff::Timestamp::now() + jiff::SignedDuration::from_secs(11));
        fs::create_dir_all(path.join("x")).unwrap();
        assert!(ClientLock::take(&dir, OsStr::new("f"), &clock).is_none());
        fs::remove_dir_all(&path).unwrap();
        fs::write(&path, "no directory").unwrap();
        assert!(ClientLock::take(&dir, OsStr::new("f"), &clock).is_none());
        assert!(path.is_file() && clock.elapsed() < PATIENCE * 3);
    }
}
