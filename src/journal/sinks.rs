//! How far each sink is, and why one does not get on. Must not know what a sink is, nor how it delivers.
//!
//! A row is authenticated under the key: one that somebody set ahead would silence a sink. What is not believed is
//! begun anew with the oldest event: rather twice than never.

use super::error::JournalError;
use super::open::Journal;
use super::tables::{failed, text, text_if_any};
use crate::model::digest::Key;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// How a sink is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkState {
    /// Its name.
    pub name: String,
    /// The newest event that it has taken, or does not want.
    pub taken: i64,
    /// Why it takes nothing, and since when (RFC 3339).
    pub trouble: Option<(String, String)>,
}

const COLUMNS: &str = "name, taken, since, error, mac";

impl Journal {
    /// Takes note of the sinks that are in use. One that is new begins after the event of the number beside it.
    pub fn use_sinks(&mut self, sinks: &[(&str, i64)]) -> Result<(), JournalError> {
        let key = self.key.clone();
        self.write(|transaction, path| {
            let note = || {
                transaction.execute("UPDATE sinks SET in_use = 0", [])?;
                for (name, begin) in sinks {
                    let taken = state(transaction, &key, name)?.map_or(0, |state| state.taken);
                    let is_known = is_known(transaction, name)?;
                    let taken = if is_known { taken } else { *begin };
                    let sql = "INSERT INTO sinks (name, taken, in_use, mac) VALUES (?1, ?2, 1, ?3)
                               ON CONFLICT (name) DO UPDATE SET taken = ?2, in_use = 1, mac = ?3";
                    transaction.execute(sql, params![name, taken, mac(&key, name, taken)])?;
                }
                Ok(())
            };
            note().map_err(failed(path))
        })
    }

    /// How that sink is; `None` when it is not known, or somebody changed what is.
    pub fn sink(&self, name: &str) -> Result<Option<SinkState>, JournalError> {
        state(&self.connection, &self.key, name).map_err(failed(&self.path))
    }

    /// A sink has taken every event up to that number. Does not go back.
    pub fn sink_took(&mut self, name: &str, taken: i64) -> Result<(), JournalError> {
        let key = self.key.clone();
        self.write(|transaction, path| {
            let sql = "UPDATE sinks SET taken = ?2, mac = ?3 WHERE name = ?1 AND taken < ?2";
            transaction
                .prepare_cached(sql)
                .and_then(|mut update| update.execute(params![name, taken, mac(&key, name, taken)]))
                .map(drop)
                .map_err(failed(path))
        })
    }

    /// Takes note of why a sink takes nothing, and since when; or that it does again.
    pub fn sink_trouble(&mut self, name: &str, trouble: Option<(&str, &str)>) -> Result<(), JournalError> {
        let (since, error) = trouble.unzip();
        self.write(|transaction, path| {
            transaction
                .execute(
                    "UPDATE sinks SET since = ?2, error = ?3 WHERE name = ?1",
                    params![name, since, error],
                )
                .map(drop)
                .map_err(failed(path))
        })
    }
}

/// The newest event that every sink in use has taken; `None` when none is in use.
pub(super) fn taken_by_all(connection: &Connection, key: &Key) -> rusqlite::Result<Option<i64>> {
    let mut select =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM sinks WHERE in_use <> 0 ORDER BY name"))?;
    let mut rows = select.query([])?;
    let mut least: Option<i64> = None;
    while let Some(row) = rows.next()? {
        let taken = believed(row, key)?.map_or(0, |state| state.taken);
        least = Some(least.map_or(taken, |least| least.min(taken)));
    }
    Ok(least)
}

/// Copies what is known of sinks into a new journal, whose events go on after the old one's.
pub(super) fn take_over(old: &Connection, new: &Connection, key: &Key) -> rusqlite::Result<()> {
    let mut select = old.prepare("SELECT name, taken, since, error, mac, in_use FROM sinks")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let (name, in_use) = (text(row, 0)?, row.get::<_, i64>(5)?);
        let taken = believed(row, key)?.map_or(0, |state| state.taken);
        let sql = "INSERT INTO sinks (name, taken, in_use, mac) VALUES (?1, ?2, ?3, ?4)";
        new.execute(sql, params![name, taken, in_use, mac(key, &name, taken)])?;
    }
    Ok(())
}

fn state(connection: &Connection, key: &Key, name: &str) -> rusqlite::Result<Option<SinkState>> {
    let found = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM sinks WHERE name = ?1"))?
        .query_row([name], |row| believed(row, key))
        .optional()?;
    Ok(found.flatten())
}

fn is_known(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection.prepare_cached("SELECT 1 FROM sinks WHERE name = ?1")?.exists([name])
}

/// A row; `None` when it is not as it was written.
fn believed(row: &Row<'_>, key: &Key) -> rusqlite::Result<Option<SinkState>> {
    let (name, taken) = (text(row, 0)?, row.get::<_, i64>(1)?);
    let trouble = text_if_any(row, 3)?.zip(text_if_any(row, 2)?);
    let is_ours = text(row, 4)? == mac(key, &name, taken);
    Ok(is_ours.then_some(SinkState { name, taken, trouble }))
}

fn mac(key: &Key, name: &str, taken: i64) -> String {
    key.authenticate("journal sink", format!("{taken} {name}").as_bytes()).to_string()
}
