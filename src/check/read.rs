//! The surfaces of one home, found and read: one file names the next until none is left.
//!
//! A file that has not changed since it was read is not read again. One that the client would not take
//! keeps the last meaning that it had, and is tried again first when it was written just now, since
//! programs write in steps.

use crate::baseline::Baseline;
use crate::host::clock::Clock;
use crate::host::files::{Contents, Files};
use crate::host::read_error::ReadError;
use crate::json;
use crate::model::digest::Digest;
use crate::model::inventory::Inventory;
use crate::model::subject::Subject;
use crate::model::surface::{FileFacts, Format, Surface, SurfaceState};
use crate::surface::claude_code::{self, Layout};
use crate::surface::{Extract, Found, assemble, targets};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long after a write a document that cannot be parsed may still be half of one.
const SETTLING: Duration = Duration::from_secs(2);

/// How often, and how far apart, such a document is read again.
const RETRIES: (u32, Duration) = (4, Duration::from_millis(15));

/// A change so recent that another could follow without moving the time stamp.
const BLUR_NANOSECONDS: i128 = 50_000_000;

/// Reads the surfaces of one home, and remembers.
#[derive(Debug)]
pub struct Reader {
    cap: u64,
    surfaces: BTreeMap<PathBuf, Remembered>,
    contents: BTreeMap<PathBuf, (FileFacts, Option<Digest>)>,
}

#[derive(Debug)]
struct Remembered {
    found: Found,
    /// Whether the file can be told from a later version by its facts.
    settled: bool,
}

/// What was found.
#[derive(Debug)]
pub struct Reading {
    /// What is there.
    pub inventory: Inventory,
    /// Every file that was looked for, those that are not there included.
    pub looked_at: Vec<PathBuf>,
}

impl Reader {
    /// A reader that refuses files of more than `cap` bytes.
    pub fn new(cap: u64) -> Self {
        Self { cap, surfaces: BTreeMap::new(), contents: BTreeMap::new() }
    }

    /// Finds and reads everything.
    pub fn read(
        &mut self,
        files: &dyn Files,
        clock: &dyn Clock,
        layout: &Layout,
        baseline: &Baseline,
    ) -> Reading {
        let order = self.read_surfaces(files, clock, layout, baseline);
        let approved: BTreeSet<&Path> = baseline
            .approvals
            .iter()
            .filter_map(|approval| match &approval.subject {
                Subject::File(file) | Subject::Managed(file) => Some(file.as_path()),
                _ => None,
            })
            .collect();
        let found =
            order.iter().filter_map(|file| self.surfaces.get(file)).map(|one| &one.found).filter(|found| {
                found.state != SurfaceState::Missing || approved.contains(found.surface.file.as_path())
            });
        let mut inventory = assemble(found);
        inventory.targets = targets(&inventory, &layout.home);
        let mut contents = BTreeMap::new();
        for target in &mut inventory.targets {
            let known = self.content_of(files, &target.file);
            target.content = known.as_ref().and_then(|(_, digest)| *digest);
            contents.extend(known.map(|known| (target.file.clone(), known)));
        }
        self.contents = contents;
        let kept: BTreeSet<&PathBuf> = order.iter().collect();
        self.surfaces.retain(|file, _| kept.contains(file));
        Reading { inventory, looked_at: order }
    }

    fn read_surfaces(
        &mut self,
        files: &dyn Files,
        clock: &dyn Clock,
        layout: &Layout,
        baseline: &Baseline,
    ) -> Vec<PathBuf> {
        let roots = layout.roots();
        let mut pending = roots.surfaces;
        if let Ok(names) = files.list(&roots.managed_drop_in) {
            let drop_ins = names.into_iter().filter(|name| name.as_encoded_bytes().ends_with(b".json"));
            pending.extend(drop_ins.map(|name| Layout::managed_drop_in(roots.managed_drop_in.join(name))));
        }
        // One that was approved and is gone is in no list.
        let gone = baseline.approvals.iter().filter_map(|approval| match &approval.subject {
            Subject::Managed(file) if file.starts_with(&roots.managed_drop_in) => Some(file.clone()),
            _ => None,
        });
        pending.extend(gone.map(Layout::managed_drop_in));
        let mut projects: BTreeSet<PathBuf> = layout.projects.iter().cloned().collect();
        let mut named = approved_projects(baseline);
        let mut order = Vec::new();
        let mut seen = BTreeSet::new();
        loop {
            for surface in std::mem::take(&mut pending) {
                if !seen.insert(surface.file.clone()) {
                    continue;
                }
                let file = surface.file.clone();
                self.refresh(files, clock, surface);
                if let Some(extract) = self.surfaces.get(&file).and_then(|one| one.found.extract.as_ref()) {
                    pending.extend(extract.follow.iter().cloned());
                    named.extend(extract.projects.iter().cloned());
                }
                order.push(file);
            }
            let new: BTreeSet<PathBuf> = std::mem::take(&mut named).difference(&projects).cloned().collect();
            pending.extend(layout.of_projects(&new));
            projects.extend(new);
            if pending.is_empty() {
                return order;
            }
        }
    }

    /// Reads one surface, unless it is known to be what it was.
    fn refresh(&mut self, files: &dyn Files, clock: &dyn Clock, surface: Surface) {
        let before = self.surfaces.remove(&surface.file);
        if let Some(known) = &before
            && known.settled
            && known.found.state == SurfaceState::Read
            && files.facts(&surface.file).ok().as_ref() == known.found.facts.as_ref()
        {
            self.surfaces.extend(before.map(|known| (surface.file.clone(), known)));
            return;
        }
        let last_good = before.and_then(|known| known.found.extract);
        let mut left = RETRIES.0;
        let found = loop {
            let found = self.read_once(files, &surface);
            let half_written = matches!(found.state, SurfaceState::Unparsable(_))
                && found.extract.is_none()
                && found.facts.as_ref().is_some_and(|facts| age(clock, facts.modified) < SETTLING);
            if !half_written || left == 0 {
                break found;
            }
            left -= 1;
            clock.pause(RETRIES.1);
        };
        let settled = found
            .facts
            .as_ref()
            .is_some_and(|facts| clock.now().as_nanosecond() - facts.changed > BLUR_NANOSECONDS);
        let extract = match found.state {
            SurfaceState::Unparsable(_) | SurfaceState::Unreadable(_) => found.extract.or(last_good),
            _ => found.extract,
        };
        self.surfaces.insert(surface.file, Remembered { found: Found { extract, ..found }, settled });
    }

    fn read_once(&self, files: &dyn Files, surface: &Surface) -> Found {
        let (state, facts, extract) = match files.read(&surface.file, self.cap) {
            Err(ReadError::Missing(_)) => (SurfaceState::Missing, None, None),
            Err(error) => (SurfaceState::Unreadable(error.to_string()), None, None),
            Ok(Contents { bytes, facts }) => match extract(surface, bytes) {
                // What another version of the client would take counts all the same.
                Ok(extract) => match extract.rejected.clone() {
                    Some(why) => (SurfaceState::Unparsable(why), Some(facts), Some(extract)),
                    None => (SurfaceState::Read, Some(facts), Some(extract)),
                },
                Err(why) => (SurfaceState::Unparsable(why), Some(facts), None),
            },
        };
        Found { surface: surface.clone(), state, facts, extract }
    }

    /// The digest of a file that a command runs. What is not there or cannot be read has none.
    fn content_of(&self, files: &dyn Files, file: &Path) -> Option<(FileFacts, Option<Digest>)> {
        let facts = files.facts(file).ok()?;
        match self.contents.get(file) {
            Some((known, digest)) if *known == facts => Some((facts, *digest)),
            _ => {
                let contents = files.read(file, self.cap).ok();
                Some((facts, contents.map(|contents| Digest::of(&contents.bytes))))
            }
        }
    }
}

fn extract(surface: &Surface, bytes: Vec<u8>) -> Result<Extract, String> {
    // The client takes a `.mcp.json` or settings file that is empty for one that says nothing.
    let text = json::decode(bytes);
    let may_be_empty = surface.format != Format::ClaudeJson || claude_code::is_stand_in(surface);
    if text.as_str().trim().is_empty() && may_be_empty {
        return Ok(Extract::default());
    }
    claude_code::extract(surface, text.as_str()).map_err(|error| error.to_string())
}

fn age(clock: &dyn Clock, nanoseconds: i128) -> Duration {
    let age = clock.now().as_nanosecond() - nanoseconds;
    Duration::from_nanos(u64::try_from(age).unwrap_or(if age < 0 { u64::MAX } else { 0 }))
}

/// Projects that were approved are looked at even when no file names them any more.
fn approved_projects(baseline: &Baseline) -> BTreeSet<PathBuf> {
    baseline
        .approvals
        .iter()
        .filter_map(|approval| match &approval.subject {
            Subject::Server { project, scope, .. } if *scope != crate::model::surface::Scope::Plugin => {
                project.clone()
            }
            Subject::Setting { project, .. } => project.clone(),
            _ => None,
        })
        .collect()
}
