//! What was told of credentials files, and the logins that their owner wants kept. Must not know what is in either.

use super::error::JournalError;
use super::open::Journal;
use crate::model::event::identity::path_text;
use crate::model::secret::Secret;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// As what they are sealed.
const TOLD: &str = "credentials";
const LOGIN: &str = "login";

/// A login that was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptLogin {
    /// When.
    pub at: Timestamp,
    /// It, as it stood in the file.
    pub login: Secret,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    at: String,
    login: String,
}

impl Journal {
    /// What was told of the credentials files of that home, in the words of whoever told it.
    pub fn credentials_told(&self, home: &Path) -> Result<Option<Vec<u8>>, JournalError> {
        self.sealed(TOLD, &path_text(home))
    }

    /// Remembers what was told of them.
    pub fn remember_credentials(&mut self, home: &Path, told: &[u8]) -> Result<(), JournalError> {
        self.put_sealed(TOLD, &path_text(home), told)
    }

    /// The login of that file that was kept last.
    pub fn kept_login(&self, file: &Path) -> Result<Option<KeptLogin>, JournalError> {
        let plain = self.sealed(LOGIN, &path_text(file))?;
        Ok(plain.and_then(|plain| {
            let Sealed { at, login } = serde_json::from_slice(&plain).ok()?;
            Some(KeptLogin { at: at.parse().ok()?, login: Secret::new(login) })
        }))
    }

    /// Keeps the login of that file, in the place of the one before.
    pub fn keep_login(&mut self, file: &Path, kept: &KeptLogin) -> Result<(), JournalError> {
        let sealed = Sealed { at: kept.at.to_string(), login: kept.login.reveal().to_owned() };
        let plain = serde_json::to_vec(&sealed)
            .map_err(|error| JournalError::Other { path: self.path.clone(), reason: error.to_string() })?;
        self.put_sealed(LOGIN, &path_text(file), &plain)
    }
}
