//! What is kept sealed under a name of its kind. Must not know what it is.

use super::error::JournalError;
use super::open::Journal;
use super::seal::{SealError, Sealer};
use super::tables::{failed, text};
use rusqlite::{Connection, OptionalExtension};
use std::path::Path;

/// What of a kind was kept: its name, and its content unless somebody changed it.
type Kept = (String, Option<Vec<u8>>);

impl Journal {
    /// Everything of a kind.
    pub(super) fn sealed_of(&self, kind: &str) -> Result<Vec<Kept>, JournalError> {
        let failed = failed(&self.path);
        let mut select = self
            .connection
            .prepare_cached("SELECT name, sealed FROM sealed WHERE kind = ?1 ORDER BY name")
            .map_err(failed)?;
        let rows = select.query_map([kind], |row| Ok((text(row, 0)?, row.get(1)?))).map_err(failed)?;
        let mut kept = Vec::new();
        for row in rows {
            let (name, sealed): (String, Vec<u8>) = row.map_err(failed)?;
            let plain = self.sealer.open(&place(kind, &name), &sealed);
            kept.push((name, plain));
        }
        Ok(kept)
    }

    /// What is kept under that name; `None` also where somebody changed it.
    pub(super) fn sealed(&self, kind: &str, name: &str) -> Result<Option<Vec<u8>>, JournalError> {
        let sealed: Option<Vec<u8>> = self
            .connection
            .prepare_cached("SELECT sealed FROM sealed WHERE kind = ?1 AND name = ?2")
            .and_then(|mut select| select.query_row((kind, name), |row| row.get(0)).optional())
            .map_err(failed(&self.path))?;
        Ok(sealed.and_then(|sealed| self.sealer.open(&place(kind, name), &sealed)))
    }

    /// Keeps that in the place of what is kept under that name.
    pub(super) fn put_sealed(&mut self, kind: &str, name: &str, plain: &[u8]) -> Result<(), JournalError> {
        let sealed = seal(&self.sealer, kind, name, plain, &self.path)?;
        self.write(|transaction, path| put(transaction, kind, name, &sealed).map_err(failed(path)))
    }
}

/// Keeps what was sealed for that name, in the caller's transaction.
pub(super) fn put(connection: &Connection, kind: &str, name: &str, sealed: &[u8]) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO sealed (kind, name, sealed) VALUES (?1, ?2, ?3)")?
        .execute((kind, name, sealed))
        .map(drop)
}

/// Sealed for that name of that kind.
pub(super) fn seal(
    sealer: &Sealer,
    kind: &str,
    name: &str,
    plain: &[u8],
    path: &Path,
) -> Result<Vec<u8>, JournalError> {
    sealer.seal(&place(kind, name), plain).map_err(|error| match error {
        SealError::NoRandomness(reason) => JournalError::NoRandomness(reason),
        SealError::TooLarge => JournalError::Other {
            path: path.to_path_buf(),
            reason: "what is to be kept is too large".to_owned(),
        },
    })
}

fn place(kind: &str, name: &str) -> String {
    serde_json::json!(["sealed", kind, name]).to_string()
}

/// Takes over everything from another journal under the same key: each is sealed by itself.
pub(super) fn take_over(from: &Connection, to: &Connection) -> rusqlite::Result<()> {
    let mut select = from.prepare("SELECT kind, name, sealed FROM sealed")?;
    let mut insert = to.prepare("INSERT INTO sealed (kind, name, sealed) VALUES (?1, ?2, ?3)")?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        insert.execute((text(row, 0)?, text(row, 1)?, row.get::<_, Vec<u8>>(2)?))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_opens_under_its_name_and_nowhere_else() {
        let dir = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(&dir.path().join("state")).unwrap();
        journal.put_sealed("a", "x", b"first").unwrap();
        journal.put_sealed("a", "x", b"hunter2").unwrap();
        journal.put_sealed("b", "x", b"other").unwrap();
        assert_eq!(journal.sealed("a", "x").unwrap().unwrap(), b"hunter2");
        assert_eq!(journal.sealed("a", "y").unwrap(), None);
        let sql = "SELECT sealed FROM sealed WHERE kind = 'a'";
        let sealed: Vec<u8> = journal.connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
        journal.connection.execute("UPDATE sealed SET name = 'y' WHERE kind = 'a'", []).unwrap();
        assert_eq!(journal.sealed("a", "y").unwrap(), None, "moved to another name");
        assert_eq!(journal.sealed_of("a").unwrap(), [("y".to_owned(), None)]);
    }
}
