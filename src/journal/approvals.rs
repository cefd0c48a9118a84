//! Accepting, and taking back. Must not know what makes something worth accepting.

use super::approval_rows::{ApprovalRecord, ApprovalRow, ApprovalState, COLUMNS, RowIdentity};
use super::approval_state;
use super::commit::record;
use super::error::JournalError;
use super::events::StoredEvent;
use super::open::Journal;
use super::seal::{SealError, Sealer};
use super::tables::{failed, next_number};
use crate::model::approval::Approval;
use crate::model::event::identity::{path_text, subject_identity};
use crate::model::event::{Event, time_text};
use crate::model::secret::Secret;
use crate::model::subject::Subject;
use crate::model::value::Value;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Params, Transaction, params};
use std::path::{Path, PathBuf};

/// What is to be accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct NewApproval {
    /// What it is about.
    pub subject: Subject,
    /// What is accepted.
    pub content: Value,
    /// The text as it stands in the file; empty for what is no text.
    pub raw: Secret,
    /// The file it stands in.
    pub file: PathBuf,
    /// Who accepts it.
    pub by: String,
    /// The number of the account that the command runs as.
    pub uid: Option<u32>,
    /// Why.
    pub reason: Option<String>,
    /// Until when.
    pub expires: Option<Timestamp>,
    /// The event it is approved from.
    pub event: Option<String>,
}

impl Journal {
    /// The approvals that hold in that home now.
    pub fn approvals(&self, home: &Path, now: Timestamp) -> Result<Vec<Approval>, JournalError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM approvals WHERE home = ?1 AND superseded_at IS NULL \
             AND withdrawn_at IS NULL AND (expires IS NULL OR expires > ?2) ORDER BY id"
        );
        let mut select = self.connection.prepare_cached(&sql).map_err(failed(&self.path))?;
        let rows = select.query_map((path_text(home), time_text(now)), ApprovalRow::from_row);
        // One after the other: sealed they take more room than open, and whoever asks keeps them.
        let mut approvals: Vec<Approval> = Vec::new();
        for row in rows.map_err(failed(&self.path))? {
            let mut approval = row.map_err(failed(&self.path))?.approval(&self.sealer, &self.path)?;
            if let Some(before) = approvals.last() {
                approval.share_with(before);
            }
            approvals.push(approval);
        }
        approvals.shrink_to_fit();
        // The pages on which they stand are not needed again soon.
        self.connection.execute_batch("PRAGMA shrink_memory").map_err(failed(&self.path))?;
        Ok(approvals)
    }

    /// Every approval there ever was, in every home, and whether it holds now.
    pub fn all_approvals(&self, now: Timestamp) -> Result<Vec<ApprovalRecord>, JournalError> {
        let now = time_text(now);
        self.rows(&format!("SELECT {COLUMNS} FROM approvals ORDER BY id"), ())?
            .into_iter()
            .map(|row| {
                let state = row.state(&now);
                Ok(match (row.approval_if_sound(&self.sealer, &self.path)?, state) {
                    (Err(approval), ApprovalState::InForce) => {
                        ApprovalRecord { approval, state: ApprovalState::Tampered }
                    }
                    (Ok(approval) | Err(approval), state) => ApprovalRecord { approval, state },
                })
            })
            .collect()
    }

    /// Accepts: all of them or none. A later approval of the same subject takes the place of the former one.
    /// Gives their numbers.
    pub fn approve(
        &mut self,
        home: &Path,
        approvals: Vec<NewApproval>,
        now: Timestamp,
    ) -> Result<Vec<i64>, JournalError> {
        let mut numbers = Vec::new();
        self.approve_with(home, approvals, now, |ids| {
            numbers = ids.to_vec();
            Vec::new()
        })?;
        Ok(numbers)
    }

    /// Accepts, and records the events that `events` makes of the approvals' numbers: all of it or nothing. Gives the
    /// events.
    pub fn approve_with(
        &mut self,
        home: &Path,
        approvals: Vec<NewApproval>,
        now: Timestamp,
        events: impl FnOnce(&[i64]) -> Vec<Event>,
    ) -> Result<Vec<StoredEvent>, JournalError> {
        let (key, sealer) = (self.key.clone(), Sealer::new(&self.key));
        let (home, now) = (path_text(home), time_text(now));
        let stored = self.write(|transaction, path| {
            let is_bound = approval_state::is_bound(transaction, &key).map_err(failed(path))?;
            let first = next_number(transaction, "approvals").map_err(failed(path))?;
            let mut ids = Vec::with_capacity(approvals.len());
            for (id, approval) in (first..).zip(&approvals) {
                accept(transaction, &sealer, path, (id, &home, &now), approval)?;
                ids.push(id);
            }
            let stored = record(transaction, &key, &mut events(&ids), path)?;
            if is_bound {
                approval_state::bind(transaction, &key).map_err(failed(path))?;
            }
            Ok(stored)
        })?;
        self.call_attention();
        Ok(stored)
    }

    /// Takes an approval back and gives it; one that was tampered with comes without content.
    pub fn withdraw(&mut self, id: i64, by: &str, now: Timestamp) -> Result<Approval, JournalError> {
        self.withdraw_with(id, by, now, |_| Vec::new())
    }

    /// Takes an approval back, and records the events that `events` makes of it: all of it or nothing. Gives the
    /// approval, without content when it was tampered with.
    pub fn withdraw_with(
        &mut self,
        id: i64,
        by: &str,
        now: Timestamp,
        events: impl FnOnce(&Approval) -> Vec<Event>,
    ) -> Result<Approval, JournalError> {
        let (key, sealer) = (self.key.clone(), Sealer::new(&self.key));
        let now = time_text(now);
        let approval = self.write(|transaction, path| {
            let failed = failed(path);
            let is_bound = approval_state::is_bound(transaction, &key).map_err(failed)?;
            let sql = format!("SELECT {COLUMNS} FROM approvals WHERE id = ?1");
            let row = transaction
                .query_row(&sql, [id], ApprovalRow::from_row)
                .optional()
                .map_err(failed)?
                .ok_or(JournalError::NoApproval(id))?;
            match row.state(&now) {
                ApprovalState::InForce | ApprovalState::Expired | ApprovalState::Tampered => {}
                ApprovalState::Superseded { by, .. } => {
                    return Err(JournalError::Superseded { id, later: by });
                }
                ApprovalState::Withdrawn { at, by } => return Err(JournalError::Withdrawn { id, at, by }),
            }
            transaction
                .execute(
                    "UPDATE approvals SET withdrawn_at = ?1, withdrawn_by = ?2 WHERE id = ?3",
                    (&now, by, id),
                )
                .map_err(failed)?;
            let (Ok(approval) | Err(approval)) = row.approval_if_sound(&sealer, path)?;
            record(transaction, &key, &mut events(&approval), path)?;
            if is_bound {
                approval_state::bind(transaction, &key).map_err(failed)?;
            }
            Ok(approval)
        })?;
        self.call_attention();
        Ok(approval)
    }

    fn rows(&self, sql: &str, parameters: impl Params) -> Result<Vec<ApprovalRow>, JournalError> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut select| select.query_map(parameters, ApprovalRow::from_row)?.collect())
            .map_err(failed(&self.path))
    }
}

/// Accepts one thing under that number in that home at that time, in the caller's transaction.
fn accept(
    transaction: &Transaction<'_>,
    sealer: &Sealer,
    path: &Path,
    (id, home, now): (i64, &str, &str),
    approval: &NewApproval,
) -> Result<(), JournalError> {
    let of = subject_identity(&approval.subject);
    let subject = of.identity.to_string();
    transaction
        .prepare_cached(
            "UPDATE approvals SET superseded_at = ?1, superseded_by = ?2 WHERE home = ?3 AND kind = ?4 \
             AND subject = ?5 AND superseded_at IS NULL AND withdrawn_at IS NULL",
        )
        .and_then(|mut update| update.execute(params![now, id, home, of.kind, subject]))
        .map_err(failed(path))?;
    let row = RowIdentity { id, home, kind: of.kind, subject: &subject, uid: approval.uid };
    let (content, raw) = row.seal(sealer, &approval.content, &approval.raw).map_err(|error| match error {
        SealError::NoRandomness(reason) => JournalError::NoRandomness(reason),
        SealError::TooLarge => JournalError::Other {
            path: path.to_path_buf(),
            reason: "what is to be approved is too large to be kept".to_owned(),
        },
    })?;
    transaction
        .prepare_cached(
            "INSERT INTO approvals (id, home, kind, subject, content, raw, file, by, at, reason, expires, \
             event, uid) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )
        .and_then(|mut insert| {
            let file = path_text(&approval.file);
            let expires = approval.expires.map(time_text);
            insert.execute(params![
                id,
                home,
                of.kind,
                subject,
                content,
                raw,
                file,
                approval.by,
                now,
                approval.reason,
                expires,
                approval.event,
                approval.uid
            ])
        })
        .map(drop)
        .map_err(failed(path))
}
