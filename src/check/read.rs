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
use crate::model::surface::{FileFacts, Format, Scope, Surface, SurfaceState};
use crate::model::value::Value;
use crate::surface::claude_code::{self, Layout};
use crate::surface::{Extract, Found, assemble, targets};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsString;
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
    /// What is there, or was approved, in the order in which it was found.
    surfaces: Vec<Remembered>,
    /// The way that led to them.
    way: Option<Way>,
    contents: HashMap<PathBuf, (FileFacts, Option<Digest>)>,
}

/// Every surface in the order in which it was found. As long as it starts from the same place and nothing on
/// it names anything new, the next reading goes it again and need not find it.
#[derive(Debug)]
struct Way {
    starts: Starts,
    steps: Vec<Surface>,
}

/// What the way depends on before the first file is read.
#[derive(Debug, PartialEq)]
struct Starts {
    layout: Layout,
    drop_ins: Vec<PathBuf>,
    projects: Vec<PathBuf>,
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
        Self { cap, surfaces: Vec::new(), way: None, contents: HashMap::new() }
    }

    /// The most bytes of a file that are read.
    pub fn cap(&self) -> u64 {
        self.cap
    }

    /// Finds and reads everything.
    pub fn read(
        &mut self,
        files: &dyn Files,
        clock: &dyn Clock,
        layout: &Layout,
        baseline: &Baseline,
    ) -> Reading {
        let approved: HashSet<&Path> = baseline
            .approvals
            .iter()
            .filter_map(|approval| match &approval.subject {
                Subject::File(file) | Subject::Managed(file) => Some(file.as_path()),
                _ => None,
            })
            .collect();
        let order = self.read_surfaces(files, clock, layout, baseline, &approved);
        let mut inventory = assemble(self.surfaces.iter().map(|one| &one.found));
        inventory.targets = targets(&inventory, &layout.home);
        let mut contents = HashMap::new();
        for target in &mut inventory.targets {
            let known = self.content_of(files, &target.file);
            target.content = known.as_ref().and_then(|(_, digest)| *digest);
            contents.extend(known.map(|known| (target.file.clone(), known)));
        }
        self.contents = contents;
        Reading { inventory, looked_at: order }
    }

    fn read_surfaces(
        &mut self,
        files: &dyn Files,
        clock: &dyn Clock,
        layout: &Layout,
        baseline: &Baseline,
        approved: &HashSet<&Path>,
    ) -> Vec<PathBuf> {
        let starts = Starts::of(files, layout, baseline);
        if let Some(way) = self.way.take().filter(|way| way.starts == starts)
            && self.go_again(files, clock, &way, approved)
        {
            let order = way.steps.iter().map(|surface| surface.file.clone()).collect();
            self.way = Some(way);
            return order;
        }
        let mut pending = layout.roots().surfaces;
        pending.extend(starts.drop_ins.iter().cloned().map(Layout::managed_drop_in));
        // As plain strings: a path is hashed and compared part by part, which costs several times as much.
        let mut projects: HashSet<OsString> =
            layout.projects.iter().map(|project| project.clone().into_os_string()).collect();
        let mut named = starts.projects.clone();
        let mut steps = Vec::new();
        let mut order = Vec::new();
        let mut seen = HashSet::new();
        let mut before: HashMap<OsString, Remembered> = std::mem::take(&mut self.surfaces)
            .into_iter()
            .map(|one| (one.found.surface.file.clone().into_os_string(), one))
            .collect();
        loop {
            order.reserve(pending.len());
            seen.reserve(pending.len());
            for surface in std::mem::take(&mut pending) {
                if !seen.insert(surface.file.clone().into_os_string()) {
                    continue;
                }
                let file = surface.file.clone();
                let now = self.refresh(files, clock, &surface, before.remove(file.as_os_str()), approved);
                if let Some(extract) = now.as_ref().and_then(|now| now.found.extract.as_ref()) {
                    pending.extend(extract.follow.iter().cloned());
                    named.extend(extract.projects.iter().cloned());
                }
                self.surfaces.extend(now);
                order.push(file);
                steps.push(surface);
            }
            let mut new: Vec<PathBuf> =
                named.drain(..).filter(|project| projects.insert(project.clone().into_os_string())).collect();
            new.sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
            pending.extend(layout.of_projects(&new));
            if pending.is_empty() {
                self.way = Some(Way { starts, steps });
                return order;
            }
        }
    }

    /// Reads the surfaces of a known way. Says whether it still is the way: nothing on it names anything new.
    fn go_again(
        &mut self,
        files: &dyn Files,
        clock: &dyn Clock,
        way: &Way,
        approved: &HashSet<&Path>,
    ) -> bool {
        let mut before = std::mem::take(&mut self.surfaces).into_iter().peekable();
        let mut same = true;
        for surface in &way.steps {
            let known = before.next_if(|one| one.found.surface.file.as_os_str() == surface.file.as_os_str());
            let led_to = known.as_ref().and_then(|known| known.found.extract.as_ref()).map(leads_to);
            let now = self.refresh(files, clock, surface, known, approved);
            let leads_to = now.as_ref().and_then(|now| now.found.extract.as_ref()).map(leads_to);
            same &= led_to.unwrap_or_default() == leads_to.unwrap_or_default();
            self.surfaces.extend(now);
        }
        same
    }

    /// Reads one surface, unless it is known to be what it was. Most of what is looked for is not there and
    /// nothing expects it: that is `None`.
    fn refresh(
        &self,
        files: &dyn Files,
        clock: &dyn Clock,
        surface: &Surface,
        before: Option<Remembered>,
        approved: &HashSet<&Path>,
    ) -> Option<Remembered> {
        let before = match before {
            Some(known)
                if known.settled
                    && known.found.state == SurfaceState::Read
                    && files.facts(&surface.file).ok().as_ref() == known.found.facts.as_ref() =>
            {
                return Some(known);
            }
            other => other,
        };
        let last_good = before.and_then(|known| known.found.extract);
        let mut left = RETRIES.0;
        let (state, facts, extract) = loop {
            let (state, facts, extract) = self.read_once(files, surface);
            let half_written = matches!(state, SurfaceState::Unparsable(_))
                && extract.is_none()
                && facts.as_ref().is_some_and(|facts| age(clock, facts.modified) < SETTLING);
            if !half_written || left == 0 {
                break (state, facts, extract);
            }
            left -= 1;
            clock.pause(RETRIES.1);
        };
        if state == SurfaceState::Missing && !approved.contains(surface.file.as_path()) {
            return None;
        }
        let settled = facts
            .as_ref()
            .is_some_and(|facts| clock.now().as_nanosecond() - facts.changed > BLUR_NANOSECONDS);
        let extract = match state {
            SurfaceState::Unparsable(_) | SurfaceState::Unreadable(_) => extract.or(last_good),
            _ => extract,
        };
        Some(Remembered { found: Found { surface: surface.clone(), state, facts, extract }, settled })
    }

    fn read_once(
        &self,
        files: &dyn Files,
        surface: &Surface,
    ) -> (SurfaceState, Option<FileFacts>, Option<Extract>) {
        match files.read(&surface.file, self.cap) {
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
        }
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
    let text = json::decode(&bytes);
    let may_be_empty = surface.format != Format::ClaudeJson || claude_code::is_stand_in(surface);
    if text.as_str().trim().is_empty() && may_be_empty {
        let managed = surface.scope == Scope::Managed;
        return Ok(Extract { content: managed.then_some(Value::Null), ..Extract::default() });
    }
    claude_code::extract(surface, text.as_str()).map_err(|error| error.to_string())
}

fn age(clock: &dyn Clock, nanoseconds: i128) -> Duration {
    let age = clock.now().as_nanosecond() - nanoseconds;
    Duration::from_nanos(u64::try_from(age).unwrap_or(if age < 0 { u64::MAX } else { 0 }))
}

/// What a document names that is read next.
fn leads_to(extract: &Extract) -> (Vec<Surface>, Vec<PathBuf>) {
    (extract.follow.clone(), extract.projects.clone())
}

impl Starts {
    fn of(files: &dyn Files, layout: &Layout, baseline: &Baseline) -> Self {
        let directory = layout.roots().managed_drop_in;
        let mut drop_ins: Vec<PathBuf> = files
            .list(&directory)
            .unwrap_or_default()
            .into_iter()
            .filter(|name| name.as_encoded_bytes().ends_with(b".json"))
            .map(|name| directory.join(name))
            .collect();
        // One that was approved and is gone is in no list.
        drop_ins.extend(baseline.approvals.iter().filter_map(|approval| match &approval.subject {
            Subject::Managed(file) if file.starts_with(&directory) => Some(file.clone()),
            _ => None,
        }));
        Self { layout: layout.clone(), drop_ins, projects: approved_projects(baseline) }
    }
}

/// Projects that were approved are looked at even when no file names them any more.
fn approved_projects(baseline: &Baseline) -> Vec<PathBuf> {
    baseline
        .approvals
        .iter()
        .filter_map(|approval| match &approval.subject {
            Subject::Server { project, scope, .. } if *scope != Scope::Plugin => project.as_ref(),
            Subject::Setting { project, .. } => project.as_ref(),
            _ => None,
        })
        .map(|project| project.as_os_str())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .map(PathBuf::from)
        .collect()
}
