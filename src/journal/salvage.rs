//! What is left of a journal whose log was destroyed while it was open: the database as it was when the log was last
//! copied into it. What was committed since is lost, and the chain shows for ever that it is. Must not know who asks.

use super::error::JournalError;
use super::head::{self, Head, Record, Recorded};
use super::open::{self, Journal};
use super::tables::failed;
use rusqlite::{Connection, OpenFlags};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Events that were committed and are gone, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The first.
    pub first: i64,
    /// The last.
    pub last: i64,
}

/// Writes all that a journal holds into an empty file.
pub(super) fn copy(connection: &Connection, target: &Path) -> rusqlite::Result<()> {
    connection.execute("VACUUM INTO CAST(?1 AS TEXT)", [target.as_os_str().as_bytes()]).map(drop)
}

impl Journal {
    /// Writes what the database itself holds, without its log, into an empty file.
    pub(super) fn salvage(&self, target: &Path) -> Result<(), JournalError> {
        let failed = failed(&self.path);
        let database = self.attachment.database().ok_or_else(|| JournalError::CutShort(self.path.clone()))?;
        let connection = open::look(&database, false)?;
        copy(&connection, target).map_err(failed)
    }

    /// Lets the copy of a journal go on behind the newest event that this process committed, even if the copy does not
    /// have it. What is missing there can be seen then: the next event follows one that is not there.
    pub(super) fn go_on_behind(&self, copy: &Path) -> Result<Option<Lost>, JournalError> {
        let failed = failed(&self.path);
        let Some(last) = self.last else { return Ok(None) };
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(copy, flags).map_err(failed)?;
        let Recorded::Sound(Record { head, approvals }) =
            head::recorded(&connection, &self.key).map_err(failed)?
        else {
            return Ok(None); // Verifying says so already.
        };
        if head.sequence >= last.sequence {
            return Ok(None);
        }
        let Head { sequence, .. } = head;
        Record { head: last, approvals }.advance(&connection, &self.key).map_err(failed)?;
        connection.close().map_err(|(_, error)| failed(error))?;
        Ok(Some(Lost { first: sequence.saturating_add(1), last: last.sequence }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::verify::{Break, Fault};
    use crate::journal::{Reattached, Verification};
    use crate::model::digest::Key;
    use crate::model::event::{AgentAction, Context, Event, HostFacts};
    use crate::model::level::Level;
    use jiff::Timestamp;
    use std::fs::File;

    fn event(id: i32) -> Event {
        let key = Key::from_bytes([0; 32]);
        let host = HostFacts::default();
        let context = Context { time: Timestamp::UNIX_EPOCH, host: &host, home: None, user: None, key: &key };
        Event::agent(id.to_string(), AgentAction::AgentGap, Level::Low, &"long ".repeat(100), &context)
    }

    /// A journal of twenty events, the last ten of which stand in its log and nowhere else.
    fn journal() -> (tempfile::TempDir, Journal) {
        let root = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(&root.path().join("state")).unwrap();
        journal.append_all((0..10).map(event).collect()).unwrap();
        journal.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
        journal.append_all((10..20).map(event).collect()).unwrap();
        journal.connection.execute_batch("PRAGMA shrink_memory").unwrap();
        (root, journal)
    }

    fn missing(journal: &Journal) -> Option<Fault> {
        match journal.verify(None).unwrap() {
            Verification::Whole(_) => None,
            Verification::Broken(Break { fault, .. }) => Some(fault),
        }
    }

    #[test]
    fn what_was_lost_with_the_log_is_missing_for_ever_and_the_rest_goes_on() {
        type Destroy = fn(&File);
        let ways: [Destroy; 3] = [
            |log| log.set_len(0).unwrap(),
            |log| log.set_len(log.metadata().unwrap().len() / 3).unwrap(),
            |log| {
                let length = log.metadata().unwrap().len();
                log.set_len(0).unwrap();
                log.set_len(length).unwrap();
            },
        ];
        for destroy in ways {
            let (root, mut journal) = journal();
            let log = journal.path().with_extension("db-wal");
            destroy(&File::options().write(true).open(log).unwrap());
            let refused = journal.append(event(20)).unwrap_err();
            assert!(journal.is_detached(), "{refused}");
            let Reattached { lost, head, .. } = journal.reattach(Timestamp::UNIX_EPOCH).unwrap();
            assert_eq!((lost, head.unwrap().sequence), (Some(Lost { first: 11, last: 20 }), 20));
            assert_eq!(missing(&journal), Some(Fault::CutOff { first: 11, last: 20 }));
            assert_eq!(journal.append(event(20)).unwrap().sequence, 21);
            assert_eq!(missing(&journal), Some(Fault::Missing { first: 11, last: 20 }));
            drop(journal);
            let journal = Journal::open(&root.path().join("state")).unwrap();
            assert_eq!(missing(&journal), Some(Fault::Missing { first: 11, last: 20 }));
        }
    }

    #[test]
    fn a_number_that_was_given_is_not_given_again() {
        let (_root, mut journal) = journal();
        journal.connection.execute_batch("DELETE FROM events WHERE seq > 10").unwrap();
        journal
            .connection
            .execute_batch("UPDATE sqlite_sequence SET seq = 10 WHERE name = 'events'")
            .unwrap();
        let ten =
            journal.connection.query_row("SELECT hash FROM events WHERE seq = 10", [], |row| row.get(0));
        let hash = crate::model::digest::Digest::from_hex(&ten.unwrap() as &String).unwrap();
        let Recorded::Sound(Record { approvals, .. }) =
            head::recorded(&journal.connection, &journal.key).unwrap()
        else {
            unreachable!()
        };
        let earlier = Record { head: Head { sequence: 10, hash }, approvals };
        earlier.advance(&journal.connection, &journal.key).unwrap();
        assert_eq!(missing(&journal), None, "whoever has the key can take it back unseen");
        assert!(journal.append(event(20)).is_err_and(|error| error.is_detached()));
        let lost = journal.reattach(Timestamp::UNIX_EPOCH).unwrap().lost;
        assert_eq!(lost, Some(Lost { first: 11, last: 20 }));
        assert_eq!(journal.append(event(20)).unwrap().sequence, 21);
        assert_eq!(missing(&journal), Some(Fault::Missing { first: 11, last: 20 }));
    }
}
