//! An imitation of the client, as far as its saves of `~/.claude.json` go (seen with strace on 2.1.329): directory lock,
//! read anew, a file of its own beside, mode, disk, rename, unlock. Knows nothing of what is saved, or why.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

/// How long one waits that found the lock held.
const RETRY: Duration = Duration::from_micros(300);

/// One that saves the file of that home.
pub(crate) struct Client {
    file: PathBuf,
    lock: PathBuf,
}

impl Client {
    pub(crate) fn of(home: &Path) -> Self {
        Self { file: home.join(".claude.json"), lock: home.join(".claude.json.lock") }
    }

    /// One save, as soon as nobody else holds the lock. Nothing is saved where there is nothing to change.
    pub(crate) fn save(&self, change: impl Fn(&str) -> String) {
        while !self.try_to_save(&change) {
            sleep(RETRY);
        }
    }

    /// One save; `false` while somebody else holds the lock.
    fn try_to_save(&self, change: impl FnOnce(&str) -> String) -> bool {
        static SAVES: AtomicU64 = AtomicU64::new(0);
        match fs::create_dir(&self.lock) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return false,
            other => other.expect("a lock"),
        }
        let text = fs::read_to_string(&self.file).expect("a file");
        let mode = fs::metadata(&self.file).expect("its mode").permissions().mode() & 0o7777;
        let (pid, digits) = (std::process::id(), SAVES.fetch_add(1, Ordering::Relaxed));
        let beside = self.file.with_file_name(format!(".claude.json.tmp.{pid}.{digits:012x}"));
        let mut new =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside).expect("a file");
        new.write_all(change(&text).as_bytes()).expect("written");
        new.set_permissions(Permissions::from_mode(mode)).expect("its mode");
        new.sync_all().expect("on the disk");
        fs::rename(&beside, &self.file).expect("renamed");
        fs::remove_dir(&self.lock).expect("unlocked");
        true
    }
}
