//! A file of lines that grows at its end while others read it: opened so that nobody can lead us to another file, cut
//! back where a line was not finished, rotated under numbered names. Must not know what the lines say.

use super::accounts::own_uid;
use super::refusal::Refusal;
use super::trusted::trusted_place;
use jiff::Timestamp;
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Its group may read it: that of whoever ships it.
const MODE: u32 = 0o640;

/// How far back the end of the last whole line is looked for.
const LONGEST_LINE: u64 = 64 << 20;

/// What is read at once while looking.
const STEP: u64 = 64 << 10;

/// The file, open for as long as it has its name.
#[derive(Debug)]
pub struct Appended {
    path: PathBuf,
    dir: OwnedFd,
    name: OsString,
    file: File,
    length: u64,
    begun: Timestamp,
}

impl Appended {
    /// Opens the file, or makes it with mode 0640. Refused where somebody else could have put another file there.
    pub fn open(path: &Path, now: Timestamp) -> Result<Self, Refusal> {
        let failed = |errno: Errno| Refusal::from_io(path, &errno.into());
        let (dir, name) = trusted_place(path)?;
        let flags = OFlags::RDWR
            | OFlags::APPEND
            | OFlags::CREATE
            | OFlags::NOFOLLOW
            | OFlags::NONBLOCK
            | OFlags::NOCTTY
            | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&dir, &name, flags, Mode::from_raw_mode(MODE)).map_err(failed)?;
        let file = File::from(file);
        let metadata = file.metadata().map_err(|error| Refusal::from_io(path, &error))?;
        if !metadata.is_file() {
            return Err(Refusal::NotFile(path.to_path_buf()));
        }
        if metadata.uid() != own_uid() {
            let (owner, wanted) = (metadata.uid(), own_uid());
            return Err(Refusal::NotOurs { path: path.to_path_buf(), owner, wanted });
        }
        if metadata.nlink() > 1 {
            let reason = "it has another name too, under which it may be something else".to_owned();
            return Err(Refusal::Other { path: path.to_path_buf(), reason });
        }
        let begun = metadata.created().ok().and_then(|at| Timestamp::try_from(at).ok()).unwrap_or(now);
        let mut opened = Self { path: path.to_path_buf(), dir, name, file, length: metadata.len(), begun };
        opened.cut_back().map_err(|error| Refusal::from_io(path, &error))?;
        Ok(opened)
    }

    /// How long it is.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Since when it grows.
    pub fn begun(&self) -> Timestamp {
        self.begun
    }

    /// Whether it still has its name: somebody else may have rotated it.
    pub fn has_its_name(&self) -> bool {
        let ours = rustix::fs::fstat(&self.file);
        let named = rustix::fs::statat(&self.dir, &self.name, AtFlags::SYMLINK_NOFOLLOW);
        matches!((ours, named), (Ok(ours), Ok(named)) if (ours.st_dev, ours.st_ino) == (named.st_dev, named.st_ino))
    }

    /// Appends whole lines: all of them or none.
    pub fn append(&mut self, lines: &[u8]) -> Result<(), Refusal> {
        let written = self.file.write_all(lines);
        if let Err(error) = written {
            // NOTE(ignored): what cannot be cut back now is when it is opened again.
            let _ = self.file.set_len(self.length);
            return Err(Refusal::from_io(&self.path, &error));
        }
        self.length += lines.len() as u64;
        Ok(())
    }

    /// Makes sure that what was appended survives a power cut.
    pub fn sync(&self) -> Result<(), Refusal> {
        self.file.sync_data().map_err(|error| Refusal::from_io(&self.path, &error))
    }

    /// Gives the file the name `NAME.1`, that one `NAME.2`, and so on; of `keep` of them the last goes. What has such a
    /// name and is no regular file stays as it is, and nothing is rotated.
    pub fn rotate(&self, keep: usize) -> Result<(), Refusal> {
        self.sync()?;
        let failed = |errno: Errno| Refusal::from_io(&self.path, &errno.into());
        let numbered = |number: usize| {
            let mut name = self.name.clone();
            name.push(OsStr::new(&format!(".{number}")));
            name
        };
        for number in 1..=keep {
            match rustix::fs::statat(&self.dir, numbered(number), AtFlags::SYMLINK_NOFOLLOW) {
                Ok(found) if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile => {
                    return Err(Refusal::NotFile(self.path.with_file_name(numbered(number))));
                }
                Ok(_) | Err(Errno::NOENT) => {}
                Err(errno) => return Err(failed(errno)),
            }
        }
        for number in (1..keep).rev() {
            match rustix::fs::renameat(&self.dir, numbered(number), &self.dir, numbered(number + 1)) {
                Ok(()) | Err(Errno::NOENT) => {}
                Err(errno) => return Err(failed(errno)),
            }
        }
        rustix::fs::renameat(&self.dir, &self.name, &self.dir, numbered(1)).map_err(failed)
    }

    /// Removes what follows the last end of a line: a crash came in between, and the line is written again.
    fn cut_back(&mut self) -> io::Result<()> {
        let least = self.length.saturating_sub(LONGEST_LINE);
        let mut end = self.length;
        while end > least {
            let start = end.saturating_sub(STEP).max(least);
            self.file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            (&self.file).take(end - start).read_to_end(&mut bytes)?;
            if let Some(at) = memchr::memrchr(b'\n', &bytes) {
                let whole = start + at as u64 + 1;
                if whole < self.length {
                    self.file.set_len(whole)?;
                    self.length = whole;
                }
                return Ok(());
            }
            end = start;
        }
        if least == 0 && self.length > 0 {
            self.file.set_len(0)?;
            self.length = 0;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn scratch() -> (tempfile::TempDir, PathBuf) {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("events");
        (root, path)
    }

    fn open(path: &Path) -> Result<Appended, Refusal> {
        Appended::open(path, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn lines_are_appended_and_half_a_line_is_cut_back() {
        let (_root, path) = scratch();
        let mut file = open(&path).unwrap();
        file.append(b"one\ntwo\n").unwrap();
        file.sync().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o640);
        drop(file);
        for (left, whole) in [("one\ntwo\nthr", "one\ntwo\n"), ("one\n", "one\n"), ("o", ""), ("", "")] {
            fs::write(&path, left).unwrap();
            assert_eq!(open(&path).unwrap().length(), whole.len() as u64);
            assert_eq!(fs::read_to_string(&path).unwrap(), whole);
        }
        let long = format!("one\n{}", "x".repeat(200_000));
        fs::write(&path, long).unwrap();
        open(&path).unwrap().append(b"two\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn nobody_leads_us_to_another_file() {
        let (root, path) = scratch();
        let other = root.path().join("other");
        fs::write(&other, "precious").unwrap();
        symlink(&other, &path).unwrap();
        assert!(matches!(open(&path), Err(Refusal::Link(_))));
        fs::remove_file(&path).unwrap();
        fs::hard_link(&other, &path).unwrap();
        assert!(open(&path).unwrap_err().to_string().contains("another name too"));
        fs::remove_file(&path).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        assert!(matches!(open(&path), Err(Refusal::NotFile(_))));
        fs::remove_file(&path).unwrap();
        fs::set_permissions(root.path(), fs::Permissions::from_mode(0o777)).unwrap();
        assert!(matches!(open(&path), Err(Refusal::Writable { .. })));
        assert_eq!(fs::read_to_string(&other).unwrap(), "precious");
    }

    #[test]
    fn rotated_files_move_up_and_the_last_goes() {
        let (root, path) = scratch();
        for line in ["1\n", "2\n", "3\n", "4\n"] {
            let mut file = open(&path).unwrap();
            file.append(line.as_bytes()).unwrap();
            assert!(file.has_its_name());
            file.rotate(2).unwrap();
            assert!(!file.has_its_name());
        }
        let read = |name: &str| fs::read_to_string(root.path().join(name)).unwrap();
        assert_eq!((read("events.1"), read("events.2")), ("4\n".into(), "3\n".into()));
        assert!(!root.path().join("events.3").exists() && !path.exists());
        let file = open(&path).unwrap();
        fs::create_dir(root.path().join("events.2x")).unwrap();
        fs::remove_file(root.path().join("events.2")).unwrap();
        fs::create_dir(root.path().join("events.2")).unwrap();
        assert!(matches!(file.rotate(2), Err(Refusal::NotFile(_))));
    }
}
