//! What a replacement leaves beside a file when it is killed: found, and put away or put back. Must not know what the
//! file holds.
//!
//! The name of such a file says which one was to be replaced and which one was new. Killed before the exchange, the
//! leftover is the new one; killed after it, the leftover is the old one as it was read: both are done with. Anything
//! else is a save that was displaced and not put back: it gets its name again if nobody has saved since.

use super::replace::{MARK, Place};
use super::way::marked;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, openat, statat};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::time::Duration;

/// What is younger may belong to somebody who is at work.
const AGE: Duration = Duration::from_secs(10);
/// How many random digits a name has.
const DIGITS: usize = 24;

/// What a leftover's name says: which file was to be replaced, and which one was new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Said {
    old: u64,
    new: u64,
}

impl Place {
    /// Clears up what was left beside the file when we were killed.
    pub fn clear_up(&self, now: jiff::Timestamp) {
        for name in self.leftovers() {
            let Ok(there) = statat(&self.end.dir, &name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
            let age = now.as_second().saturating_sub(there.st_ctime);
            let is_file = FileType::from_raw_mode(there.st_mode) == FileType::RegularFile;
            if !is_file || there.st_uid != self.owner || age.unsigned_abs() < AGE.as_secs() {
                continue;
            }
            let said = said_by(&name, &self.end.name);
            let is_done_with = said.is_none_or(|said| there.st_ino == said.old || there.st_ino == said.new);
            if is_done_with {
                self.remove(&name);
            } else if self.identity(&self.end.name).ok().map(|(_, inode)| inode) == said.map(|said| said.new)
                && self.exchange(&name, &self.end.name).is_ok()
            {
                tracing::info!("a save that was displaced when a revert was killed has its name again");
                self.remove(&name);
            } else {
                tracing::warn!(name = ?name, "a save that was displaced when a revert was killed was left beside the file");
            }
        }
    }

    fn leftovers(&self) -> Vec<OsString> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = openat(&self.end.dir, ".", flags, Mode::empty());
        let Ok(entries) = dir.and_then(Dir::new) else { return Vec::new() };
        let prefix = marked(&self.end.name, MARK);
        entries
            .flatten()
            .map(|entry| OsString::from_vec(entry.file_name().to_bytes().to_vec()))
            .filter(|name| name.as_bytes().starts_with(prefix.as_bytes()))
            .filter(|name| {
                let digits = name.as_bytes().get(prefix.len()..prefix.len() + DIGITS);
                digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            })
            .collect()
    }
}

/// What the name says; `None` for one that had not got so far, and is not complete.
fn said_by(name: &OsStr, file: &OsStr) -> Option<Said> {
    let rest = name.to_str()?.strip_prefix(file.to_str()?)?.strip_prefix(MARK)?.get(DIGITS..)?;
    let mut numbers = rest.strip_prefix('-')?.split('-').map(str::parse);
    Some(Said { old: numbers.next()?.ok()?, new: numbers.next()?.ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::accounts::own_uid;
    use std::fs;
    use std::os::unix::fs::MetadataExt as _;
    use std::path::Path;

    fn later() -> jiff::Timestamp {
        jiff::Timestamp::now() + jiff::SignedDuration::from_secs(60)
    }

    fn inode(path: &Path) -> u64 {
        fs::metadata(path).unwrap().ino()
    }

    #[test]
    fn what_is_done_with_goes_and_what_was_displaced_comes_back() {
        let root = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(root.path()).unwrap();
        let (file, digits) = (root.join("f"), "a".repeat(DIGITS));
        let left = |rest: &str| root.join(format!("f{MARK}{digits}{rest}"));
        let place = Place::find(&file, own_uid()).unwrap();
        let names = || fs::read_dir(&root).unwrap().count();
        fs::write(&file, "new").unwrap();
        // Killed before it was complete, before the exchange, after it.
        for rest in ["".to_owned(), "-0-own".to_owned(), "own-0".to_owned()] {
            fs::write(left(""), "left").unwrap();
            let own = inode(&left("")).to_string();
            let rest = if rest.is_empty() {
                rest
            } else {
                format!("-{}", rest.trim_start_matches('-').replace("own", &own))
            };
            fs::rename(left(""), left(&rest)).unwrap();
            place.clear_up(jiff::Timestamp::now());
            assert_eq!(names(), 2, "somebody may be at work");
            place.clear_up(later());
            assert_eq!((names(), fs::read_to_string(&file).unwrap().as_str()), (1, "new"), "{rest}");
        }
        // Killed after the exchange, with a save displaced that nobody had read.
        fs::write(left(""), "theirs").unwrap();
        fs::rename(left(""), left(&format!("-0-{}", inode(&file)))).unwrap();
        place.clear_up(later());
        assert_eq!((names(), fs::read_to_string(&file).unwrap().as_str()), (1, "theirs"));
        // And somebody has saved since: it is left.
        fs::write(left("-0-1"), "older").unwrap();
        place.clear_up(later());
        assert_eq!((names(), fs::read_to_string(&file).unwrap().as_str()), (2, "theirs"));
        fs::write(root.join("f.mcpwatch-mine"), "x").unwrap();
        place.clear_up(later());
        assert_eq!(names(), 3, "whoever calls a file so is not us");
    }
}
