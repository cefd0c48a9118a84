//! Runs of package managers as they happen: from the moment that one starts to its end, with the steps of packages
//! that it ran, and who asked a broker meanwhile. Must not judge a change by them.

use super::Attribution;
use super::clients::may_be_client;
use crate::model::install::{Hook, Install};
use crate::model::process::{Ancestry, Process, ProcessId};
use crate::model::provenance::{Confidence, InstallLink};
use crate::provenance::broker::client_of;
use crate::provenance::{Handover, runs_install, runs_manager_now};
use crate::sensor::lineage::{Heed, Told};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

/// Takes every install that is over.
pub type Seen = Box<dyn Fn(Install) + Send>;

/// Words that wait to be looked into. Beyond it a step goes unrecorded; who wrote a file is found without.
const WAITING: usize = 4096;
/// Installs and handovers that are remembered.
const MOST: usize = 512;
/// Steps that one install is said to have run.
const MOST_HOOKS: usize = 64;
/// Runs at a time.
const MOST_RUNNING: usize = 1024;
/// How long a manager is remembered as a process after it has ended.
const AFTERWARDS: Duration = Duration::from_secs(60);
/// How long one is remembered at most while it runs.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

enum Word {
    /// A manager runs.
    Begun(Arc<Process>),
    /// A manager's child runs something.
    Step(Arc<Process>),
    /// Somebody called a broker's client.
    Asked(Arc<Process>),
    /// The client, or what lies where it should, runs.
    Client(Arc<Process>),
    /// A manager has ended.
    Over(Arc<Process>),
}

/// The runs.
pub(super) struct Runs {
    /// Which managers run: asked for every program that starts on the machine.
    running: Arc<Mutex<HashSet<ProcessId>>>,
    known: Arc<Mutex<Known>>,
    words: SyncSender<Word>,
    heard: Mutex<Option<Receiver<Word>>>,
}

#[derive(Default)]
struct Known {
    recent: VecDeque<Install>,
    handovers: VecDeque<Handover>,
    /// What is known of those that run.
    open: HashMap<ProcessId, Install>,
    /// Both, until one of them changes.
    all: Option<Arc<[Install]>>,
}

impl Runs {
    pub(super) fn new(before: Vec<Install>) -> Self {
        let (words, heard) = sync_channel(WAITING);
        let known = Known { recent: before.into(), ..Known::default() };
        Self {
            running: Arc::default(),
            known: Arc::new(Mutex::new(known)),
            words,
            heard: Mutex::new(Some(heard)),
        }
    }

    /// What the record of processes is to call. Neither waits.
    pub(super) fn listeners(&self) -> (Told, Told) {
        let (running, words) = (Arc::clone(&self.running), self.words.clone());
        let on_exec = move |process: &Arc<Process>| {
            let word = if runs_install(process) {
                let mut running = lock(&running);
                if running.len() < MOST_RUNNING {
                    running.insert(process.id);
                }
                Word::Begun(Arc::clone(process))
            } else if process.parent.is_some_and(|parent| lock(&running).contains(&parent)) {
                Word::Step(Arc::clone(process))
            } else if client_of(process).is_some() {
                Word::Asked(Arc::clone(process))
            } else if may_be_client(process) {
                Word::Client(Arc::clone(process))
            } else {
                return;
            };
            let _full = words.try_send(word);
        };
        let (running, words) = (Arc::clone(&self.running), self.words.clone());
        let on_exit = move |process: &Arc<Process>| {
            if lock(&running).remove(&process.id) {
                let _full = words.try_send(Word::Over(Arc::clone(process)));
            }
        };
        (Box::new(on_exec), Box::new(on_exit))
    }

    /// Looks into what was heard, on a thread of its own.
    pub(super) fn follow(&self, attribution: &Arc<Attribution>, seen: Seen) {
        let Some(heard) = lock(&self.heard).take() else { return };
        let (known, attribution) = (Arc::clone(&self.known), Arc::downgrade(attribution));
        let run = move || {
            for word in heard {
                let Some(attribution) = Weak::upgrade(&attribution) else { return };
                if let Some(install) = take_in(&known, &attribution, word) {
                    seen(install);
                }
            }
        };
        if let Err(error) = thread::Builder::new().name("installs".into()).spawn(run) {
            tracing::warn!(%error, "installs are not recorded");
        }
    }

    /// The installs that are known, those that run included, and these. What is known stays the same for long, and
    /// a judgement is in a hurry.
    pub(super) fn recent_and(&self, others: &Arc<[Install]>) -> Arc<[Install]> {
        let mut known = lock(&self.known);
        if known.all.is_none() {
            known.all = Some(known.recent.iter().chain(known.open.values()).cloned().collect());
        }
        match &known.all {
            Some(all) if others.is_empty() => Arc::clone(all),
            Some(all) if !all.is_empty() => all.iter().chain(others.iter()).cloned().collect(),
            _ => Arc::clone(others),
        }
    }

    /// The hooks of those that run.
    pub(super) fn hooks(&self) -> Vec<InstallLink> {
        let known = lock(&self.known);
        let links = known.open.values().flat_map(|install| {
            install.hooks.iter().map(|hook| InstallLink {
                install: Install { hooks: Vec::new(), ..install.clone() },
                hook: Some(hook.clone()),
                confidence: Confidence::Possible,
                evidence: Vec::new(),
            })
        });
        links.collect()
    }

    /// Who asked a broker.
    pub(super) fn handovers(&self) -> Vec<Handover> {
        lock(&self.known).handovers.iter().cloned().collect()
    }
}

/// Of whom the record must read all, however many programs are run just then: what descends from a package manager is
/// named by its environment and directory, and a client is one only with nothing loaded into it.
pub(super) fn heed(process: &Process) -> Heed {
    if runs_manager_now(process) {
        Heed::Descendants
    } else if client_of(process).is_some() || may_be_client(process) {
        Heed::Itself
    } else {
        Heed::Little
    }
}

fn take_in(known: &Mutex<Known>, attribution: &Attribution, word: Word) -> Option<Install> {
    match word {
        Word::Begun(process) => {
            attribution.keep(&process, LONGEST);
            let ancestry = attribution.recorded(&process)?;
            let install = own_install(&ancestry, attribution)?;
            let mut known = lock(known);
            known.all = None;
            known.open.insert(process.id, install);
            None
        }
        Word::Step(process) => {
            let ancestry = attribution.recorded(&process)?;
            let (manager, hook) = hook_of(&ancestry, attribution)?;
            let mut known = lock(known);
            known.all = None;
            add(known.open.get_mut(&manager)?, hook);
            None
        }
        Word::Asked(process) => {
            let by = attribution.recorded(&process)?;
            let when = process.started?;
            let broker = client_of(&process)?;
            let mut known = lock(known);
            while known.handovers.len() >= MOST {
                known.handovers.pop_front();
            }
            known.handovers.push_back(Handover { broker, by, when });
            None
        }
        Word::Client(process) => {
            attribution.heed_client(process);
            None
        }
        Word::Over(process) => {
            attribution.keep(&process, AFTERWARDS);
            let mut known = lock(known);
            known.all = None;
            let mut install = known.open.remove(&process.id)?;
            install.ended = process.ended.map(|(when, _)| when);
            while known.recent.len() >= MOST {
                known.recent.pop_front();
            }
            known.recent.push_back(install.clone());
            Some(install)
        }
    }
}

/// The install that a manager itself is; not one that another manager of the same packages runs for it.
fn own_install(ancestry: &Ancestry, attribution: &Attribution) -> Option<Install> {
    let link = attribution.link_of(ancestry)?;
    let id = ancestry.process()?.id;
    (link.install.process == Some(id)).then(|| Install { hooks: Vec::new(), ..link.install })
}

/// The step that a process runs, and the manager that a person called.
fn hook_of(ancestry: &Ancestry, attribution: &Attribution) -> Option<(ProcessId, Hook)> {
    let link = attribution.link_of(ancestry)?;
    Some((link.install.process?, link.hook.filter(|hook| !hook.is_consumer)?))
}

fn add(install: &mut Install, hook: Hook) {
    let is_known = install.hooks.iter().any(|known| known.process == hook.process);
    if is_known || install.hooks.len() >= MOST_HOOKS {
        return;
    }
    install.has_scripts = Some(true);
    if let Some(package) = &hook.package
        && !install.packages.contains(package)
    {
        install.packages.push(package.clone());
    }
    install.hooks.push(hook);
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
