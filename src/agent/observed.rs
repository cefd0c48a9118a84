//! One home as its observer knows it: what is remembered of it, and what is heard of it. Must not know to whom anything
//! is handed on.

use super::mailbox::Mailbox;
use super::observation::Sight;
use super::unread::Tally;
use crate::attribution::{Attribution, Authors};
use crate::baseline::Baseline;
use crate::check::Reader;
use crate::host::entry::Entry;
use crate::model::inventory::Inventory;
use crate::model::touch::Touches;
use crate::sensor::{Hint, Means, Sensor, Versions, Watches};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Of more files that were touched at once it is not asked whether somebody has them open still.
const MOST_HELD: usize = 64;

/// What is remembered of a home.
pub(super) struct Observed {
    pub(super) reader: Reader,
    sensor: Result<Sensor, String>,
    /// Directories in which every file counts.
    drop_ins: Vec<PathBuf>,
    pub(super) baseline: Arc<Baseline>,
    watches: Watches,
    /// What was handed on last.
    pub(super) last: Option<(Arc<Inventory>, Sight)>,
    pub(super) tally: Tally,
    /// Who touched what since it was last handed on.
    touches: Touches,
    /// Files that somebody had open for writing when they were read: what he writes through memory, nobody tells.
    held: BTreeSet<PathBuf>,
}

/// What a sensor heard of.
pub(super) struct Heard {
    pub(super) touched: BTreeSet<PathBuf>,
    pub(super) versions: BTreeMap<PathBuf, Versions>,
    /// Whether it may have missed something.
    pub(super) is_lost: bool,
}

impl Observed {
    /// Nothing is known yet. The mailbox rings when there is something to hear.
    pub(super) fn new(mailbox: Mailbox, drop_in: PathBuf, cap: u64) -> Self {
        Self {
            reader: Reader::without_waiting(cap),
            sensor: Sensor::start(Box::new(move || mailbox.ring())),
            drop_ins: vec![drop_in],
            baseline: Arc::default(),
            watches: Watches::default(),
            last: None,
            tally: Tally::default(),
            touches: Touches::default(),
            held: BTreeSet::new(),
        }
    }

    /// Whether nothing is heard at all.
    pub(super) fn is_deaf(&self) -> bool {
        self.sensor.is_err()
    }

    /// Whether some files must be looked at now and then, since nothing is heard of them.
    pub(super) fn must_be_polled(&self) -> bool {
        self.is_deaf() || !self.watches.unwatched.is_empty() || !self.held.is_empty()
    }

    /// What the sensor heard of.
    pub(super) fn heard(&mut self) -> Heard {
        let mut touched: BTreeSet<PathBuf> = self.watches.unwatched.iter().cloned().collect();
        touched.append(&mut self.held);
        let mut versions = BTreeMap::new();
        let mut is_lost = false;
        if let Ok(sensor) = &mut self.sensor {
            for hint in sensor.inbox().take() {
                match hint {
                    Hint::Changed(files) => touched.extend(files),
                    Hint::Versions(came) => versions = came,
                    Hint::Touched(touches) => self.touches.extend(touches),
                    Hint::Elsewhere(_) | Hint::Lost => is_lost = true,
                    Hint::Degraded(why) => {
                        tracing::warn!(why, "a file notification failed; everything is compared again");
                        is_lost = true;
                    }
                }
            }
        }
        Heard { touched, versions, is_lost }
    }

    /// Sets the watches that are needed now; says how many are new.
    pub(super) fn set(&mut self) -> usize {
        let Ok(sensor) = &mut self.sensor else { return 0 };
        self.watches = sensor.watch(self.reader.looked_at().cloned(), &self.drop_ins, &Entry::at);
        self.watches.added
    }

    /// Notes which of the files that were touched somebody has open still.
    pub(super) fn hold(&mut self, touched: BTreeSet<PathBuf>) {
        self.held = touched.into_iter().take(MOST_HELD).filter(|file| is_held(file)).collect();
    }

    /// Forgets who touched what: what was read after them said nothing new.
    pub(super) fn forget_touches(&mut self) {
        self.touches = Touches::default();
    }

    /// Who made what was read now another than it was.
    pub(super) fn authors(&mut self, attribution: &Attribution, home: &Path) -> Authors {
        let touches = self.take_touches();
        // Where nobody is told of, it is always said that somebody may be missing.
        if touches.iter().next().is_some() || self.is_told_of_writers() && touches.is_incomplete {
            return attribution.authors(&touches);
        }
        if self.must_suspect(attribution) {
            let files = self.reader.looked_at().filter(|file| file.ends_with(".mcp.json"));
            return attribution.suspects(home, files.filter_map(|file| file.parent()));
        }
        Authors::default()
    }

    /// Who did what has just been read: all that the sensor heard, and what it is about to hear.
    fn take_touches(&mut self) -> Touches {
        if let Ok(sensor) = &self.sensor {
            self.touches.extend(sensor.touches());
        }
        std::mem::take(&mut self.touches)
    }

    fn is_told_of_writers(&self) -> bool {
        self.sensor.as_ref().is_ok_and(|sensor| sensor.means().contains(&Means::Fanotify))
    }

    /// At the start nobody saw what changed before it, and without privilege nobody sees who changes what.
    pub(super) fn must_suspect(&self, attribution: &Attribution) -> bool {
        self.last.is_none() || !self.is_told_of_writers() || !attribution.is_recording()
    }

    pub(super) fn sight(&self) -> Sight {
        let trouble = match (&self.sensor, &self.watches.failed) {
            (Err(why), _) => {
                Some((why.clone(), format!("no file notifications, looking every 2 seconds: {why}")))
            }
            (Ok(_), Some(failed)) => Some((failed.reason.clone(), failed.to_string())),
            (Ok(_), None) => None,
        };
        let projects = self.reader.looked_at().filter(|file| is_of_a_project(file)).count();
        Sight {
            surfaces: self.reader.looked_at().count(),
            projects,
            means: self.sensor.as_ref().map_or_else(|_| BTreeSet::new(), Sensor::means),
            trouble,
        }
    }
}

fn is_of_a_project(file: &Path) -> bool {
    file.as_os_str().as_encoded_bytes().ends_with(b"/.claude/settings.local.json")
}

/// Whether somebody has it open for writing, or writes to it through memory.
fn is_held(file: &Path) -> bool {
    #[cfg(target_os = "linux")]
    return crate::host::lease::is_open_for_writing(file) == Some(true);
    #[cfg(not(target_os = "linux"))]
    return false;
}
