//! Room in the log before it is needed: a commit that makes a file longer waits for the disk about twice as long as one
//! that writes where there was something. Must not know what is committed.

use super::open::Journal;
use crate::host::private_file;

/// So long the log grows until it is copied and begun again, unless something large is recorded.
const ROOM: u64 = 2 << 20;

impl Journal {
    /// Makes the log as long as it will be: once, when it is in use and if the disk has plenty of room. For when nobody waits.
    pub fn make_room(&mut self) {
        // An empty one is not begun yet, and SQLite begins it with its first change.
        let Some((log, identity)) = self.attachment.log_shorter_than(ROOM).filter(|_| !self.is_detached())
        else {
            return;
        };
        // In a transaction: whoever else makes it longer waits meanwhile. What follows the last change is passed over.
        let lengthened = self.write(|_, _| Ok(private_file::lengthen(&log, identity, ROOM)));
        match lengthened {
            Ok(Ok(())) => tracing::trace!("the log has room"),
            Ok(Err(error)) => tracing::debug!(%error, "the log has no room"),
            Err(error) => tracing::debug!(%error, "the log has no room"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Verification;
    use crate::model::digest::Key;
    use crate::model::event::{AgentAction, Context, Event, HostFacts};
    use crate::model::level::Level;
    use jiff::Timestamp;
    use std::path::Path;

    fn record(journal: &mut Journal, id: &str) {
        let (host, key) = (HostFacts::default(), Key::from_bytes([0; 32]));
        let context = Context { time: Timestamp::UNIX_EPOCH, host: &host, home: None, user: None, key: &key };
        journal.append(Event::agent(id.into(), AgentAction::AgentGap, Level::Low, id, &context)).unwrap();
    }

    fn copied(from: &Path, to: &Path) {
        crate::host::private_dir::PrivateDir::make(to).unwrap();
        for name in ["key", "journal.db", "journal.db-wal"] {
            std::fs::copy(from.join(name), to.join(name)).unwrap();
        }
    }

    #[test]
    fn what_is_recorded_before_and_after_is_there_also_after_a_crash() {
        let root = tempfile::tempdir().unwrap();
        let state = root.path().join("state");
        let mut journal = Journal::open(&state).unwrap();
        let log = journal.path().with_extension("db-wal");
        journal.make_room();
        record(&mut journal, "before");
        journal.make_room();
        assert_eq!(private_file::length(&log), ROOM);
        copied(&state, &root.path().join("first"));
        for number in 0..50 {
            record(&mut journal, &format!("after {number}"));
        }
        journal.make_room();
        assert_eq!(private_file::length(&log), ROOM, "and it fits in there");
        copied(&state, &root.path().join("second"));
        for (place, events) in [("first", 1), ("second", 51)] {
            let crashed = Journal::open(&root.path().join(place)).unwrap();
            assert_eq!(crashed.count().unwrap(), events, "{place}");
            assert!(matches!(crashed.verify(None).unwrap(), Verification::Whole(_)), "{place}");
        }
        assert!(!journal.is_detached());
        drop(journal);
        assert_eq!(private_file::length(&log), 0, "nothing is left behind");
    }
}
