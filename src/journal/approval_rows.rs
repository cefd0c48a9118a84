//! Approvals as rows, and back. Must not decide which of them hold.

use super::error::JournalError;
use super::form;
use super::seal::{SealError, Sealer};
use crate::model::approval::Approval;
use crate::model::event::identity::{path_from_text, subject_from_identity};
use crate::model::secret::Secret;
use crate::model::value::Value;
use rusqlite::Row;
use std::path::Path;

/// The columns of an approval, in the order in which [`ApprovalRow::from_row`] reads them.
pub(super) const COLUMNS: &str = "id, home, kind, subject, content, raw, file, by, at, reason, expires, event, \
    superseded_at, superseded_by, withdrawn_at, withdrawn_by, uid";

/// Whether an approval holds, and why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApprovalState {
    /// It holds.
    InForce,
    /// Its time is over.
    Expired,
    /// Its content was changed or moved, so that it says nothing any more.
    Tampered,
    /// A later approval took its place.
    Superseded {
        /// When, RFC 3339.
        at: String,
        /// Which one.
        by: i64,
    },
    /// It was taken back.
    Withdrawn {
        /// When, RFC 3339.
        at: String,
        /// By whom.
        by: String,
    },
}

/// An approval and whether it holds. One that was tampered with comes without content.
#[derive(Clone, Debug, PartialEq)]
pub struct ApprovalRecord {
    /// What was accepted.
    pub approval: Approval,
    /// Whether it holds.
    pub state: ApprovalState,
}

/// A row as it stands, sealed.
pub(super) struct ApprovalRow {
    pub(super) id: i64,
    home: String,
    kind: String,
    subject: String,
    content: Vec<u8>,
    raw: Vec<u8>,
    file: String,
    by: String,
    at: String,
    reason: Option<String>,
    expires: Option<String>,
    event: Option<String>,
    superseded: Option<(String, i64)>,
    withdrawn: Option<(String, String)>,
    uid: Option<u32>,
}

impl ApprovalRow {
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            home: row.get(1)?,
            kind: row.get(2)?,
            subject: row.get(3)?,
            content: row.get(4)?,
            raw: row.get(5)?,
            file: row.get(6)?,
            by: row.get(7)?,
            at: row.get(8)?,
            reason: row.get(9)?,
            expires: row.get(10)?,
            event: row.get(11)?,
            superseded: row.get::<_, Option<_>>(12)?.zip(row.get(13)?),
            withdrawn: row.get::<_, Option<_>>(14)?.zip(row.get(15)?),
            uid: row.get(16)?,
        })
    }

    /// The state at the time `now`, as [`crate::model::event::time_text`] spells it.
    pub(super) fn state(&self, now: &str) -> ApprovalState {
        if let Some((at, by)) = self.withdrawn.clone() {
            ApprovalState::Withdrawn { at, by }
        } else if let Some((at, by)) = self.superseded.clone() {
            ApprovalState::Superseded { at, by }
        } else if self.expires.as_deref().is_some_and(|expires| expires <= now) {
            ApprovalState::Expired
        } else {
            ApprovalState::InForce
        }
    }

    /// Opens the seals.
    pub(super) fn approval(self, sealer: &Sealer, path: &Path) -> Result<Approval, JournalError> {
        let id = self.id;
        self.approval_if_sound(sealer, path)?
            .map_err(|_| JournalError::Tampered { id, path: path.to_path_buf() })
    }

    /// Opens the seals; the approval without content where they do not open.
    pub(super) fn approval_if_sound(
        self,
        sealer: &Sealer,
        path: &Path,
    ) -> Result<Result<Approval, Approval>, JournalError> {
        let unreadable =
            || JournalError::Unreadable { what: format!("approval {}", self.id), path: path.to_path_buf() };
        let row = RowIdentity {
            id: self.id,
            home: &self.home,
            kind: &self.kind,
            subject: &self.subject,
            uid: self.uid,
        };
        let sealed =
            sealer.open(&row.place("content"), &self.content).zip(sealer.open(&row.place("raw"), &self.raw));
        let is_sound = sealed.is_some();
        let (content, raw) = match sealed {
            Some((content, raw)) => (
                form::decode(&content).ok_or_else(unreadable)?,
                Secret::new(String::from_utf8(raw).map_err(|_| unreadable())?),
            ),
            None => (Value::Null, Secret::new("")),
        };
        let subject = serde_json::from_str(&self.subject)
            .ok()
            .and_then(|identity| subject_from_identity(&self.kind, &identity));
        let approval = Approval {
            id: self.id,
            home: path_from_text(&self.home).ok_or_else(unreadable)?.into(),
            subject: subject.ok_or_else(unreadable)?,
            content,
            raw,
            file: path_from_text(&self.file).ok_or_else(unreadable)?.into(),
            by: self.by.into(),
            uid: self.uid,
            at: self.at.into(),
            reason: self.reason.map(Into::into),
            expires: self.expires.map(Into::into),
            event: self.event.map(Into::into),
        };
        Ok(if is_sound { Ok(approval) } else { Err(approval) })
    }
}

/// What a sealed value is bound to: it opens in no other row, column, home or subject, nor as somebody else's.
pub(super) struct RowIdentity<'r> {
    pub(super) id: i64,
    pub(super) home: &'r str,
    pub(super) kind: &'r str,
    pub(super) subject: &'r str,
    pub(super) uid: Option<u32>,
}

impl RowIdentity<'_> {
    fn place(&self, column: &str) -> String {
        let Self { id, home, kind, subject, uid } = self;
        match uid {
            Some(uid) => serde_json::json!(["approvals", id, column, home, kind, subject, uid]),
            // As it was sealed before the number was recorded.
            None => serde_json::json!(["approvals", id, column, home, kind, subject]),
        }
        .to_string()
    }

    /// Content and raw text, sealed for this row.
    pub(super) fn seal(
        &self,
        sealer: &Sealer,
        content: &Value,
        raw: &Secret,
    ) -> Result<(Vec<u8>, Vec<u8>), SealError> {
        let content = form::encode(content).ok_or(SealError::TooLarge)?;
        Ok((
            sealer.seal(&self.place("content"), &content)?,
            sealer.seal(&self.place("raw"), raw.reveal().as_bytes())?,
        ))
    }
}
