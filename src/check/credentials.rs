//! The credentials files of one home, each read when it has changed. Keeps their shapes and nothing else of them.

use super::place::Place;
use crate::credentials::{FILE_CAP, shape};
use crate::host::read_error::ReadError;
use crate::model::credentials::{Credentials, CredentialsState};
use crate::model::surface::FileFacts;
use crate::surface::Found;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is known of them.
#[derive(Debug, Default)]
pub(super) struct CredentialFiles(Vec<Known>);

#[derive(Debug)]
struct Known {
    file: Arc<Path>,
    /// The client's own file beside it.
    claude_json: PathBuf,
    facts: Option<FileFacts>,
    state: CredentialsState,
    versions: u32,
}

impl CredentialFiles {
    /// Every file.
    pub(super) fn files(&self) -> impl Iterator<Item = &Arc<Path>> {
        self.0.iter().map(|known| &known.file)
    }

    /// How many versions of that file were read since it was asked last.
    pub(super) fn take_versions(&mut self, file: &Path) -> u32 {
        let known = self.0.iter_mut().find(|known| *known.file == *file);
        known.map_or(0, |known| std::mem::take(&mut known.versions))
    }

    /// Looks at one of them again; says whether it is otherwise than before.
    pub(super) fn refresh(&mut self, place: Place<'_>, file: &Path) -> bool {
        self.0.iter_mut().find(|known| *known.file == *file).is_some_and(|known| known.look(place))
    }

    /// Looks at all of them; those that `is_known` are not looked at again. `found` says who is logged in.
    pub(super) fn read<'f>(
        &mut self,
        place: Place<'_>,
        found: impl Iterator<Item = &'f Found>,
        is_known: &dyn Fn(&Path) -> bool,
    ) -> Vec<Credentials> {
        let mut before = std::mem::take(&mut self.0);
        for (claude_json, file) in place.layout.credentials() {
            let known = before.iter().position(|known| *known.file == *file);
            let mut known = known.map(|at| before.swap_remove(at)).unwrap_or_else(|| Known {
                file: file.as_path().into(),
                claude_json,
                facts: None,
                state: CredentialsState::Missing,
                versions: 0,
            });
            if !is_known(&file) {
                known.look(place);
            }
            self.0.push(known);
        }
        let accounts: Vec<(&Path, Option<bool>)> = found
            .filter(|found| self.0.iter().any(|known| *known.claude_json == *found.surface.file))
            .map(|found| (&*found.surface.file, found.extract.as_ref().map(|extract| extract.has_account)))
            .collect();
        let read = self.0.iter().map(|known| {
            let account = accounts.iter().find(|(file, _)| **file == *known.claude_json);
            Credentials {
                file: known.file.to_path_buf(),
                state: known.state.clone(),
                // Where the client's file is not there, no account is named in it.
                has_account: account.map_or(Some(false), |(_, has_account)| *has_account),
            }
        });
        read.collect()
    }
}

impl Known {
    fn look(&mut self, place: Place<'_>) -> bool {
        let facts = place.files.facts(&self.file).ok();
        if facts.is_some() && facts == self.facts {
            return false;
        }
        let (state, facts) = match place.files.read(&self.file, FILE_CAP) {
            Ok(contents) => (shape(&contents.bytes, &contents.facts), Some(contents.facts)),
            Err(ReadError::Missing(_)) => (CredentialsState::Missing, None),
            Err(error) => (CredentialsState::Unreadable(error.to_string()), None),
        };
        self.versions = self.versions.saturating_add(1);
        self.facts = facts;
        let is_other = state != self.state;
        self.state = state;
        is_other
    }
}
