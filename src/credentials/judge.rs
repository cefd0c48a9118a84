//! A shape held against the last good one: what was lost, and what is everyday life. Knows no time.
//!
//! Seen on 2.1.329: a logout takes the whole file away, the servers' logins included, and the account out of the
//! client's own file; nothing else that the client means to do loses a login while others stay.

use crate::model::credentials::{Credentials, CredentialsShape, CredentialsState};
use crate::model::event::AgentAction;
use crate::model::level::Level;
use std::path::PathBuf;

/// Who wrote, as far as that can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// The client.
    Client,
    /// Something else.
    Other,
    /// Nobody saw it.
    Unknown,
}

/// Something that is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub file: PathBuf,
    /// `credentials-lost` or `credentials-damaged`.
    pub action: AgentAction,
    /// How much it matters.
    pub level: Level,
    /// One sentence.
    pub message: String,
}

impl Finding {
    /// Whether it is what a logout leaves, of the client or from one server.
    pub fn is_logout(&self) -> bool {
        self.level == Level::Informational
    }
}

/// What is to be told of `now`, after `good` was the last good state.
pub(super) fn judge(good: Option<&CredentialsShape>, now: &Credentials, writer: Writer) -> Vec<Finding> {
    let file = now.file.display();
    let finding = |action, level, message: String| Finding { file: now.file.clone(), action, level, message };
    let lost = |level, message| finding(AgentAction::CredentialsLost, level, message);
    let damaged = |level, message| finding(AgentAction::CredentialsDamaged, level, message);
    let nothing = CredentialsShape::default();
    let before = good.unwrap_or(&nothing);
    let had_something = before.has_login || !before.logins.is_empty();
    let shape = match &now.state {
        CredentialsState::Missing if !had_something => return Vec::new(),
        CredentialsState::Missing if is_logout(before, now, writer) => {
            return vec![lost(Level::Informational, format!("the client logged out: {file} is gone"))];
        }
        CredentialsState::Missing => {
            let level = if before.has_login { Level::High } else { Level::Low };
            let message = format!("{file} vanished, with {}: no logout did that", in_words(before));
            return vec![damaged(if writer == Writer::Other { Level::High } else { level }, message)];
        }
        CredentialsState::Unreadable(why) => {
            return vec![damaged(Level::High, format!("the client's logins cannot be read: {why}"))];
        }
        CredentialsState::Damaged { is_empty: true } => {
            return vec![damaged(Level::High, format!("{file} is empty: every login in it is gone"))];
        }
        CredentialsState::Damaged { is_empty: false } => {
            let message = format!("{file} is cut off or no JSON: the client finds no login in it");
            return vec![damaged(Level::High, message)];
        }
        CredentialsState::Sound(shape) => shape,
    };
    let mut findings = Vec::new();
    if before.has_login && !shape.has_login {
        findings.push(if is_logout(before, now, writer) && shape.logins.is_empty() {
            lost(Level::Informational, format!("the client logged out: its login is no longer in {file}"))
        } else {
            lost(Level::High, format!("the client's own login is gone from {file}, {}", stayed(shape)))
        });
    }
    // With one login that is what taking it back looks like; several are not taken back in one step.
    if !before.logins.is_empty() && shape.logins.is_empty() && (shape.has_login || !before.has_login) {
        let (level, word) = match (before.logins.len(), writer) {
            (1, Writer::Client | Writer::Unknown) => (Level::Informational, "is"),
            (1, Writer::Other) => (Level::Medium, "is"),
            _ => (Level::High, "are all"),
        };
        let logins = servers(before.logins.len());
        findings.push(damaged(level, format!("{logins} {word} gone from {file}")));
    }
    let opened = shape.mode & 0o077 & !before.mode;
    if opened != 0 {
        let message = format!(
            "{file} is open to others than its owner (mode {:04o}): type chmod 600 {file}",
            shape.mode
        );
        findings.push(damaged(Level::Medium, message));
    }
    if good.is_some_and(|good| good.owner != shape.owner) {
        let message = format!(
            "{file} belongs to another account than before (uid {}, before {})",
            shape.owner, before.owner
        );
        findings.push(damaged(Level::High, message));
    }
    findings
}

/// The client takes its account out of its own file when it logs out. Where only servers had logins nobody can tell
/// it by that.
fn is_logout(before: &CredentialsShape, now: &Credentials, writer: Writer) -> bool {
    match writer {
        Writer::Client => now.has_account != Some(true),
        Writer::Other => false,
        Writer::Unknown => before.has_login && now.has_account == Some(false),
    }
}

fn stayed(shape: &CredentialsShape) -> String {
    match shape.logins.len() {
        0 => "and nobody logged out".to_owned(),
        count => format!("while {} stayed", servers(count)),
    }
}

fn in_words(shape: &CredentialsShape) -> String {
    match (shape.has_login, shape.logins.len()) {
        (true, 0) => "the client's own login".to_owned(),
        (true, count) => format!("the client's own login and {}", servers(count)),
        (false, count) => servers(count),
    }
}

fn servers(count: usize) -> String {
    if count == 1 { "the login of one server".to_owned() } else { format!("the logins of {count} servers") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &[&str] = &["a|1", "b|2"];

    fn shape(has_login: bool, logins: &[&str]) -> CredentialsShape {
        let logins = logins.iter().map(ToString::to_string).collect();
        CredentialsShape { has_login, logins, mode: 0o600, owner: 1000 }
    }

    fn found(state: CredentialsState, has_account: bool) -> Credentials {
        Credentials { file: "/h/.claude/.credentials.json".into(), state, has_account: Some(has_account) }
    }

    fn said(good: &CredentialsShape, now: &Credentials, writer: Writer) -> Vec<(&'static str, Level)> {
        let findings = judge(Some(good), now, writer);
        findings.iter().map(|finding| (finding.action.as_str(), finding.level)).collect()
    }

    #[test]
    fn the_known_race_loses_the_login_and_keeps_the_servers() {
        let now = found(CredentialsState::Sound(shape(false, BOTH)), true);
        for writer in [Writer::Client, Writer::Other, Writer::Unknown] {
            assert_eq!(said(&shape(true, &["a|1"]), &now, writer), [("credentials-lost", Level::High)]);
        }
        let wiped = found(CredentialsState::Sound(shape(true, &[])), true);
        let good = shape(true, BOTH);
        assert_eq!(said(&good, &wiped, Writer::Client), [("credentials-damaged", Level::High)]);
    }

    #[test]
    fn everyday_life_is_at_most_information() {
        let good = shape(true, BOTH);
        let gone = found(CredentialsState::Missing, false);
        for writer in [Writer::Client, Writer::Unknown] {
            assert_eq!(said(&good, &gone, writer), [("credentials-lost", Level::Informational)]);
        }
        // Logging in, one more server, one fewer, the last one taken back.
        let after = |now| said(&good, &found(CredentialsState::Sound(now), true), Writer::Client);
        assert_eq!(after(shape(true, &["a|1", "b|2", "c|3"])), []);
        assert_eq!(after(shape(true, &["b|2"])), []);
        let last = found(CredentialsState::Sound(shape(true, &[])), true);
        let one = shape(true, &["a|1"]);
        assert_eq!(said(&one, &last, Writer::Client), [("credentials-damaged", Level::Informational)]);
        assert_eq!(judge(None, &found(CredentialsState::Missing, false), Writer::Unknown), []);
        assert_eq!(judge(None, &last, Writer::Unknown), [], "the first look");
    }

    #[test]
    fn what_no_logout_does_is_damage() {
        let good = shape(true, BOTH);
        for state in [
            CredentialsState::Missing,
            CredentialsState::Unreadable("no".into()),
            CredentialsState::Damaged { is_empty: true },
            CredentialsState::Damaged { is_empty: false },
        ] {
            let now = found(state, true);
            assert_eq!(said(&good, &now, Writer::Unknown), [("credentials-damaged", Level::High)], "{now:?}");
        }
        let gone = found(CredentialsState::Missing, false);
        assert_eq!(said(&good, &gone, Writer::Other), [("credentials-damaged", Level::High)]);
    }

    #[test]
    fn opened_permissions_and_another_owner_are_damage() {
        let good = shape(true, BOTH);
        let open = CredentialsShape { mode: 0o644, ..good.clone() };
        let now = found(CredentialsState::Sound(open.clone()), true);
        assert_eq!(said(&good, &now, Writer::Client), [("credentials-damaged", Level::Medium)]);
        assert_eq!(said(&open, &now, Writer::Client), [], "said before");
        assert_eq!(judge(None, &now, Writer::Unknown).len(), 1, "open at the first look");
        let owned = found(CredentialsState::Sound(CredentialsShape { owner: 0, ..good.clone() }), true);
        assert_eq!(said(&good, &owned, Writer::Client), [("credentials-damaged", Level::High)]);
    }
}
