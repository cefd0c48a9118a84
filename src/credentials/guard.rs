//! What was told of credentials files, and what waits: a save takes a moment, and so does a logout, which changes two
//! files. Pure; whoever asks says how late it is and keeps what is to be remembered.

use super::judge::{Finding, Writer, judge};
use crate::model::credentials::{Credentials, CredentialsShape, CredentialsState};
use crate::model::level::Level;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a save or a logout may take.
const SETTLING: Duration = Duration::from_secs(2);

/// What was told of one file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    state: CredentialsState,
    good: Option<CredentialsShape>,
}

/// The files of one home.
#[derive(Debug, Default)]
pub struct Guard {
    known: BTreeMap<PathBuf, Known>,
    /// Since when a file has been otherwise than it was told to be, and who wrote it then.
    changed: BTreeMap<PathBuf, (Duration, Writer)>,
    is_news: bool,
}

/// What one step came to.
#[derive(Debug, Default)]
pub struct Told {
    /// What is to be told now.
    pub findings: Vec<Finding>,
    /// When to take the next step at the latest.
    pub due: Option<Duration>,
}

impl Guard {
    /// One that goes on from what was remembered; from nothing, where that is not understood.
    pub fn resume(remembered: &[u8]) -> Self {
        Self { known: serde_json::from_slice(remembered).unwrap_or_default(), ..Self::default() }
    }

    /// What is to be remembered, where that has changed since it was asked last.
    pub fn take_news(&mut self) -> Option<Vec<u8>> {
        if !std::mem::take(&mut self.is_news) {
            return None;
        }
        serde_json::to_vec(&self.known).ok()
    }

    /// Holds what is there against what was told. `writer` says who wrote a file just now.
    pub fn step(
        &mut self,
        found: &[Credentials],
        elapsed: Duration,
        writer: &dyn Fn(&Path) -> Writer,
    ) -> Told {
        let mut told = Told::default();
        for now in found {
            let known = self.known.get(&now.file);
            if known.is_some_and(|known| known.state == now.state) {
                self.changed.remove(&now.file);
                continue;
            }
            let good = known.and_then(|known| known.good.clone());
            let (since, by) =
                *self.changed.entry(now.file.clone()).or_insert_with(|| (elapsed, writer(&now.file)));
            let findings = judge(good.as_ref(), now, by);
            let matters = findings.iter().any(|finding| finding.level > Level::Informational);
            if matters && elapsed < since + SETTLING {
                let due = since + SETTLING;
                told.due = Some(told.due.map_or(due, |other: Duration| other.min(due)));
                continue;
            }
            self.changed.remove(&now.file);
            told.findings.extend(findings);
            let good = match &now.state {
                CredentialsState::Sound(shape) => Some(shape.clone()),
                // After a logout there is nothing left to lose; damage may be mended, with less in it than before.
                CredentialsState::Missing => None,
                CredentialsState::Unreadable(_) | CredentialsState::Damaged { .. } => good,
            };
            self.known.insert(now.file.clone(), Known { state: now.state.clone(), good });
            self.is_news = true;
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials(state: CredentialsState) -> [Credentials; 1] {
        [Credentials { file: "/h/.credentials.json".into(), state, has_account: Some(true) }]
    }

    fn sound(has_login: bool) -> CredentialsState {
        CredentialsState::Sound(CredentialsShape {
            has_login,
            logins: ["a|1".to_owned()].into(),
            mode: 0o600,
            owner: 1000,
        })
    }

    fn step(guard: &mut Guard, state: CredentialsState, at: u64) -> (usize, Option<u64>) {
        let told = guard.step(&credentials(state), Duration::from_secs(at), &|_| Writer::Unknown);
        (told.findings.len(), told.due.map(|due| due.as_secs()))
    }

    #[test]
    fn a_loss_is_told_once_when_it_has_stood_for_a_moment() {
        let mut guard = Guard::default();
        assert_eq!(step(&mut guard, sound(true), 0), (0, None));
        assert_eq!(step(&mut guard, sound(false), 10), (0, Some(12)));
        assert_eq!(step(&mut guard, sound(false), 11), (0, Some(12)));
        assert_eq!(step(&mut guard, sound(false), 12), (1, None));
        assert_eq!(step(&mut guard, sound(false), 13), (0, None));
        assert_eq!(step(&mut guard, sound(true), 14), (0, None));
        assert_eq!(step(&mut guard, sound(false), 20), (0, Some(22)), "lost again");
    }

    #[test]
    fn half_a_save_is_nothing() {
        let mut guard = Guard::default();
        step(&mut guard, sound(true), 0);
        let half = CredentialsState::Damaged { is_empty: true };
        assert_eq!(step(&mut guard, half, 1), (0, Some(3)));
        assert_eq!(step(&mut guard, sound(true), 2), (0, None));
    }

    #[test]
    fn what_damage_hid_is_found_when_it_is_mended() {
        let mut guard = Guard::default();
        step(&mut guard, sound(true), 0);
        let cut = || CredentialsState::Damaged { is_empty: false };
        step(&mut guard, cut(), 1);
        assert_eq!(step(&mut guard, cut(), 3), (1, None));
        step(&mut guard, sound(false), 4);
        assert_eq!(step(&mut guard, sound(false), 6), (1, None));
    }

    #[test]
    fn what_was_lost_while_nobody_looked_is_told() {
        let mut guard = Guard::default();
        step(&mut guard, sound(true), 0);
        let mut next = Guard::resume(&guard.take_news().unwrap());
        assert_eq!(guard.take_news(), None);
        step(&mut next, sound(false), 0);
        assert_eq!(step(&mut next, sound(false), 2), (1, None));
        assert_eq!(step(&mut Guard::resume(b"nonsense"), sound(false), 2), (0, None));
    }
}
