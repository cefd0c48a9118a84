//! How many versions of a file came to be, by what the system tells: each should be read, and one that was gone
//! before it could be read is worth knowing. Knows nothing of what stands in a file.

use crate::surface::claude_code;
use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Event, EventKind};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// More half-written files than this are not kept apart.
const MOST_OPEN: usize = 1024;

/// Versions of one file that came to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// Saved in the client's own way.
    pub routine: i32,
    /// Saved in any other.
    pub other: i32,
}

impl Versions {
    pub(super) fn add(&mut self, more: Self) {
        self.routine = self.routine.saturating_add(more.routine);
        self.other = self.other.saturating_add(more.other);
    }
}

/// Files that were written and not closed yet.
#[derive(Debug, Default)]
pub(super) struct Writing(HashSet<PathBuf>);

impl Writing {
    /// Whether an event completes a version, of which file and in which way.
    pub(super) fn version<'e>(&mut self, event: &'e Event) -> Option<(&'e Path, Versions)> {
        let path = event.paths.last()?;
        match event.kind {
            EventKind::Modify(ModifyKind::Data(_)) => {
                if self.0.len() < MOST_OPEN && !self.0.contains(path) {
                    self.0.insert(path.clone());
                }
                None
            }
            EventKind::Access(AccessKind::Close(AccessMode::Write)) if self.0.remove(path) => {
                Some((path, Versions { routine: 0, other: 1 }))
            }
            EventKind::Modify(ModifyKind::Name(RenameMode::To)) => {
                Some((path, Versions { routine: 0, other: 1 }))
            }
            // The same rename once more, told with the name that the file had before.
            EventKind::Modify(ModifyKind::Name(RenameMode::Both))
                if claude_code::is_draft_of(event.paths.first()?, path) =>
            {
                Some((path, Versions { routine: 1, other: -1 }))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::DataChange;

    fn event(kind: EventKind, paths: &[&str]) -> Event {
        paths.iter().fold(Event::new(kind), |event, path| event.add_path(path.into()))
    }

    /// Routine and other versions that these events complete.
    fn counted(events: &[Event]) -> (i32, i32) {
        let mut writing = Writing::default();
        let mut all = Versions::default();
        for event in events {
            if let Some((_, versions)) = writing.version(event) {
                all.add(versions);
            }
        }
        (all.routine, all.other)
    }

    #[test]
    fn a_version_is_a_rename_or_a_write_that_was_closed() {
        let rename = |from: &str| {
            let name = |mode| EventKind::Modify(ModifyKind::Name(mode));
            vec![
                event(name(RenameMode::From), &[from]),
                event(name(RenameMode::To), &["/h/.claude.json"]),
                event(name(RenameMode::Both), &[from, "/h/.claude.json"]),
            ]
        };
        assert_eq!(counted(&rename("/h/sedX1")), (0, 1));
        assert_eq!(counted(&rename("/h/.claude.json.tmp.4711.0123456789ab")), (1, 0));
        let data = event(EventKind::Modify(ModifyKind::Data(DataChange::Any)), &["/h/.claude.json"]);
        let close = event(EventKind::Access(AccessKind::Close(AccessMode::Write)), &["/h/.claude.json"]);
        assert_eq!(counted(&[data.clone(), data, close.clone()]), (0, 1));
        assert_eq!(counted(&[close]), (0, 0), "opened for writing, and nothing was written");
    }
}
