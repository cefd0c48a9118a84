//! Replacing a file that others write too: whole or not at all, on the disk when it is done, and only if it still is
//! what was read. Must not know what it holds or why it is replaced.
//!
//! The new file is made beside the old one, complete, and the two are exchanged; then what was displaced is looked at.
//! If it is not what was read, somebody wrote in between, and theirs is put back. Where a file system cannot exchange,
//! the old one is looked at just before it is renamed over: a save in the moment between is lost there.
//!
//! Whoever holds the displaced file open and writes into it in place afterwards writes into nothing. No client does.

use super::attributes;
use super::draft_name::{self, Said, Version};
use super::pieces::each_piece;
use super::pinned::Pinned;
use super::replace_error::ReplaceError;
use super::way::{self, End, marked};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, Stat, fstat, fsync, openat, renameat, statat, unlinkat};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;

/// A place where a file is to be replaced.
#[derive(Debug)]
pub struct Place {
    pub(super) end: End,
    pub(super) owner: u32,
}

/// A file as it was read.
pub struct Held {
    file: File,
    stat: Stat,
    /// All of it.
    pub bytes: Vec<u8>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// It is replaced, and nothing that anybody wrote is lost.
    Exchanged,
    /// It is replaced; this file system cannot exchange, so a save in that moment would have been lost.
    Renamed,
    /// Somebody wrote since it was read: theirs stands.
    Overtaken,
}

impl Held {
    /// Which file it is, and what it held.
    fn version(&self) -> Version {
        Version::of(self.stat.st_ino, &self.bytes)
    }

    /// What its owner and others may do with it, as it was read.
    pub fn mode(&self) -> u32 {
        self.stat.st_mode & 0o7777
    }
}

impl Place {
    /// Finds the file of that owner, following only links that the owner or root made.
    pub fn find(path: &Path, owner: u32) -> Result<Self, ReplaceError> {
        let end = way::go(path, owner)?;
        Ok(Self { end, owner })
    }

    /// Whether the path itself is a link.
    pub fn is_linked(&self) -> bool {
        self.end.link.is_some()
    }

    /// The directory in which the path's own last component stands, and that: a client locks beside its link.
    pub fn named(&self) -> (&OwnedFd, &OsStr) {
        match &self.end.link {
            Some((dir, name)) => (dir, name),
            None => (&self.end.dir, &self.end.name),
        }
    }

    /// Reads it: a regular file of its owner under one name, `cap` bytes at most.
    pub fn read(&self, cap: u64) -> Result<Held, ReplaceError> {
        self.read_as(&self.end.name, cap)
    }

    fn read_as(&self, name: &OsStr, cap: u64) -> Result<Held, ReplaceError> {
        let (file, stat) = self.open(name, cap)?;
        let mut bytes = Vec::new();
        let expected = usize::try_from(stat.st_size).unwrap_or(0).saturating_add(1);
        bytes.try_reserve_exact(expected).map_err(|_| ReplaceError::TooLarge(cap))?;
        (&file).take(cap.saturating_add(1)).read_to_end(&mut bytes).map_err(ReplaceError::from_io)?;
        if bytes.len() as u64 > cap {
            return Err(ReplaceError::TooLarge(cap));
        }
        Ok(Held { file, stat, bytes })
    }

    /// Whether it holds that, for the same to see as to [`Place::read`]; nothing of it is kept.
    ///
    /// # Errors
    /// What the system refuses, and what no such file may be.
    pub fn holds(&self, bytes: &[u8]) -> Result<bool, ReplaceError> {
        let (file, stat) = self.open(&self.end.name, u64::MAX)?;
        Ok(is_long(&stat, bytes) && is_equal(&file, bytes).map_err(ReplaceError::from_io)?)
    }

    pub(super) fn open(&self, name: &OsStr, cap: u64) -> Result<(File, Stat), ReplaceError> {
        let there = statat(&self.end.dir, name, AtFlags::SYMLINK_NOFOLLOW)?;
        self.require(&there, cap)?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = File::from(openat(&self.end.dir, name, flags, Mode::empty())?);
        let stat = fstat(&file)?;
        self.require(&stat, cap)?;
        Ok((file, stat))
    }

    fn require(&self, stat: &Stat, cap: u64) -> Result<(), ReplaceError> {
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => {}
            FileType::Symlink => return Err(ReplaceError::Overtaken),
            _ => return Err(ReplaceError::NotRegular),
        }
        if stat.st_uid != self.owner {
            return Err(ReplaceError::Owner(stat.st_uid));
        }
        if stat.st_nlink > 1 {
            return Err(ReplaceError::HardLinks);
        }
        if u64::try_from(stat.st_size).unwrap_or(u64::MAX) > cap {
            return Err(ReplaceError::TooLarge(cap));
        }
        Ok(())
    }

    /// Puts `new` in its place, if it still is what was read.
    ///
    /// # Errors
    /// What the system refuses. The file is whole in any case: as it was, or as it is to be.
    pub fn replace(&self, was: &Held, new: &[u8]) -> Result<Swap, ReplaceError> {
        Draft::make(self, was, new)?.exchange(was)
    }

    /// Sees that what was replaced stays so when the machine loses power: to be called before anybody is told.
    ///
    /// # Errors
    /// What the disk says. The file is replaced all the same.
    pub fn sync(&self) -> Result<(), ReplaceError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        // A directory that may not be read cannot be asked for it.
        let Ok(dir) = openat(&self.end.dir, ".", flags, Mode::empty()) else { return Ok(()) };
        Ok(fsync(&dir)?)
    }

    /// Takes what others may write away from them: the bits `mask` of the mode.
    pub fn forbid(&self, mask: u32) -> Result<(), ReplaceError> {
        let (file, stat) = self.open(&self.end.name, u64::MAX)?;
        Ok(rustix::fs::fchmod(&file, Mode::from_raw_mode(stat.st_mode & 0o7777 & !mask))?)
    }

    /// Says whether it is gone.
    pub(super) fn remove(&self, name: &OsStr) -> bool {
        let removed = unlinkat(&self.end.dir, name, AtFlags::empty());
        if let Err(errno) = removed {
            tracing::debug!(%errno, "a file that was made for a moment was not removed");
        }
        matches!(removed, Ok(()) | Err(Errno::NOENT))
    }
}

/// A new file beside the one that it is to replace. What has its name when this is dropped is removed.
struct Draft<'p> {
    place: &'p Place,
    name: OsString,
    /// The new file, as it was made.
    made: Pinned,
    /// Whether what has its name now may be somebody's latest save: that is never removed.
    is_theirs: bool,
}

impl<'p> Draft<'p> {
    /// Makes it, complete and on the disk.
    fn make(place: &'p Place, was: &Held, new: &[u8]) -> Result<Self, ReplaceError> {
        let first = draft_name::random(&place.end.name).map_err(|_| ReplaceError::NoRandomness)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(openat(&place.end.dir, &first, flags, Mode::from_raw_mode(0o600))?);
        let mut draft = Self { place, name: first, made: Pinned::of(&file)?, is_theirs: false };
        file.write_all(new).map_err(ReplaceError::from_io)?;
        attributes::copy(&was.file, &was.stat, &file)?;
        file.sync_all().map_err(ReplaceError::from_io)?;
        draft.made = Pinned::of(&file)?;
        // Whoever finds it after we were killed learns from its name that it is complete, and which file is which.
        let said = Said::of(was.version(), Version::of(draft.made.stat().st_ino, new));
        let second = marked(&draft.name, &said.to_string());
        renameat(&place.end.dir, &draft.name, &place.end.dir, &second)?;
        draft.name = second;
        Ok(draft)
    }

    fn exchange(mut self, was: &Held) -> Result<Swap, ReplaceError> {
        // What was saved meanwhile need not be displaced: making the draft waited for the disk. One that was only
        // touched is read: whoever does that again and again could keep us from it for ever.
        if !self.is_untouched(was) && !self.is_what_was_read(&self.place.end.name, was) {
            return Ok(Swap::Overtaken);
        }
        match self.place.exchange(&self.name) {
            Ok(()) => self.is_theirs = true,
            Err(Errno::NOENT) => return Ok(Swap::Overtaken),
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => return self.rename_over(was),
            Err(errno) => return Err(errno.into()),
        }
        if self.is_what_was_read(&self.name, was) {
            self.is_theirs = false;
            return Ok(Swap::Exchanged);
        }
        self.put_back()
    }

    /// Gives what was displaced its name back.
    fn put_back(mut self) -> Result<Swap, ReplaceError> {
        self.place.put_back(&self.name, &self.made)?;
        self.is_theirs = false;
        Ok(Swap::Overtaken)
    }

    /// The weaker way: between the look and the rename somebody may save.
    fn rename_over(self, was: &Held) -> Result<Swap, ReplaceError> {
        if !self.is_what_was_read(&self.place.end.name, was) {
            return Ok(Swap::Overtaken);
        }
        renameat(&self.place.end.dir, &self.name, &self.place.end.dir, &self.place.end.name)?;
        Ok(Swap::Renamed)
    }

    /// Whether the file looks as it did when it was read. Costs nothing however large it is, and says no more than that:
    /// a clock is coarse, and may stand still between two writes.
    fn is_untouched(&self, was: &Held) -> bool {
        let state = |stat: &Stat| {
            (stat.st_size, stat.st_mtime, stat.st_mtime_nsec, stat.st_ctime, stat.st_ctime_nsec)
        };
        Pinned::at(&self.place.end.dir, &self.place.end.name).is_ok_and(|now| {
            identity(now.stat()) == identity(&was.stat) && state(now.stat()) == state(&was.stat)
        })
    }

    /// Whether the file of that name is the one that was read, byte for byte, for the same to see: one that was written
    /// in place has the same number, and perhaps the same time.
    fn is_what_was_read(&self, name: &OsStr, was: &Held) -> bool {
        self.place.open(name, was.bytes.len() as u64).is_ok_and(|(file, stat)| {
            identity(&stat) == identity(&was.stat) && is_equal(&file, &was.bytes).unwrap_or(false)
        })
    }
}

/// Which file it is, and who may see it.
fn identity(stat: &Stat) -> (u64, u64, u32, u32, u32) {
    (stat.st_dev, stat.st_ino, stat.st_mode, stat.st_uid, stat.st_gid)
}

fn is_long(stat: &Stat, bytes: &[u8]) -> bool {
    u64::try_from(stat.st_size).is_ok_and(|size| size == bytes.len() as u64)
}

/// Whether a file holds that and no more.
fn is_equal(file: &File, bytes: &[u8]) -> io::Result<bool> {
    let mut rest = bytes;
    let is_so_far = each_piece(file, |piece| match rest.strip_prefix(piece) {
        Some(behind) => {
            rest = behind;
            true
        }
        None => false,
    })?;
    Ok(is_so_far && rest.is_empty())
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.is_theirs {
            self.place.remove(&self.name);
        }
    }
}

#[cfg(test)]
#[path = "replace_tests.rs"]
mod tests;
