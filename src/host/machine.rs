//! Reading this machine's files without being fooled by what lies there. Must not know what the bytes mean.
//!
//! A path is opened without any effect first (`O_PATH`), what was opened is looked at, and only a regular file
//! is then opened for reading, through the descriptor and not by its name again. So no pipe is waited for, no
//! device is touched, and nothing can be swapped in between.

use super::files::{Contents, Files, LIST_LIMIT};
use super::read_error::ReadError;
use crate::model::surface::FileFacts;
use rustix::fs::{Mode, OFlags};
use std::ffi::OsString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

/// How often a file that changes under the reader is read again before the last reading is taken.
const READINGS: usize = 3;

/// This machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Machine;

impl Files for Machine {
    fn read(&self, path: &Path, cap: u64) -> Result<Contents, ReadError> {
        let mut reading = read_once(path, cap)?;
        for _ in 1..READINGS {
            if reading.is_settled {
                break;
            }
            reading = read_once(path, cap)?;
        }
        Ok(reading.contents)
    }

    fn facts(&self, path: &Path) -> Result<FileFacts, ReadError> {
        look(path).map(|seen| seen.facts)
    }

    fn list(&self, dir: &Path) -> Result<Vec<OsString>, ReadError> {
        let failed = |error: io::Error| ReadError::from_io(dir, &error);
        let mut names = Vec::new();
        for entry in fs::read_dir(dir).map_err(failed)? {
            if names.len() == LIST_LIMIT {
                return Err(ReadError::TooMany { path: dir.to_path_buf(), limit: LIST_LIMIT });
            }
            names.push(entry.map_err(failed)?.file_name());
        }
        names.sort();
        Ok(names)
    }

    fn exists(&self, path: &Path) -> bool {
        !matches!(look(path), Err(error) if error.is_missing())
    }
}

/// A regular file that was looked at and not opened for reading yet.
struct Seen {
    handle: File,
    facts: FileFacts,
}

/// One reading, and whether the file was the same before and after.
struct Reading {
    contents: Contents,
    is_settled: bool,
}

fn read_once(path: &Path, cap: u64) -> Result<Reading, ReadError> {
    let failed = |error: io::Error| ReadError::from_io(path, &error);
    let too_large = || ReadError::TooLarge { path: path.to_path_buf(), cap };
    let seen = look(path)?;
    if seen.facts.size > cap {
        return Err(too_large());
    }
    let file = reopen(&seen.handle, path).map_err(failed)?;
    let opened = file.metadata().map_err(failed)?;
    if (opened.dev(), opened.ino()) != seen.facts.identity || !opened.is_file() {
        return Err(ReadError::Replaced(path.to_path_buf()));
    }
    let mut bytes = Vec::new();
    let expected = usize::try_from(opened.len().min(cap)).unwrap_or(usize::MAX).saturating_add(1);
    bytes.try_reserve_exact(expected).map_err(|_| too_large())?;
    (&file).take(cap.saturating_add(1)).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > cap {
        return Err(too_large());
    }
    let facts = facts_of(&opened, seen.facts.link_target);
    let after = facts_of(&file.metadata().map_err(failed)?, facts.link_target.clone());
    let is_settled = after == facts;
    Ok(Reading { contents: Contents { bytes, facts }, is_settled })
}

/// Finds out what lies at `path` without opening it for reading.
fn look(path: &Path) -> Result<Seen, ReadError> {
    let failed = |error: io::Error| ReadError::from_io(path, &error);
    let handle = open_without_effect(path).map_err(failed)?;
    let metadata = handle.metadata().map_err(failed)?;
    require_regular(path, &metadata)?;
    let is_link = fs::symlink_metadata(path).is_ok_and(|own| own.file_type().is_symlink());
    let link_target = is_link.then(|| resolved(&handle, path)).flatten();
    Ok(Seen { handle, facts: facts_of(&metadata, link_target) })
}

fn require_regular(path: &Path, metadata: &Metadata) -> Result<(), ReadError> {
    let kind = metadata.file_type();
    let path = || path.to_path_buf();
    match kind {
        _ if kind.is_file() => Ok(()),
        _ if kind.is_dir() => Err(ReadError::Directory(path())),
        _ if kind.is_fifo() => Err(ReadError::Fifo(path())),
        _ if kind.is_socket() => Err(ReadError::Socket(path())),
        _ => Err(ReadError::Device(path())),
    }
}

#[cfg(target_os = "linux")]
fn open_without_effect(path: &Path) -> io::Result<File> {
    Ok(rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?.into())
}

/// Where there is no `O_PATH`, opening without waiting and then looking is the best there is.
#[cfg(not(target_os = "linux"))]
fn open_without_effect(path: &Path) -> io::Result<File> {
    open_for_reading(path)
}

/// Opens what `handle` holds for reading; by name only where there is no `/proc`, and the caller compares.
fn reopen(handle: &File, path: &Path) -> io::Result<File> {
    match open_for_reading(&descriptor_path(handle)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => open_for_reading(path),
        other => other,
    }
}

/// `O_NONBLOCK` also refuses, instead of waiting, where another process holds a lease.
fn open_for_reading(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
}

fn descriptor_path(handle: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", handle.as_raw_fd()))
}

/// Where a link led to, fully resolved: asked of the descriptor, so that it is the file that is read.
fn resolved(handle: &File, path: &Path) -> Option<PathBuf> {
    fs::read_link(descriptor_path(handle)).or_else(|_| fs::canonicalize(path)).ok()
}

fn facts_of(metadata: &Metadata, link_target: Option<PathBuf>) -> FileFacts {
    let nanoseconds = |seconds: i64, rest: i64| i128::from(seconds) * 1_000_000_000 + i128::from(rest);
    FileFacts {
        owner: metadata.uid(),
        group: metadata.gid(),
        mode: metadata.mode() & 0o7777,
        hard_links: metadata.nlink(),
        identity: (metadata.dev(), metadata.ino()),
        size: metadata.len(),
        modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        link_target,
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
