//! What was told of credentials files, and the logins that their owner wants kept. Must not know what is in either.

use super::error::JournalError;
use super::open::Journal;
use super::seal::Sealer;
use super::sealed;
use super::tables::failed;
use crate::model::event::identity::path_text;
use crate::model::secret::Secret;
use jiff::Timestamp;
use rusqlite::Connection;
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

/// Remembers what was told of the credentials files of that home, in the caller's transaction: with what was told.
pub(super) fn remember(
    connection: &Connection,
    sealer: &Sealer,
    home: &Path,
    told: &[u8],
    path: &Path,
) -> Result<(), JournalError> {
    let name = path_text(home);
    let sealed = sealed::seal(sealer, TOLD, &name, told, path)?;
    sealed::put(connection, TOLD, &name, &sealed).map_err(failed(path))
}

impl Journal {
    /// What was told of the credentials files of that home, in the words of whoever told it.
    pub fn credentials_told(&self, home: &Path) -> Result<Option<Vec<u8>>, JournalError> {
        self.sealed(TOLD, &path_text(home))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::{Batch, StandingChange};
    use crate::model::digest::Key;
    use crate::model::event::{AgentAction, Context, Event, HostFacts};
    use crate::model::level::Level;

    fn told(id: &str, action: AgentAction, told: &[u8]) -> Batch {
        let (host, key) = (HostFacts::default(), Key::from_bytes([0; 32]));
        let context = Context { time: Timestamp::UNIX_EPOCH, host: &host, home: None, user: None, key: &key };
        let event = Event::agent(id.into(), action, Level::High, "It is gone.", &context);
        let remembered = StandingChange::Credentials { home: "/h".into(), told: told.to_vec() };
        Batch { events: vec![event], standing: vec![remembered] }
    }

    #[test]
    fn what_was_told_is_remembered_with_its_event_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(&dir.path().join("state")).unwrap();
        let remembered = |journal: &Journal| journal.credentials_told(Path::new("/h")).unwrap();
        journal.commit(told("a", AgentAction::CredentialsLost, b"first")).unwrap();
        assert_eq!(remembered(&journal).unwrap(), b"first");
        // Another event under the same id is refused, and all that goes with it.
        assert!(journal.commit(told("a", AgentAction::CredentialsDamaged, b"second")).is_err());
        assert_eq!(remembered(&journal).unwrap(), b"first");
        journal.commit(told("b", AgentAction::CredentialsDamaged, b"second")).unwrap();
        assert_eq!(remembered(&journal).unwrap(), b"second");
    }
}
