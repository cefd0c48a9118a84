//! The log that changes go to first, copied into the database when nobody waits for a commit. Must not know what
//! the changes are.

use super::open::Journal;
use super::tables::failed;
use rusqlite::Connection;

/// So many rows changed are worth a copy: a few hundred pages, which takes some milliseconds.
const WORTH: u64 = 100;

/// In pages: when the log has grown to that, a commit copies it all the same. Somebody may never rest.
const MOST: i64 = 4_000;

/// Lets commits leave the copying to [`Journal::copy_log`].
pub(super) fn copy_apart(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "wal_autocheckpoint", MOST, |row| row.get::<_, i64>(0)).map(drop)
}

impl Journal {
    /// Copies what the log holds into the database, if that is worth it by now. For when nobody waits.
    pub fn copy_log(&mut self) {
        let changes = self.connection.total_changes();
        if changes.saturating_sub(self.copied) < WORTH || self.is_detached() {
            return;
        }
        self.copied = changes;
        let copied: rusqlite::Result<(i64, i64, i64)> =
            self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            });
        match copied {
            Ok((_, pages, copied)) => {
                tracing::trace!(pages, copied, "the log was copied");
                if pages > 0 && pages == copied {
                    self.begin_log();
                }
            }
            // It is whole where it is.
            Err(error) => tracing::debug!(%error, "the log was not copied"),
        }
    }

    /// Begins the log again, where all of it was copied. The first change after that writes its head and waits for the
    /// disk once more than others: a change that says nothing takes that on itself.
    fn begin_log(&mut self) {
        let begun = self.write(|transaction, path| {
            let version = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
            let version = transaction.pragma_query_value(None, "user_version", version);
            let written = version.and_then(|same| transaction.pragma_update(None, "user_version", same));
            written.map_err(failed(path))
        });
        if let Err(error) = begun {
            tracing::debug!(%error, "the log was not begun again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn the_log_is_copied_apart_from_commits_and_used_again() {
        let root = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(&root.path().join("state")).unwrap();
        let database = journal.path().to_path_buf();
        let log = database.with_extension("db-wal");
        let size = |path| crate::host::private_file::length(path);
        let before = size(&database);
        // What says the same is not written.
        let mut seconds = 0;
        let mut mark = |journal: &mut Journal| {
            seconds += 1;
            journal.mark_alive(Timestamp::from_second(seconds).unwrap()).unwrap();
        };
        let mut largest = 0;
        for _ in 0..20 {
            for _ in 0..WORTH {
                mark(&mut journal);
            }
            journal.copy_log();
            largest = largest.max(size(&log));
        }
        assert_eq!(frames(&journal).0, 1, "it is begun again, and nobody who commits has to");
        assert!(largest < 2 * 8 * 4096 * WORTH, "{largest}: it was not used again");
        assert!(size(&database) >= before);
        for _ in 1..WORTH {
            mark(&mut journal);
        }
        let (frames, copied) = frames(&journal);
        assert!(copied < frames, "{copied} of {frames}: a commit has copied them");
    }

    /// How many the log holds, and how many of them were copied.
    fn frames(journal: &Journal) -> (i64, i64) {
        let row = |row: &rusqlite::Row<'_>| Ok((row.get(1)?, row.get(2)?));
        journal.connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], row).unwrap()
    }
}
