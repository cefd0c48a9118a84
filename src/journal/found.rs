//! What stood in the place of a journal and was set aside: read with care, since somebody meant it to be taken for
//! the journal. Must not know why it was there.

use super::error::JournalError;
use super::head::{self, Head, Record, Recorded};
use super::open::{self, Journal};
use super::tables::{failed, text, text_if_any};
use crate::host::private_dir::PrivateDir;
use crate::host::private_file;
use rusqlite::Connection;
use std::path::PathBuf;

/// Something that was set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it is now.
    pub path: PathBuf,
    /// What it is.
    pub what: What,
}

/// What it is, as far as it can be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// An earlier state of the journal, or the same, which ended there.
    Earlier(Head),
    /// A journal under the same key that went on otherwise, and ends there.
    Parted(Head),
    /// No journal under this key, or none that can be read.
    Stranger,
}

/// Everything that a database says it is made of.
const SCHEMA: &str = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name";

/// What lies under that name.
pub(super) fn of(journal: &Journal, dir: &PrivateDir, name: &str) -> Found {
    let what = head_of(journal, dir, name)
        .and_then(|head| Ok(if is_known(journal, head)? { What::Earlier(head) } else { What::Parted(head) }));
    let what = what.unwrap_or_else(|error: JournalError| {
        tracing::debug!(%error, "what was set aside cannot be read");
        What::Stranger
    });
    Found { path: dir.join(name), what }
}

fn head_of(journal: &Journal, dir: &PrivateDir, name: &str) -> Result<Head, JournalError> {
    let path = dir.join(name);
    let failed = failed(&path);
    let stranger = || JournalError::NotAJournal(path.clone());
    private_file::verify(dir, name)?;
    let has_log = private_file::size(dir, &format!("{name}-wal"))?.is_some_and(|size| size > 0);
    let connection = open::look(&path, has_log)?;
    // Nothing in it is asked before it is made of exactly what ours is made of: a view with the name of a table
    // could answer for ever.
    if schema(&connection).map_err(failed)? != schema(&journal.connection).map_err(failed)? {
        return Err(stranger());
    }
    match head::recorded(&connection, &journal.key).map_err(failed)? {
        Recorded::Sound(Record { head, .. }) => Ok(head),
        Recorded::Changed | Recorded::Missing => Err(stranger()),
    }
}

fn schema(connection: &Connection) -> rusqlite::Result<Vec<[Option<String>; 4]>> {
    let column = |row: &rusqlite::Row<'_>, at| text_if_any(row, at);
    connection
        .prepare(SCHEMA)?
        .query_map([], |row| Ok([column(row, 0)?, column(row, 1)?, column(row, 2)?, column(row, 3)?]))?
        .collect()
}

/// Whether the chain of the journal goes through there.
fn is_known(journal: &Journal, head: Head) -> Result<bool, JournalError> {
    if head.sequence == Head::EMPTY.sequence {
        return Ok(true);
    }
    let find = || {
        journal
            .connection
            .prepare(
                "SELECT hash FROM events WHERE seq = ?1 UNION ALL SELECT hash FROM checkpoints WHERE seq = ?1",
            )?
            .query_map([head.sequence], |row| text(row, 0))?
            .collect::<rusqlite::Result<Vec<_>>>()
    };
    let hashes = find().map_err(failed(&journal.path))?;
    Ok(hashes.contains(&head.hash.to_string()))
}
