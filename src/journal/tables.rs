//! Small things that every table needs: SQLite's errors named, and the number of the next row. Must not know
//! what a table is for.

use super::error::JournalError;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};
use std::path::Path;

/// Turns SQLite's errors into the journal's.
pub(super) fn failed(path: &Path) -> impl Fn(rusqlite::Error) -> JournalError + Copy + '_ {
    move |error| JournalError::from_sqlite(path, &error)
}

/// A text of a row. What is no UTF-8 was not written by us: it is read all the same, so that one such row does not
/// keep the others from being read, and is found not to be genuine where that is asked.
pub(super) fn text(row: &Row<'_>, at: usize) -> rusqlite::Result<String> {
    Ok(match row.get_ref(at)? {
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => row.get(at)?,
    })
}

/// The same of a column that may be empty.
pub(super) fn text_if_any(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<String>> {
    match row.get_ref(at)? {
        ValueRef::Null => Ok(None),
        _ => text(row, at).map(Some),
    }
}

/// The number after the highest that the table ever had. Call it inside a writing transaction.
pub(super) fn next_number(connection: &Connection, table: &str) -> rusqlite::Result<i64> {
    Ok(last_number(connection, table)? + 1)
}

/// The highest number that the table ever had; 0 when it had none.
pub(super) fn last_number(connection: &Connection, table: &str) -> rusqlite::Result<i64> {
    let last = connection
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = ?1")?
        .query_row([table], |row| row.get(0))
        .optional()?;
    Ok(last.unwrap_or(0))
}
