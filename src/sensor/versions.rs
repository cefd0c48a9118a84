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
    /// One, saved in another way than the client's.
    pub(super) const OTHER: Self = Self { routine: 0, other: 1 };

    /// One, saved by a rename from that name, if it is known.
    pub(super) fn renamed(from: Option<&Path>, to: &Path) -> Self {
        let is_routine = from.is_some_and(|from| claude_code::is_draft_of(from, to));
        if is_routine { Self { routine: 1, other: 0 } } else { Self::OTHER }
    }

    pub(super) fn add(&mut self, more: Self) {
        self.routine = self.routine.saturating_add(more.routine);
        self.other = self.other.saturating_add(more.other);
    }
}

/// Files that were written and not closed yet, and the one that was given its name last.
#[derive(Debug, Default)]
pub(super) struct Writing {
    open: HashSet<PathBuf>,
    /// A rename is told twice, and the name that the file had before only the second time, if at all.
    renamed: Option<PathBuf>,
}

impl Writing {
    /// That file was written, and may be written further.
    pub(super) fn write(&mut self, path: &Path) {
        if self.open.len() < MOST_OPEN && !self.open.contains(path) {
            self.open.insert(path.to_path_buf());
        }
    }

    /// Somebody closed that file who could have written; says whether anybody had.
    pub(super) fn close(&mut self, path: &Path) -> bool {
        self.open.remove(path)
    }

    /// Whether a version is complete with this event, of which file and saved in which way.
    pub(super) fn version(&mut self, event: &Event) -> Option<(PathBuf, Versions)> {
        let path = event.paths.last()?;
        let other = Versions::OTHER;
        let before = self.renamed.take();
        match event.kind {
            EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => {
                return Some((
                    path.clone(),
                    Versions::renamed(event.paths.first().map(PathBuf::as_path), path),
                ));
            }
            EventKind::Modify(ModifyKind::Name(RenameMode::To)) => {
                self.renamed = Some(path.clone());
            }
            EventKind::Modify(ModifyKind::Data(_)) => self.write(path),
            EventKind::Access(AccessKind::Close(AccessMode::Write)) if self.close(path) => {
                return Some((path.clone(), other));
            }
            _ => {}
        }
        // It came from where nobody listens.
        before.map(|path| (path, other))
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
        let other = event(EventKind::Modify(ModifyKind::Name(RenameMode::To)), &["/h/.claude.json"]);
        assert_eq!(counted(&[other, close.clone()]), (0, 1), "from where nobody listens");
        assert_eq!(counted(&[close]), (0, 0), "opened for writing, and nothing was written");
    }
}
