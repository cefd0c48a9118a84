//! Versions of a file that were gone before they could be read: how many, and when to say so. Must not know what
//! stood in them; nobody does.

use crate::sensor::Versions;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Said at once, and then this often: somebody may write without end.
const AGAIN: Duration = Duration::from_secs(60);

/// Per file, the versions that came to be held against those that were read.
#[derive(Debug, Default)]
pub(super) struct Tally(BTreeMap<PathBuf, Count>);

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    /// Versions that were not read, so far. A file may be read half way through a write, which is no version: one
    /// reading too many is forgiven.
    balance: i64,
    /// How many of them the client cannot have saved, as far as their names tell. It saves at any time, and often
    /// twice in a row: that one of those went unread is everyday life.
    other: i64,
}

impl Tally {
    /// Takes in what came to be and how many versions were read; gives how many were not and are now gone.
    pub(super) fn count(&mut self, file: &Path, came: Versions, read: u32) -> u32 {
        let count = match self.0.get_mut(file) {
            Some(count) => count,
            None => self.0.entry(file.to_path_buf()).or_default(),
        };
        count.other += i64::from(came.other);
        count.balance += i64::from(came.other) + i64::from(came.routine) - i64::from(read);
        count.balance = count.balance.max(-1);
        if count.balance <= 0 {
            count.other = 0;
            return 0;
        }
        let unread = count.balance.min(count.other).max(0);
        *count = Count::default();
        u32::try_from(unread).unwrap_or(u32::MAX)
    }
}

/// What is to be said of them.
#[derive(Debug, Default)]
pub(super) struct Unread(BTreeMap<(u64, PathBuf), Waiting>);

#[derive(Debug)]
struct Waiting {
    versions: u32,
    due: Duration,
}

impl Unread {
    /// Takes in that versions went unread.
    pub(super) fn saw(&mut self, home: u64, file: PathBuf, versions: u32, elapsed: Duration) {
        let waiting = self.0.entry((home, file)).or_insert(Waiting { versions: 0, due: elapsed });
        waiting.versions = waiting.versions.saturating_add(versions);
    }

    /// What is to be said now: of which home which file, and how many versions.
    pub(super) fn due(&mut self, elapsed: Duration) -> Vec<(u64, PathBuf, u32)> {
        let mut due = Vec::new();
        self.0.retain(|(home, file), waiting| {
            if waiting.due > elapsed {
                return true;
            }
            if waiting.versions == 0 {
                return false; // Quiet for a while: the next one is said at once.
            }
            due.push((*home, file.clone(), std::mem::take(&mut waiting.versions)));
            waiting.due = elapsed + AGAIN;
            true
        });
        due
    }

    /// When something is to be said next.
    pub(super) fn next(&self) -> Option<Duration> {
        self.0.values().filter(|waiting| waiting.versions > 0).map(|waiting| waiting.due).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(routine: i32, other: i32) -> Versions {
        Versions { routine, other }
    }

    #[test]
    fn what_came_and_was_not_read_is_counted_unless_the_client_may_have_saved_it() {
        let file = Path::new("/h/.claude.json");
        let mut tally = Tally::default();
        let mut count = |routine, other, read| tally.count(file, came(routine, other), read);
        assert_eq!(count(0, 1, 1), 0, "saved and read");
        assert_eq!(count(0, 2, 1), 1, "put in and taken back");
        assert_eq!(count(3, 0, 1), 0, "the client, three times in a row");
        assert_eq!(count(1, 2, 1), 2, "the client and somebody else");
        assert_eq!(count(0, 0, 1), 0, "read half way through a write");
        assert_eq!(count(0, 1, 0), 0, "and that write came to its end");
        assert_eq!(count(0, 1, 0), 1, "gone before it was read");
    }

    #[test]
    fn it_is_said_at_once_and_then_now_and_then() {
        let mut unread = Unread::default();
        let at = Duration::from_secs;
        unread.saw(1, "/a".into(), 2, at(5));
        assert_eq!(unread.next(), Some(at(5)));
        assert_eq!(unread.due(at(5)), [(1, "/a".into(), 2)]);
        for _ in 0..3 {
            unread.saw(1, "/a".into(), 1, at(6));
        }
        assert_eq!((unread.due(at(6)), unread.next()), (vec![], Some(at(65))));
        assert_eq!(unread.due(at(65)), [(1, "/a".into(), 3)]);
        assert_eq!((unread.due(at(200)), unread.next()), (vec![], None));
        unread.saw(1, "/a".into(), 1, at(201));
        assert_eq!(unread.due(at(201)).len(), 1);
    }
}
