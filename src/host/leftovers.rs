//! What a replacement leaves beside a file when it is killed: found, and removed where nobody misses it. Must not know what
//! the file holds.
//!
//! The name of such a file says which one was to be replaced and which one was new. Killed before the exchange, the
//! leftover is the new one; killed after it, the leftover is the old one as it was read: both are done with. Anything
//! else may be a save that was displaced and not put back: it is left, and said. To give it its name again would be to
//! put something where it counts that anybody who can write there may have laid beside it.

use super::draft_name::{self, Said, Version};
use super::pieces::each_piece;
use super::pinned::Pinned;
use super::replace::Place;
use rustix::fs::{Dir, FileType, Mode, OFlags, openat};
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

/// What is younger may belong to somebody who is at work.
pub const AGE: Duration = Duration::from_secs(10);
/// How many bytes of leftovers are read at once, as much as two of the largest files that may be watched: whoever has the
/// directory can put there what they like.
const READING: u64 = 512 << 20;
/// And how many of them.
const MOST: usize = 64;

/// How many leftovers there were beside a file, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cleared {
    /// Nobody misses them: they are gone.
    pub removed: usize,
    /// They may be somebody's save, or could not be read or removed: they lie there still.
    pub left: usize,
}

impl Place {
    /// Whether anything lies beside the file that looks as if we had been killed.
    pub fn has_leftovers(&self) -> bool {
        !self.leftovers(1).is_empty()
    }

    /// Clears up what was left beside the file when we were killed, unless that was less than [`AGE`] ago.
    pub fn clear_up(&self, now: jiff::Timestamp) -> Cleared {
        let (mut reading, mut cleared) = (READING, Cleared::default());
        for name in self.leftovers(MOST) {
            let Ok(left) = Pinned::at(&self.end.dir, &name) else { continue };
            let there = left.stat();
            let age = now.as_second().saturating_sub(there.st_ctime);
            let is_file = FileType::from_raw_mode(there.st_mode) == FileType::RegularFile;
            if !is_file || there.st_uid != self.owner || age.unsigned_abs() < AGE.as_secs() {
                continue;
            }
            if self.is_done_with(&name, &mut reading) && self.remove(&name) {
                cleared.removed += 1;
            } else {
                cleared.left += 1;
                tracing::warn!(name = ?name, "what may be a save that a revert displaced when it was killed lies beside the file");
            }
        }
        cleared
    }

    /// Whether nobody misses it: it was not complete yet, or is what was to be replaced or the new file, as either was.
    fn is_done_with(&self, name: &OsStr, reading: &mut u64) -> bool {
        draft_name::is_incomplete(name, &self.end.name)
            || Said::by(name, &self.end.name)
                .is_some_and(|said| self.version(name, reading).is_some_and(|there| said.knows(&there)))
    }

    /// Which file that is and what it holds, read a piece at a time; `None` when it cannot be read or is more than is left
    /// of `reading`.
    fn version(&self, name: &OsStr, reading: &mut u64) -> Option<Version> {
        let (file, stat) = self.open(name, *reading).ok()?;
        let mut sum = crc32fast::Hasher::new();
        let is_all = each_piece(&file, |piece| {
            sum.update(piece);
            let left = reading.checked_sub(piece.len() as u64);
            *reading = left.unwrap_or_default();
            left.is_some()
        });
        is_all.is_ok_and(|is_all| is_all).then(|| Version::by(stat.st_ino, sum.finalize()))
    }

    fn leftovers(&self, most: usize) -> Vec<OsString> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = openat(&self.end.dir, ".", flags, Mode::empty());
        let Ok(entries) = dir.and_then(Dir::new) else { return Vec::new() };
        entries
            .flatten()
            .map(|entry| OsString::from_vec(entry.file_name().to_bytes().to_vec()))
            .filter(|name| draft_name::is_one(name, &self.end.name))
            .take(most)
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
    fn what_is_done_with_goes_and_what_may_be_a_save_stays() {
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
            assert_eq!(place.clear_up(later()), Cleared { removed: 1, left: 0 });
            assert!(!place.has_leftovers());
            assert_eq!((names(), fs::read_to_string(&file).unwrap().as_str()), (1, "new"), "{killed}");
        }
        // Killed after the exchange, with something displaced that nobody had read: another file, or the same one written
        // in place since.
        let other = Said::of(Version::of(0, b""), at(&file)).to_string();
        fs::write(left(&other), "theirs").unwrap();
        assert_eq!(place.clear_up(later()), Cleared { left: 1, removed: 0 });
        fs::remove_file(left(&other)).unwrap();
        fs::write(left(""), "read").unwrap();
        let same = Said::of(at(&left("")), at(&file)).to_string();
        fs::write(left(""), "written").unwrap();
        fs::rename(left(""), left(&same)).unwrap();
        assert_eq!(place.clear_up(later()), Cleared { left: 1, removed: 0 });
        assert_eq!(
            (names(), fs::read_to_string(&file).unwrap().as_str()),
            (2, "new"),
            "nothing else gets its name"
        );
        fs::write(root.join("f.mcpwatch-mine"), "x").unwrap();
        fs::write(left(".bak"), "x").unwrap();
        assert_eq!(place.clear_up(later()), Cleared { left: 2, removed: 0 });
        assert_eq!(names(), 4, "whoever calls a file so is not us");
    }
}
