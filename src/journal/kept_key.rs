//! Keeping the key beside the database for as long as somebody has both open: without it nobody could read or verify the
//! journal any more. Must not know who took it away, nor who is told.

use super::error::JournalError;
use super::keyfile;
use super::open::Journal;
use crate::host::aside;
use crate::host::private_dir::PrivateDir;
use jiff::Timestamp;
use std::path::{Path, PathBuf};

/// A key that was put back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPutBack {
    /// Where.
    pub path: PathBuf,
    /// What lay there instead, where it is now.
    pub set_aside: Option<PathBuf>,
}

impl Journal {
    /// Where the key lies.
    pub fn key_file(&self) -> &Path {
        self.attachment.key()
    }

    /// Whether nobody touched the key since it was found right. See [`Journal::keep_key`] otherwise.
    pub fn has_its_key(&self) -> bool {
        self.attachment.has_its_key()
    }

    /// Puts the key back, if it is not there any more.
    pub fn keep_key(&self, now: Timestamp) -> Result<Option<KeyPutBack>, JournalError> {
        let Some(dir) = self.path.parent().map(PrivateDir::verify).transpose()?.flatten() else {
            return Err(JournalError::Detached(self.path.clone()));
        };
        let put_back = self.put_key(&dir, &aside::stamp(now))?;
        self.attachment.found_its_key();
        Ok(put_back)
    }

    /// Makes sure that the key beside the database is its own.
    pub(super) fn put_key(&self, dir: &PrivateDir, stamp: &str) -> Result<Option<KeyPutBack>, JournalError> {
        let mut set_aside = None;
        match keyfile::load(dir) {
            Ok(Some(found)) if found.reveal() == self.key.reveal() => return Ok(None),
            Ok(None) => {}
            Ok(Some(_)) | Err(_) => {
                let name = aside::name_of(keyfile::NAME, stamp);
                set_aside = aside::set_aside(dir, keyfile::NAME, &name)?.then(|| dir.join(&name));
            }
        }
        keyfile::restore(dir, &self.key)?;
        Ok(Some(KeyPutBack { path: dir.join(keyfile::NAME), set_aside }))
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "these tests look at what lies there")]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_key_is_put_back_whatever_lies_there_instead() {
        type Meddle = fn(&Path);
        let ways: [(Meddle, bool); 4] = [
            (|key| fs::remove_file(key).unwrap(), false),
            (|key| fs::write(key, [7; 32]).unwrap(), true),
            (|key| fs::write(key, b"short").unwrap(), true),
            (
                |key| {
                    fs::remove_file(key).unwrap();
                    fs::create_dir(key).unwrap();
                },
                true,
            ),
        ];
        for (meddle, is_set_aside) in ways {
            let root = tempfile::tempdir().unwrap();
            let journal = Journal::open(&root.path().join("state")).unwrap();
            let key = journal.key_file().to_path_buf();
            let right = fs::read(&key).unwrap();
            assert!(journal.has_its_key());
            meddle(&key);
            assert!(!journal.has_its_key());
            let put_back = journal.keep_key(Timestamp::UNIX_EPOCH).unwrap().unwrap();
            assert_eq!((&put_back.path, put_back.set_aside.is_some()), (&key, is_set_aside));
            assert_eq!(fs::read(&key).unwrap(), right);
            assert!(journal.has_its_key());
            // Touched, and still the right one.
            fs::write(&key, &right).unwrap();
            assert_eq!(journal.keep_key(Timestamp::UNIX_EPOCH).unwrap(), None);
        }
    }
}
