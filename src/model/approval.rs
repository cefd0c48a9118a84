//! What was accepted on this machine.

use crate::model::subject::Subject;
use crate::model::value::Value;
use std::path::PathBuf;

/// One approval: under which identity what content was accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    /// Its number in the journal.
    pub id: i64,
    /// The home it holds for.
    pub home: PathBuf,
    /// What it is about.
    pub subject: Subject,
    /// What was accepted. For a server, the entry as a value.
    pub content: Value,
    /// The text as it stood in the file, for putting it back; empty for what is no text.
    pub raw: crate::model::secret::Secret,
    /// The file it stood in.
    pub file: PathBuf,
    /// Who accepted it.
    pub by: String,
    /// When, RFC 3339.
    pub at: String,
    /// Why.
    pub reason: Option<String>,
    /// Until when, RFC 3339.
    pub expires: Option<String>,
    /// The event it was approved from.
    pub event: Option<String>,
}

impl Approval {
    /// The one that was given last.
    pub fn newest<'a>(approvals: impl Iterator<Item = &'a Self>) -> Option<&'a Self> {
        approvals.max_by_key(|approval| approval.id)
    }
}
