//! What a replacement leaves beside a file when it is killed: found, and put away or put back. Must not know what the
//! file holds.
//!
//! The name of such a file says which one was to be replaced and which one was new. Killed before the exchange, the
//! leftover is the new one; killed after it, the leftover is the old one as it was read: both are done with. Anything
//! else is a save that was displaced and not put back: it gets its name again if nobody has saved since.

use super::draft_name::{self, Said};
use super::pinned::Pinned;
use super::replace::Place;
use rustix::fs::{Dir, FileType, Mode, OFlags, openat};
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

/// What is younger may belong to somebody who is at work.
pub const AGE: Duration = Duration::from_secs(10);
/// How many bytes of leftovers are read at once: whoever has the directory can put there what they like.
const READING: u64 = 64 << 20;
/// And how many of them.
const MOST: usize = 64;

/// How many leftovers there were beside a file, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleared {
    /// Nobody misses them: they are gone.
    pub removed: usize,
    /// They were somebody's save, displaced and not put back: that is the file again.
    pub put_back: usize,
    /// They may be somebody's save, and a later one has their name: they lie there still.
    pub left: usize,
}

/// What becomes of a leftover.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// Nobody misses it.
    Removed,
    /// It was somebody's save, and is the file again.
    PutBack,
    /// It may be somebody's save, and what has its name is a later one, or cannot be told from one.
    Left,
}

impl Place {
    /// Whether anything lies beside the file that looks as if we had been killed.
    pub fn has_leftovers(&self) -> bool {
        !self.leftovers().is_empty()
    }

    /// Clears up what was left beside the file when we were killed, unless that was less than [`AGE`] ago.
    pub fn clear_up(&self, now: jiff::Timestamp) -> Cleared {
        let (mut reading, mut cleared) = (READING, Cleared::default());
        for name in self.leftovers() {
            let Ok(left) = Pinned::at(&self.end.dir, &name) else { continue };
            let there = left.stat();
            let age = now.as_second().saturating_sub(there.st_ctime);
            let is_file = FileType::from_raw_mode(there.st_mode) == FileType::RegularFile;
            if !is_file || there.st_uid != self.owner || age.unsigned_abs() < AGE.as_secs() {
                continue;
            }
            match self.fate(&name, &mut reading) {
                Fate::Removed => {
                    cleared.removed += 1;
                    self.remove(&name);
                }
                Fate::PutBack => {
                    cleared.put_back += 1;
                    tracing::info!("a save that was displaced when a revert was killed has its name again");
                    self.remove(&name);
                }
                Fate::Left => {
                    cleared.left += 1;
                    tracing::warn!(name = ?name, "a save that was displaced when a revert was killed was left beside the file");
                }
            }
        }
        cleared
    }

    /// Decides on it and, where it was displaced, puts it back.
    fn fate(&self, name: &OsStr, reading: &mut u64) -> Fate {
        if draft_name::is_incomplete(name, &self.end.name) {
            return Fate::Removed;
        }
        let Some(said) = Said::by(name, &self.end.name) else { return Fate::Left };
        let Ok(left) = self.read_as(name, *reading) else { return Fate::Left };
        *reading = reading.saturating_sub(left.bytes.len() as u64);
        if said.knows(&left.version()) {
            return Fate::Removed;
        }
        let Ok(new) = Pinned::at(&self.end.dir, &self.end.name) else { return Fate::Left };
        let Ok(held) = self.read(*reading) else { return Fate::Left };
        *reading = reading.saturating_sub(held.bytes.len() as u64);
        let displaced_it = said.is_new(&held.version());
        if displaced_it && self.put_back(name, &new).is_ok() { Fate::PutBack } else { Fate::Left }
    }

    fn leftovers(&self) -> Vec<OsString> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = openat(&self.end.dir, ".", flags, Mode::empty());
        let Ok(entries) = dir.and_then(Dir::new) else { return Vec::new() };
        entries
            .flatten()
            .map(|entry| OsString::from_vec(entry.file_name().to_bytes().to_vec()))
            .filter(|name| draft_name::is_one(name, &self.end.name))
            .take(MOST)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::accounts::own_uid;
    use crate::host::draft_name::Version;
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;
    use std::path::Path;

    fn later() -> jiff::Timestamp {
        jiff::Timestamp::now() + jiff::SignedDuration::from_secs(60)
    }

    #[test]
    fn what_is_done_with_goes_and_what_was_displaced_comes_back() {
        let root = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(root.path()).unwrap();
        let (file, digits) = (root.join("f"), "a".repeat(24));
        let left = |rest: &str| root.join(format!("f.mcpwatch-{digits}{rest}"));
        let place = Place::find(&file, own_uid()).unwrap();
        let names = || fs::read_dir(&root).unwrap().count();
        fs::write(&file, "new").unwrap();
        // Killed before it was complete, before the exchange, after it.
        let at = |path: &Path| Version::of(fs::metadata(path).unwrap().ino(), &fs::read(path).unwrap());
        for killed in ["before it was complete", "before the exchange", "after it"] {
            fs::write(left(""), "left").unwrap();
            let rest = match killed {
                "before it was complete" => String::new(),
                "before the exchange" => Said::of(at(&file), at(&left(""))).to_string(),
                _ => Said::of(at(&left("")), at(&file)).to_string(),
            };
            fs::rename(left(""), left(&rest)).unwrap();
            assert_eq!(place.clear_up(jiff::Timestamp::now()), Cleared::default());
            assert!(names() == 2 && place.has_leftovers(), "somebody may be at work");
            assert_eq!(place.clear_up(later()), Cleared { removed: 1, ..Cleared::default() });
            assert!(!place.has_leftovers());
            assert_eq!((names(), fs::read_to_string(&file).unwrap().as_str()), (1, "new"), "{killed}");
        }
        // Killed after the exchange, with something displaced that nobody had read: another file, or the same one written
        // in place since.
        let other = Said::of(Version::of(0, b""), at(&file)).to_string();
        fs::write(left(&other), "theirs").unwrap();
        assert_eq!(place.clear_up(later()), Cleared { put_back: 1, ..Cleared::default() });
        assert_eq!((names(), fs::read_to_string(&file).unwrap().as_str()), (1, "theirs"));
        fs::write(left(""), "read").unwrap();
        let same = Said::of(at(&left("")), at(&file)).to_string();
        fs::write(left(""), "written").unwrap();
        fs::rename(left(""), left(&same)).unwrap();
        place.clear_up(later());
        assert_eq!((names(), fs::read_to_string(&file).unwrap().as_str()), (1, "written"));
        // And somebody has saved since, perhaps into a file that was given the same number: it is left.
        let other = Said::of(Version::of(0, b""), at(&file)).to_string();
        fs::write(left(&other), "older").unwrap();
        fs::write(&file, "newest").unwrap();
        assert_eq!(place.clear_up(later()), Cleared { left: 1, ..Cleared::default() });
        assert_eq!((names(), fs::read_to_string(&file).unwrap().as_str()), (2, "newest"));
        fs::write(root.join("f.mcpwatch-mine"), "x").unwrap();
        fs::write(left(".bak"), "x").unwrap();
        place.clear_up(later());
        assert_eq!(names(), 4, "whoever calls a file so is not us");
    }
}
