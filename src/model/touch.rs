//! Touches: which process did what to a file that is watched. Must not know how that was learned, nor what it means.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// More touches of one file are not kept apart; the latest are.
pub const MOST_OF_A_FILE: usize = 32;
/// More files than this are not kept.
pub const MOST_FILES: usize = 1024;

/// What a process did to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Deed {
    /// It made the name: a new file, or a link.
    Created,
    /// It wrote.
    Written,
    /// It closed the file and could have written, as through a memory map: a write of its own was not heard of.
    ClosedWritable,
    /// It wrote what was given this name later, by a rename or a hard link.
    WroteTemporary,
    /// It gave this name to another file, which had another name before.
    RenamedOnto,
    /// It gave the file another name.
    RenamedAway,
    /// It removed the name.
    Deleted,
    /// It changed owner, mode, times or other attributes.
    Attributes,
    /// It opened the file, and changed nothing by that.
    Opened,
}

impl Deed {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Written => "written",
            Self::ClosedWritable => "closed-writable",
            Self::WroteTemporary => "wrote-temporary",
            Self::RenamedOnto => "renamed-onto",
            Self::RenamedAway => "renamed-away",
            Self::Deleted => "deleted",
            Self::Attributes => "attributes",
            Self::Opened => "opened",
        }
    }
}

/// That a process touched a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    /// The file as it was asked for, or a directory on the way to it.
    pub file: Arc<Path>,
    /// The number of the process; 0 if it cannot be seen from here, as from inside a container.
    pub pid: u32,
    /// When the process started, in clock ticks since boot; unknown if it was gone too soon.
    pub started: Option<u64>,
    /// What it did.
    pub deed: Deed,
    /// When that was heard of, by a clock that nobody sets.
    pub elapsed: Duration,
    /// The process was gone, and its number free for others, when it was looked for.
    pub is_reaped: bool,
}

/// Touches, by file. Bounded, whatever happens to the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touches {
    by_file: BTreeMap<PathBuf, Vec<Touch>>,
    /// Whether there were more than are told here: some were lost, or did not fit.
    pub is_incomplete: bool,
}

impl Touches {
    /// Takes in another one. The same deed of the same process counts once, the last time.
    pub fn add(&mut self, touch: Touch) {
        if !self.by_file.contains_key(&*touch.file) {
            if self.by_file.len() >= MOST_FILES {
                self.is_incomplete = true;
                return;
            }
            self.by_file.insert(touch.file.to_path_buf(), Vec::new());
        }
        let Some(touches) = self.by_file.get_mut(&*touch.file) else { return };
        let is_by = |other: &Touch| (other.pid, other.started) == (touch.pid, touch.started);
        let has_written = touches.iter().any(|other| is_by(other) && other.deed == Deed::Written);
        if touch.deed == Deed::ClosedWritable && has_written {
            return; // That it wrote is known.
        }
        let is_same = |other: &Touch| is_by(other) && other.deed == touch.deed;
        if let Some(at) = touches.iter().position(is_same) {
            touches.remove(at);
        } else if touches.len() >= MOST_OF_A_FILE {
            touches.remove(0);
            self.is_incomplete = true;
        }
        touches.push(touch);
    }

    /// Takes in all of `others`, which were heard of later.
    pub fn extend(&mut self, others: Self) {
        self.is_incomplete |= others.is_incomplete;
        if self.by_file.is_empty() {
            self.by_file = others.by_file;
            return;
        }
        others.by_file.into_values().flatten().for_each(|touch| self.add(touch));
    }

    /// Who touched that file, in the order in which it was heard.
    pub fn of(&self, file: &Path) -> &[Touch] {
        self.by_file.get(file).map_or(&[], Vec::as_slice)
    }

    /// All of them, file by file.
    pub fn iter(&self) -> impl Iterator<Item = &Touch> {
        self.by_file.values().flatten()
    }

    /// Whether nothing is known, not even that something is missing.
    pub fn is_empty(&self) -> bool {
        self.by_file.is_empty() && !self.is_incomplete
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(file: &str, pid: u32, seconds: u64) -> Touch {
        let file = Arc::from(Path::new(file));
        let elapsed = Duration::from_secs(seconds);
        Touch { file, pid, started: Some(1), deed: Deed::Written, elapsed, is_reaped: false }
    }

    #[test]
    fn the_same_deed_counts_once_and_memory_stays_bounded() {
        let mut touches = Touches::default();
        touches.add(touch("/a", 1, 1));
        touches.add(touch("/a", 2, 2));
        touches.add(touch("/a", 1, 3));
        let said: Vec<_> = touches.of(Path::new("/a")).iter().map(|t| (t.pid, t.elapsed.as_secs())).collect();
        assert_eq!(said, [(2, 2), (1, 3)]);
        assert!(!touches.is_incomplete && touches.of(Path::new("/b")).is_empty());
        touches.add(Touch { deed: Deed::ClosedWritable, ..touch("/a", 1, 3) });
        assert_eq!(touches.iter().count(), 2, "it wrote, and closed");
        let mut more = Touches::default();
        for pid in 0..1000 {
            more.add(touch("/a", pid, 4));
            more.add(touch(&format!("/{pid}"), pid, 4));
            more.add(touch(&format!("/x{pid}"), pid, 4));
        }
        touches.extend(more);
        assert!(touches.is_incomplete);
        assert_eq!(touches.of(Path::new("/a")).len(), MOST_OF_A_FILE);
        assert_eq!(
            touches.of(Path::new("/a")).last().map(|touch| touch.pid),
            Some(999),
            "the latest are kept"
        );
        assert!(touches.iter().count() < MOST_FILES + MOST_OF_A_FILE);
    }
}
