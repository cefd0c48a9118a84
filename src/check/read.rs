//! The surfaces of one home, found and read: one file names the next until none is left.
//!
//! A file that has not changed since it was read is not read again, and one whose rewrite changes nothing that
//! matters is read and forgotten: the client rewrites its own file more than once a second.

use super::contents::TargetContents;
use super::credentials::CredentialFiles;
use super::place::Place;
use super::surface_file::{Effect, Opener, Remembered};
use super::way::{Starts, Way};
use crate::baseline::Baseline;
use crate::host::read_error::ReadError;
use crate::model::inventory::Inventory;
use crate::model::subject::Subject;
use crate::surface::claude_code::Layout;
use crate::surface::{assemble, targets};
use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads the surfaces of one home, and remembers.
#[derive(Debug)]
pub struct Reader {
    cap: u64,
    waits: bool,
    /// The way that led to what is remembered.
    way: Option<Way>,
    /// What is there, or was approved, by its step on the way.
    surfaces: BTreeMap<usize, Remembered>,
    contents: TargetContents,
    credentials: CredentialFiles,
}

/// What was found.
#[derive(Debug)]
pub struct Reading {
    /// What is there.
    pub inventory: Inventory,
    /// Whether other files were looked for than before: see [`Reader::looked_at`].
    pub is_new_way: bool,
}

impl Reader {
    /// A reader that refuses files of more than `cap` bytes. A document that may be half of a save is waited for.
    pub fn new(cap: u64) -> Self {
        Self {
            cap,
            waits: true,
            way: None,
            surfaces: BTreeMap::new(),
            contents: TargetContents::default(),
            credentials: CredentialFiles::default(),
        }
    }

    /// One that waits for nothing: whoever is told of every change reads again at the next one.
    pub fn without_waiting(cap: u64) -> Self {
        Self { waits: false, ..Self::new(cap) }
    }

    /// The most bytes of a file that are read.
    pub fn cap(&self) -> u64 {
        self.cap
    }

    /// Every file that the last reading looked for, those that are not there included, and those that commands
    /// run.
    pub fn looked_at(&self) -> impl Iterator<Item = &Arc<Path>> {
        let steps = self.way.iter().flat_map(|way| way.steps());
        steps.map(|surface| &surface.file).chain(self.contents.files()).chain(self.credentials.files())
    }

    /// How many versions of that file were read since it was asked last.
    pub fn take_versions(&mut self, file: &Path) -> u32 {
        let Some(step) = self.way.as_ref().and_then(|way| way.steps_of(file).next()) else {
            return self.credentials.take_versions(file);
        };
        self.surfaces.get_mut(&step).map_or(0, |known| std::mem::take(&mut known.versions))
    }

    /// Forgets how many versions were read so far.
    pub fn forget_versions(&mut self) {
        self.surfaces.values_mut().for_each(|known| known.versions = 0);
    }

    /// Finds and reads everything.
    pub fn read(&mut self, place: Place<'_>) -> Reading {
        let approved: HashSet<&Path> = approved_files(place.baseline).collect();
        let opener = Opener {
            files: place.files,
            clock: place.clock,
            cap: self.cap,
            waits: self.waits,
            is_approved: &|file| approved.contains(file),
        };
        let (starts, projects) = Starts::of(place);
        let known = self.way.take().filter(|way| way.starts == starts);
        let is_new_way = match known {
            Some(way) if self.go_again(&way, &opener) => {
                self.way = Some(way);
                false
            }
            _ => {
                self.find(starts, projects, place.layout, &opener);
                true
            }
        };
        let targets_before = self.contents.len();
        let inventory = self.put_together(place, None);
        Reading { is_new_way: is_new_way || targets_before != self.contents.len(), inventory }
    }

    /// Reads only these files again. `None` when nothing that matters has changed: every one of them was read
    /// and says the same.
    pub fn read_again(&mut self, place: Place<'_>, touched: &BTreeSet<PathBuf>) -> Option<Reading> {
        let Some(way) = self.way.take() else { return Some(self.read(place)) };
        let opener = Opener {
            files: place.files,
            clock: place.clock,
            cap: self.cap,
            waits: self.waits,
            is_approved: &|file| approved_files(place.baseline).any(|approved| approved == file),
        };
        let mut effect = Effect::None;
        for file in touched {
            for step in way.steps_of(file) {
                let Some(surface) = way.step(step) else { continue };
                let (now, change) = opener.refresh(surface, self.surfaces.remove(&step), true);
                self.surfaces.extend(now.map(|now| (step, now)));
                effect = effect.max(change);
            }
            if self.credentials.refresh(place, file) || self.contents.refresh(place.files, self.cap, file) {
                effect = effect.max(Effect::Meaning);
            }
        }
        self.way = Some(way);
        match effect {
            Effect::None => None,
            Effect::Meaning => {
                let targets_before = self.contents.len();
                let inventory = self.put_together(place, Some(touched));
                Some(Reading { inventory, is_new_way: targets_before != self.contents.len() })
            }
            Effect::Way => {
                self.way = None;
                Some(self.read(place))
            }
        }
    }

    /// Whether these files are what they were when they were read, as far as what the system says of them tells: not
    /// of one that has another name too, under which it may be written at this moment.
    pub fn is_as_read(&self, place: Place<'_>, files: &BTreeSet<PathBuf>) -> bool {
        let Some(way) = &self.way else { return false };
        files.iter().all(|file| {
            let known = way.steps_of(file).next().map(|step| self.surfaces.get(&step));
            match (known, place.files.facts(file)) {
                (Some(None), Err(ReadError::Missing(_))) => true,
                (Some(Some(known)), Ok(now)) => {
                    known.found.facts.as_ref() == Some(&now) && now.hard_links <= 1
                }
                _ => false,
            }
        })
    }

    fn put_together(&mut self, place: Place<'_>, touched: Option<&BTreeSet<PathBuf>>) -> Inventory {
        let mut inventory = assemble(self.surfaces.values().map(|one| &one.found));
        inventory.targets = targets(&inventory, &place.layout.home);
        let is_known = |file: &Path| touched.is_some_and(|touched| !touched.contains(file));
        self.contents.fill(place.files, self.cap, &mut inventory.targets, &is_known);
        let found = self.surfaces.values().map(|one| &one.found);
        inventory.credentials = self.credentials.read(place, found, &is_known);
        inventory
    }

    /// Reads the surfaces of a known way. Says whether it still is the way: nothing on it names anything new.
    fn go_again(&mut self, way: &Way, opener: &Opener<'_>) -> bool {
        let mut before = std::mem::take(&mut self.surfaces);
        let mut same = true;
        let mut found = Vec::with_capacity(before.len());
        for (step, surface) in way.steps().iter().enumerate() {
            let (now, effect) = opener.refresh(surface, before.remove(&step), false);
            same &= effect < Effect::Way;
            found.extend(now.map(|now| (step, now)));
        }
        // All at once: one after the other leaves every node of the tree half empty.
        self.surfaces = found.into_iter().collect();
        same
    }

    /// Finds the way anew: what is named by what was read is read next.
    fn find(&mut self, starts: Starts, mut approved: Vec<Arc<Path>>, layout: &Layout, opener: &Opener<'_>) {
        let mut before: HashMap<Name, Remembered> = std::mem::take(&mut self.surfaces)
            .into_values()
            .map(|one| (Name(Arc::clone(&one.found.surface.file)), one))
            .collect();
        let mut pending = layout.roots().surfaces;
        pending.extend(starts.drop_ins.iter().cloned().map(Layout::managed_drop_in));
        let mut projects: HashSet<Name> =
            layout.projects.iter().map(|project| Name(project.as_path().into())).collect();
        let mut named = Vec::new();
        let mut steps = Vec::new();
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        loop {
            seen.reserve(pending.len());
            for surface in std::mem::take(&mut pending) {
                if !seen.insert(Name(Arc::clone(&surface.file))) {
                    continue;
                }
                let (now, _) = opener.refresh(&surface, before.remove(surface.file.as_os_str()), false);
                if let Some(extract) = now.as_ref().and_then(|now| now.found.extract.as_ref()) {
                    pending.extend(extract.follow.iter().cloned());
                    named.extend(extract.projects.iter().cloned());
                }
                found.extend(now.map(|now| (steps.len(), now)));
                steps.push(surface);
            }
            // After those that the files name: whose path is kept there already is kept once.
            named.append(&mut approved);
            let mut new: Vec<Arc<Path>> =
                named.drain(..).filter(|project| projects.insert(Name(Arc::clone(project)))).collect();
            new.sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
            pending.extend(layout.of_projects(&new));
            if pending.is_empty() {
                break;
            }
        }
        steps.shrink_to_fit();
        self.surfaces = found.into_iter().collect();
        self.way = Some(Way::new(starts, steps));
    }
}

/// A path as a plain string: hashed and compared part by part it costs several times as much.
#[derive(Clone, Debug)]
struct Name(Arc<Path>);

impl Borrow<OsStr> for Name {
    fn borrow(&self) -> &OsStr {
        self.0.as_os_str()
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_os_str().hash(state);
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_os_str() == other.0.as_os_str()
    }
}

impl Eq for Name {}

/// Files that were approved as they were: that one of them is gone is worth knowing.
fn approved_files(baseline: &Baseline) -> impl Iterator<Item = &Path> {
    baseline.approvals.iter().filter_map(|approval| match &approval.subject {
        Subject::File(file) | Subject::Managed(file) => Some(file.as_path()),
        _ => None,
    })
}
