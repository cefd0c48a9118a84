//! What was accepted on this machine.

use crate::model::subject::Subject;
use crate::model::value::Value;
use std::path::Path;
use std::sync::Arc;

/// One approval: under which identity what content was accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    /// Its number in the journal.
    pub id: i64,
    /// The home it holds for.
    pub home: Arc<Path>,
    /// What it is about.
    pub subject: Subject,
    /// What was accepted. For a server, the entry as a value.
    pub content: Value,
    /// The text as it stood in the file, for putting it back; empty for what is no text.
    pub raw: crate::model::secret::Secret,
    /// The file it stood in.
    pub file: Arc<Path>,
    /// Who accepted it.
    pub by: Arc<str>,
    /// The number of the account that the command ran as: of no account where that was not recorded.
    pub uid: Option<u32>,
    /// When, RFC 3339.
    pub at: Arc<str>,
    /// Why.
    pub reason: Option<Arc<str>>,
    /// Until when, RFC 3339.
    pub expires: Option<Arc<str>>,
    /// The event it was approved from.
    pub event: Option<Arc<str>>,
}

impl Approval {
    /// Keeps once what both say: what was accepted together has home, author, moment, reason and mostly the file in
    /// common, and there are thousands of it.
    pub fn share_with(&mut self, other: &Self) {
        fn share<T: ?Sized + PartialEq>(mine: &mut Arc<T>, other: &Arc<T>) {
            if *mine == *other {
                *mine = Arc::clone(other);
            }
        }
        share(&mut self.home, &other.home);
        share(&mut self.file, &other.file);
        share(&mut self.by, &other.by);
        share(&mut self.at, &other.at);
        for (mine, other) in [(&mut self.reason, &other.reason), (&mut self.expires, &other.expires)] {
            if let (Some(mine), Some(other)) = (mine, other) {
                share(mine, other);
            }
        }
    }

    /// The one that was given last.
    pub fn newest<'a>(approvals: impl Iterator<Item = &'a Self>) -> Option<&'a Self> {
        approvals.max_by_key(|approval| approval.id)
    }
}
