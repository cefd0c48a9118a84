//! Who did it: from touches of a file, through the record of processes, to a judgement. Holds the record and the
//! installs that it has seen. Must not know what was changed in a file, nor what is made of the judgement.

mod authors;
mod clients;
mod manifests;
mod opening;
mod patience;
mod receipts;
mod runs;

pub use authors::Authors;
pub use runs::Seen;

use crate::host::clock::Clock;
use crate::host::files::Files;
use crate::model::digest::Key;
use crate::model::event::Authorship;
use crate::model::install::Install;
use crate::model::process::{Ancestry, Process, ProcessId};
use crate::model::provenance::{Confidence, InstallLink, Method};
use crate::model::touch::{Touch, Touches};
use crate::provenance::broker::server_of;
use crate::provenance::{Facts, Handover, Identity, Manifest, Writer, install_of, judge, runs_install};
use crate::sensor::lineage::{Lineage, Options, sampled, sampled_below, sampled_where};
use authors::{way, weight, when};
use clients::{Clients, may_be_client};
use jiff::{SignedDuration, Timestamp};
use manifests::Manifests;
use patience::Patience;
use runs::Runs;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Of the installs that were near, the nearest.
const MOST_CANDIDATES: usize = 8;
/// A hook that ended longer before a change was looked into did not make it.
const JUST: SignedDuration = SignedDuration::from_millis(500);
/// In one moment so many changes are judged project by project.
const MOST_JUDGED: usize = 64;
/// Files that somebody touched at once are judged ahead, but not more than are likely to be asked about.
const MOST_AHEAD: usize = 4;

/// Finds out who did it.
pub struct Attribution {
    files: &'static dyn Files,
    clock: &'static dyn Clock,
    lineage: Result<Lineage, String>,
    runs: Runs,
    patience: Patience,
    clients: Clients,
    window: SignedDuration,
}

impl Attribution {
    /// Begins the record of processes, if the system lets it. `seen` is called on a thread of its own with every
    /// install that is over; `before` are those that are known from earlier.
    pub fn start(
        files: &'static dyn Files,
        clock: &'static dyn Clock,
        window: SignedDuration,
        before: Vec<Install>,
        seen: Seen,
    ) -> Arc<Self> {
        let runs = Runs::new(before);
        let (on_exec, on_exit) = runs.listeners();
        let heed = Box::new(runs::heed);
        let options = Options { on_exec: Some(on_exec), on_exit: Some(on_exit), heed, ..Options::default() };
        let lineage = Lineage::start(options);
        let attribution = Arc::new(Self {
            files,
            clock,
            lineage,
            runs,
            patience: Patience::default(),
            clients: Clients::default(),
            window,
        });
        if attribution.lineage.is_ok() {
            attribution.runs.follow(&attribution, seen);
        }
        attribution
    }

    /// Why there is no record of processes, or what is wrong with it.
    pub fn trouble(&self) -> Option<String> {
        match &self.lineage {
            Err(why) => Some(why.clone()),
            Ok(lineage) => {
                let report = lineage.report();
                (report.state != "running").then_some(report.state)
            }
        }
    }

    /// Whether processes are recorded as the kernel tells of them.
    pub fn is_recording(&self) -> bool {
        self.lineage.is_ok()
    }

    /// Who made those touches. To be asked soon: what is dead is not remembered for long.
    pub fn authors(&self, touches: &Touches) -> Authors {
        let mut by_file: BTreeMap<PathBuf, Vec<Writer>> = BTreeMap::new();
        let mut known: BTreeMap<(u32, Option<u64>), (Ancestry, Identity, Method)> = BTreeMap::new();
        // Once for all: of what was heard in one moment nothing must come before the other because two clocks were
        // asked one after the other.
        let now = self.moment();
        for touch in touches.iter().filter(|touch| touch.pid != std::process::id()) {
            let key = (touch.pid, touch.started);
            let (ancestry, identity, method) =
                known.entry(key).or_insert_with(|| self.ancestry(touch, touches.is_incomplete)).clone();
            let (deed, through, when) = (Some(touch.deed), way(touch.deed), when(touch, now));
            let writer = Writer { ancestry, deed, when, method, identity, through };
            by_file.entry(touch.file.to_path_buf()).or_default().push(writer);
        }
        for writers in by_file.values_mut() {
            // The one that made what stands is the last: whoever only wrote the temporary file comes before who put
            // it in its place, and who changed attributes made no content.
            writers.sort_by_key(|writer| (weight(writer.deed), writer.when));
        }
        Authors {
            by_file,
            suspects: Arc::default(),
            at_work: Vec::new(),
            ahead: HashMap::new(),
            clients: self.clients.among(known.values().map(|known| &known.0)),
            manifests: self.manifests_of(known.values().map(|known| &known.0)),
        }
    }

    /// Who may have done it where nobody tells who touched what: the package managers that are at work now, and those
    /// that left something behind in that home and its projects. Takes its time; not for a thread on which others wait.
    pub fn suspects<'p>(&self, home: &Path, projects: impl Iterator<Item = &'p Path>) -> Authors {
        let hinted = self.clock.now();
        let managers = sampled_where(&runs_install);
        // At once, since a hook lives for a moment.
        let parents: Vec<ProcessId> = managers.iter().filter_map(|one| Some(one.process()?.id)).collect();
        let hooks = if parents.is_empty() { Vec::new() } else { sampled_below(&parents) };
        let links = hooks.iter().filter_map(|ancestry| install_of(ancestry, &|_| None));
        let sampled: Vec<InstallLink> = links.filter(|link| link.hook.is_some()).collect();
        let running = managers.iter().filter_map(|one| install_of(one, &|_| None)).map(|link| link.install);
        let mut suspects: Vec<Install> = running.collect();
        suspects.extend(receipts::look(self.files, home, projects, self.clock.now(), self.window));
        // Late, since it takes a moment to record one, and what is recorded stays.
        let recorded = self.hooks_at_work(hinted);
        let at_work = if recorded.is_empty() { sampled } else { recorded };
        Authors { suspects: suspects.into(), at_work, ..Authors::default() }
    }

    /// The hooks that ran at that moment or just before, as far as they are recorded.
    fn hooks_at_work(&self, when: Timestamp) -> Vec<InstallLink> {
        let was_there = |link: &InstallLink| {
            let id = link.hook.as_ref().and_then(|hook| hook.process);
            let ancestry = id.and_then(|id| self.lineage.as_ref().ok()?.ancestry(id.pid, Some(id.start)));
            ancestry.as_ref().and_then(Ancestry::process).is_some_and(|hook| {
                let has_begun = hook.started.is_none_or(|started| started <= when);
                has_begun && hook.ended.is_none_or(|(ended, _)| when.duration_since(ended) < JUST)
            })
        };
        self.runs.hooks().into_iter().filter(was_there).collect()
    }

    /// Looks at the client's file while it lies where it was executed from.
    pub(in crate::attribution) fn heed_client(&self, process: Arc<Process>) {
        let clients = self.clients.clone();
        let _hangs = self.patience.ask(move || clients.file_of(&process));
    }

    /// The manifests that a judgement over these will ask for, and over whoever handed something to a broker.
    fn manifests_of<'a>(
        &self,
        ancestries: impl Iterator<Item = &'a Ancestry>,
    ) -> HashMap<PathBuf, Option<Manifest>> {
        let manifests = Manifests::new(self.files);
        let mut is_handed_over = false;
        for ancestry in ancestries {
            let _link = install_of(ancestry, &|directory| manifests.of(directory, reader_of(ancestry)));
            is_handed_over |= ancestry.processes.iter().any(|process| server_of(process).is_some());
        }
        for handover in self.runs.handovers().iter().filter(|_| is_handed_over) {
            let by = &handover.by;
            let _link = install_of(by, &|directory| manifests.of(directory, reader_of(by)));
        }
        manifests.into_known()
    }

    /// Judges what will be asked first, and writes it for events: on the thread that found it out, since whoever asks
    /// has enough to do meanwhile.
    pub fn judge_ahead(&self, authors: &mut Authors, user: Option<u32>, key: &Key) {
        let mut judging = self.judging(authors, self.clock.now(), user);
        let files = authors.by_file.keys().take(MOST_AHEAD);
        let ahead = files.map(|file| (file.clone(), judging.of(file, None))).collect();
        drop(judging);
        authors.ahead = ahead;
        authors.ahead.values().for_each(|judged| judged.write(key));
    }

    /// Judges the changes of one moment.
    pub fn judging<'a>(&'a self, authors: &'a Authors, when: Timestamp, user: Option<u32>) -> Judging<'a> {
        Judging {
            attribution: self,
            authors,
            when,
            user,
            installs: self.runs.recent_and(&authors.suspects),
            handovers: self.runs.handovers(),
            known: HashMap::new(),
        }
    }

    fn ancestry(&self, touch: &Touch, is_incomplete: bool) -> (Ancestry, Identity, Method) {
        let recorded =
            self.lineage.as_ref().ok().and_then(|lineage| lineage.ancestry(touch.pid, touch.started));
        match recorded {
            Some(mut ancestry) => {
                ancestry.is_lossless &= !is_incomplete;
                let (identity, method) = match (touch.is_reaped, touch.started, ancestry.is_lossless) {
                    (false, Some(_), _) => (Identity::Held, Method::Kernel),
                    (_, _, true) => (Identity::Recorded, Method::Record),
                    _ => (Identity::Guessed, Method::Record),
                };
                (ancestry, identity, method)
            }
            None => {
                let now = (!touch.is_reaped).then(|| sampled(touch.pid)).flatten().filter(|ancestry| {
                    let start = ancestry.process().map(|process| process.id.start);
                    touch.started.is_none_or(|started| start == Some(started))
                });
                let identity =
                    if now.is_some() && touch.started.is_some() { Identity::Held } else { Identity::Guessed };
                (now.unwrap_or_default(), identity, Method::Kernel)
            }
        }
    }

    /// Now, by the clock of people and by that of touches.
    fn moment(&self) -> (Timestamp, Duration) {
        (self.clock.now(), self.clock.elapsed())
    }

    pub(in crate::attribution) fn recorded(&self, process: &Process) -> Option<Ancestry> {
        self.lineage.as_ref().ok()?.ancestry(process.id.pid, Some(process.id.start))
    }

    pub(in crate::attribution) fn keep(&self, process: &Process, long: Duration) {
        if let Ok(lineage) = &self.lineage {
            lineage.keep(process.id, long);
        }
    }

    /// The install that a process descends from, for a thread that serves everybody: the package is named without its
    /// manifest where that lies on a file system that hangs.
    pub(in crate::attribution) fn link_of(&self, ancestry: &Ancestry) -> Option<InstallLink> {
        let manifests = self.manifests_in_time(ancestry);
        install_of(ancestry, &|directory| manifests.get(directory).cloned().flatten())
    }

    /// The manifests that a judgement over that ancestry will ask for; none if they do not come soon.
    fn manifests_in_time(&self, ancestry: &Ancestry) -> HashMap<PathBuf, Option<Manifest>> {
        let (files, whole) = (self.files, ancestry.clone());
        let read = move || {
            let manifests = Manifests::new(files);
            let _link = install_of(&whole, &|directory| manifests.of(directory, reader_of(&whole)));
            manifests.into_known()
        };
        self.patience.ask(read).unwrap_or_default()
    }
}

/// The changes of one moment, judged; what they have in common is looked up once.
pub struct Judging<'a> {
    attribution: &'a Attribution,
    authors: &'a Authors,
    when: Timestamp,
    user: Option<u32>,
    installs: Arc<[Install]>,
    handovers: Vec<Handover>,
    known: HashMap<(Option<PathBuf>, Option<PathBuf>), Arc<Authorship>>,
}

impl Judging<'_> {
    /// Who changed that file of that project.
    pub fn of(&mut self, file: &Path, project: Option<&Path>) -> Arc<Authorship> {
        let file = self.authors.by_file.contains_key(file).then_some(file);
        // A project matters only for which installs are suspect; thousands of them are one change.
        let project = project.filter(|_| !self.installs.is_empty() && self.known.len() < MOST_JUDGED);
        let ahead = file.filter(|_| project.is_none()).and_then(|file| self.authors.ahead.get(file));
        if let Some(known) = ahead {
            return Arc::clone(known);
        }
        let key = (file.map(Path::to_path_buf), project.map(Path::to_path_buf));
        if let Some(known) = self.known.get(&key) {
            return Arc::clone(known);
        }
        let mut judged = judge(&Facts {
            writers: &self.authors.of(file),
            changed: self.when,
            user: self.user,
            project,
            installs: &self.installs,
            at_work: &self.authors.at_work,
            window: self.attribution.window,
            handovers: &self.handovers,
            is_client: &|process| {
                let file = process.image().and_then(|image| image.file);
                may_be_client(process) && file.is_some_and(|file| self.authors.clients.contains(&file))
            },
            manifest: &|directory| self.authors.manifests.get(directory).cloned().flatten(),
        });
        // Whoever knows who it was does not ask who else may have been near.
        let is_known = judged.install_confidence() == Confidence::Proven;
        judged.candidates.truncate(if is_known { 0 } else { MOST_CANDIDATES });
        let judged = Arc::new(Authorship::from(judged));
        self.known.insert(key, Arc::clone(&judged));
        judged
    }
}

/// With whose rights is read what that process names.
fn reader_of(ancestry: &Ancestry) -> Option<u32> {
    Some(ancestry.process()?.credentials?.effective)
}

#[cfg(test)]
mod tests;
