//! The installation's key: where it is kept and whether it fits the database. Must not know what it is used for.

use super::error::JournalError;
use crate::host::private_dir::PrivateDir;
use crate::host::private_file;
use crate::host::refusal::Refusal;
use crate::model::digest::Key;

/// The key file's name.
pub(super) const NAME: &str = "key";
const LENGTH: usize = 32;
/// The version since which events are chained.
const CHAINED: i64 = 2;

/// The key; `None` when there is none.
pub(super) fn load(dir: &PrivateDir) -> Result<Option<Key>, JournalError> {
    let Some(found) = private_file::size(dir, NAME)? else { return Ok(None) };
    let Some(bytes) = private_file::read(dir, NAME, LENGTH as u64 + 1)? else { return Ok(None) };
    match <[u8; LENGTH]>::try_from(bytes.as_slice()) {
        Ok(bytes) => Ok(Some(Key::from_bytes(bytes))),
        Err(_) => Err(JournalError::KeyLength { key: dir.join(NAME), found }),
    }
}

/// A new key; another process's, when one was quicker.
pub(super) fn create(dir: &PrivateDir) -> Result<Key, JournalError> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| JournalError::NoRandomness(error.to_string()))?;
    match private_file::create(dir, NAME, &bytes) {
        Ok(()) => Ok(Key::from_bytes(bytes)),
        Err(Refusal::Exists(path)) => load(dir)?.ok_or(JournalError::Refused(Refusal::Exists(path))),
        Err(other) => Err(other.into()),
    }
}

/// The key again, where its file is gone.
pub(super) fn restore(dir: &PrivateDir, key: &Key) -> Result<(), JournalError> {
    Ok(private_file::create(dir, NAME, key.reveal())?)
}

/// What a database of that version keeps to know its key again. Says nothing about the key. Another one since events
/// are chained: else a database that somebody without the key made up could pass for an older one, to be chained
/// as it stands.
pub(super) fn check_value(key: &Key, version: i64) -> String {
    let journal: &[u8] = if version < CHAINED { b"mcpwatch journal" } else { b"mcpwatch chained journal" };
    key.authenticate("key check", journal).to_string()
}
