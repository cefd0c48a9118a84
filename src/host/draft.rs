//! A file under another name until it is complete, and the sweeping of those that a crash left behind. Must not
//! know what a file holds.

use super::private_dir::{PrivateDir, require_ours};
use super::private_file::{PRIVATE, identity};
use super::refusal::Refusal;
use rustix::fs::{CWD, FlockOperation, Mode, OFlags, flock};
use rustix::io::Errno;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// What stands between a file's name and what tells its drafts apart.
const MARK: &str = ".new-";
/// How long that is: a UUID without hyphens.
const DIGITS: usize = 32;
/// What SQLite puts beside a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A file under another name until it is complete. It goes when it is dropped unpublished; one that a crash left
/// is told by its lock, which went with its maker.
#[derive(Debug)]
pub struct Draft<'d> {
    dir: &'d PrivateDir,
    path: PathBuf,
    name: String,
    lock: Option<File>,
}

impl<'d> Draft<'d> {
    /// An empty draft of that file, mode 0600.
    pub fn new(dir: &'d PrivateDir, name: &str) -> Result<Self, Refusal> {
        let path = dir.join(&format!("{name}{MARK}{}", uuid::Uuid::now_v7().simple()));
        let failed = |errno: Errno| Refusal::from_io(&path, &errno.into());
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::open(&path, flags, Mode::from_raw_mode(PRIVATE)).map_err(failed)?;
        let lock = File::from(file);
        flock(&lock, FlockOperation::NonBlockingLockExclusive).map_err(failed)?;
        Ok(Self { dir, path, name: name.to_owned(), lock: Some(lock) })
    }

    /// Where it is for now.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it its name, unless something has that name: [`Refusal::Exists`].
    pub fn publish(mut self) -> Result<(), Refusal> {
        self.complete()?;
        let target = self.dir.join(&self.name);
        match rename_new(&self.path, &target) {
            // Swept between the two, which happens only where the file was there already.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Refusal::Exists(target)),
            other => other.map_err(|error| Refusal::from_io(&target, &error))?,
        }
        self.dir.sync()
    }

    /// Gives it its name. What has that name, whatever it is, gets the name `aside`, and is neither followed nor
    /// changed; says whether there was something. At every moment something has the name, where the file system
    /// can exchange two.
    pub fn replace(mut self, aside: &str) -> Result<bool, Refusal> {
        self.complete()?;
        let (target, aside) = (self.dir.join(&self.name), self.dir.join(aside));
        let refused = |path: &Path| {
            let path = path.to_path_buf();
            move |error: io::Error| Refusal::from_io(&path, &error)
        };
        if exchange(&self.path, &target).is_ok() {
            match rename_new(&self.path, &aside) {
                Ok(()) => {}
                // It has that name already besides: the draft's goes when this is dropped.
                Err(_) if identity(&aside).is_some() && identity(&aside) == identity(&self.path) => {}
                Err(error) => {
                    // Rather as it was than lost.
                    exchange(&self.path, &target).map_err(refused(&target))?;
                    return Err(refused(&aside)(error));
                }
            }
            return self.dir.sync().map(|()| true);
        }
        // Nothing has the name, or the file system cannot exchange.
        let found = match rename_new(&target, &aside) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            other => other.map(|()| true).map_err(refused(&aside))?,
        };
        rename_new(&self.path, &target).map_err(refused(&target))?;
        self.dir.sync().map(|()| found)
    }

    /// Makes it durable, and lets go of it before it has its name: closing it afterwards would end the locks that
    /// SQLite took on it meanwhile.
    fn complete(&mut self) -> Result<(), Refusal> {
        match self.lock.take() {
            Some(file) => file.sync_all().map_err(|error| Refusal::from_io(&self.path, &error)),
            None => Ok(()),
        }
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        _ = fs::remove_file(&self.path);
    }
}

/// Removes the drafts of that file whose maker is gone, with what SQLite put beside them. Does nothing while the
/// file itself is not there: then a draft may be about to become it.
pub fn sweep(dir: &PrivateDir, name: &str) {
    if fs::symlink_metadata(dir.join(name)).is_err() {
        return;
    }
    let Ok(entries) = fs::read_dir(dir.path()) else { return };
    let prefix = format!("{name}{MARK}");
    for entry in entries.flatten() {
        let found = entry.file_name();
        let Some(rest) = found.to_str().and_then(|found| found.strip_prefix(&prefix)) else { continue };
        let Some((digits, beside)) = rest.split_at_checked(DIGITS) else { continue };
        let is_ours = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_ours && (beside.is_empty() || BESIDE.contains(&beside)) {
            remove_if_left(&dir.join(&format!("{prefix}{digits}")));
        }
    }
}

/// Removes one draft if nobody holds its lock.
fn remove_if_left(draft: &Path) {
    let flags = OFlags::RDWR | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let lock = match rustix::fs::open(draft, flags, Mode::empty()) {
        Ok(file) => Some(File::from(file)),
        // Its maker removes it last, so that what is beside it was left.
        Err(Errno::NOENT) => None,
        Err(_) => return,
    };
    if let Some(file) = &lock {
        let is_ours = file
            .metadata()
            .is_ok_and(|metadata| metadata.is_file() && require_ours(draft, &metadata, PRIVATE).is_ok());
        if !is_ours || flock(file, FlockOperation::NonBlockingLockExclusive).is_err() {
            return;
        }
    }
    for beside in BESIDE {
        let mut path = draft.as_os_str().to_owned();
        path.push(beside);
        _ = fs::remove_file(path);
    }
    _ = fs::remove_file(draft);
}

/// Exchanges two names, where the file system can do that.
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        Ok(rustix::fs::renameat_with(CWD, one, CWD, other, rustix::fs::RenameFlags::EXCHANGE)?)
    }
    #[cfg(not(any(target_os = "linux", target_vendor = "apple")))]
    {
        let _ = (one, other);
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Renames without replacing; by a second name where the file system cannot do that.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    {
        match rustix::fs::renameat_with(CWD, from, CWD, to, rustix::fs::RenameFlags::NOREPLACE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
            other => return Ok(other?),
        }
    }
    fs::hard_link(from, to)?;
    fs::remove_file(from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn names(dir: &PrivateDir) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_a_crash_left_is_swept_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let dir = PrivateDir::make(&root.path().join("state")).unwrap();
        let left = format!("db.new-{}", "0".repeat(DIGITS));
        for name in [&left, &format!("{left}-wal"), "db.new-mine", "other"] {
            fs::write(dir.join(name), b"x").unwrap();
            fs::set_permissions(dir.join(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
        let orphan = format!("db.new-{}-shm", "1".repeat(DIGITS));
        fs::write(dir.join(&orphan), b"x").unwrap();
        sweep(&dir, "db");
        assert_eq!(names(&dir).len(), 5, "one of them may be about to become the file");
        let making = Draft::new(&dir, "db").unwrap();
        fs::write(dir.join("db"), b"x").unwrap();
        sweep(&dir, "db");
        let held = making.path().file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(names(&dir), ["db", &held, "db.new-mine", "other"]);
        assert!(matches!(making.publish(), Err(Refusal::Exists(_))));
        assert_eq!(names(&dir), ["db", "db.new-mine", "other"]);
    }

    #[test]
    fn a_draft_that_was_swept_was_too_late() {
        let root = tempfile::tempdir().unwrap();
        let dir = PrivateDir::make(&root.path().join("state")).unwrap();
        let draft = Draft::new(&dir, "db").unwrap();
        fs::remove_file(draft.path()).unwrap();
        assert!(matches!(draft.publish(), Err(Refusal::Exists(_))));
    }
}
