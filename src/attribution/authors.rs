//! Who touched which files between two readings, in the order in which it counts. Must not find out anything.

use crate::model::event::Authorship;
use crate::model::install::Install;
use crate::model::process::FileId;
use crate::model::provenance::InstallLink;
use crate::model::touch::{Deed, Touch};
use crate::provenance::{Manifest, Through, Writer};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Of those who touched other files than the one in question, the last.
const MOST_WRITERS: usize = 64;
/// Whoever writes all the time from ever other directories gets no more room than this.
const MOST_MANIFESTS: usize = 1024;

/// Who touched which files between two readings.
#[derive(Clone, Debug, Default)]
pub struct Authors {
    pub(super) by_file: BTreeMap<PathBuf, Vec<Writer>>,
    /// Installs that may have to do with it, where nobody tells who touched what.
    pub(super) suspects: Arc<[Install]>,
    /// And whose hook ran just then.
    pub(super) at_work: Vec<InstallLink>,
    /// What the packages on the way say of themselves: read where the touches are looked into, since a directory that
    /// somebody chose may lie on a file system that hangs.
    pub(super) manifests: HashMap<PathBuf, Option<Manifest>>,
    /// Which of those on the way execute the client, looked up there too.
    pub(super) clients: HashSet<FileId>,
    /// What is judged of these already, of this moment.
    pub(super) ahead: HashMap<PathBuf, Arc<Authorship>>,
}

impl Authors {
    /// Whether nobody is known.
    pub fn is_empty(&self) -> bool {
        self.by_file.is_empty() && self.suspects.is_empty()
    }

    /// Takes in what came later. Where somebody was seen, nobody is suspected any more.
    pub fn extend(&mut self, later: Self) {
        self.by_file.extend(later.by_file);
        self.suspects = later.suspects;
        self.at_work = later.at_work;
        if self.manifests.len() > MOST_MANIFESTS {
            self.manifests.clear();
        }
        self.manifests.extend(later.manifests);
        self.clients.extend(later.clients);
        self.ahead = later.ahead;
    }

    /// Whatever is asked later is judged as it is then.
    pub fn forget_judged(&mut self) {
        self.ahead.clear();
    }

    /// Who touched that file; if nobody did, whoever touched another one between the same readings, since a setting
    /// in one file moves what stands in another.
    pub(super) fn of(&self, file: Option<&Path>) -> Vec<Writer> {
        match file.and_then(|file| self.by_file.get(file)) {
            Some(writers) => writers.clone(),
            None => {
                let mut all: Vec<Writer> = self.by_file.values().flatten().cloned().collect();
                all.sort_by_key(|writer| (weight(writer.deed), writer.when));
                all.drain(..all.len().saturating_sub(MOST_WRITERS));
                all
            }
        }
    }
}

/// When that was, by the clock of people.
pub(super) fn when(touch: &Touch, (now, elapsed): (Timestamp, Duration)) -> Option<Timestamp> {
    now.checked_sub(elapsed.saturating_sub(touch.elapsed)).ok()
}

/// By which way a deed came into the file. Who closed what he could have written, and was not heard writing, may have
/// done it through memory that is mapped from the file.
pub(super) fn way(deed: Deed) -> Through {
    if deed == Deed::ClosedWritable { Through::Mapping } else { Through::Path }
}

/// Whose deed counts for more.
pub(super) fn weight(deed: Option<Deed>) -> u8 {
    let Some(deed) = deed else { return 0 };
    match deed {
        Deed::Attributes | Deed::Opened => 0,
        Deed::ClosedWritable => 1,
        Deed::Created | Deed::RenamedAway => 2,
        Deed::Written | Deed::WroteTemporary | Deed::RenamedOnto | Deed::Deleted => 3,
    }
}
