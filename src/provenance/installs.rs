//! The installs that a process descends from. Must not decide whose doing a change was.

use super::facts::Manifest;
use super::managers::{Found, Run, Scene, Task, hook_of, run_of};
use super::program::Program;
use crate::model::install::{Hook, Install, Manager, Source};
use crate::model::process::{Ancestry, Elsewhere, Process};
use crate::model::provenance::{Confidence, Evidence, InstallLink};
use std::path::Path;
use std::sync::Arc;

/// How far up it looks. Nobody's honest tree is deeper.
const DEPTH: usize = 256;

/// Whether a process is a package manager that installs. What it has started by then may be looked at twice.
pub fn runs_install(process: &Process) -> bool {
    let last = process.images.len().checked_sub(1);
    last.and_then(|last| run_of(process, last)).is_some_and(|run| run.task == Task::Install)
}

/// Whether what a process runs now is a package manager, whatever that does.
pub fn runs_manager_now(process: &Process) -> bool {
    let last = process.images.len().checked_sub(1);
    last.is_some_and(|last| run_of(process, last).is_some())
}

/// Whether a process ever ran a package manager, whatever that did.
pub fn runs_manager(process: &Process) -> bool {
    (0..process.images.len()).any(|image| run_of(process, image).is_some())
}

/// The install that a process descends from, if any, as [`judge`](super::judge()) would name it: for the record of installs,
/// and for the brokers' clients.
pub fn install_of(ancestry: &Ancestry, manifest: &dyn Fn(&Path) -> Option<Manifest>) -> Option<InstallLink> {
    let found = survey(ancestry, manifest);
    found.link
}

/// What a survey of a chain finds.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// The install whose doing it is.
    pub(super) link: Option<InstallLink>,
    /// Whether a package runner (`npx`, `npm run`) started something here that is no hook.
    pub(super) has_runner: bool,
}

/// One level of the chain at which a manager stands.
struct Level {
    at: usize,
    run: Run,
    found: Option<Found>,
    /// Whether it is known that it was the manager when it forked.
    is_exact: bool,
}

/// What is known of the moment in which a process forked its child. A program can fork first and then become a
/// package manager, to have its child taken for a hook; what the child inherited tells.
struct Fork {
    /// Which of the parent's images it ran then.
    image: usize,
    /// How many of the child's images are not its own.
    inherited: usize,
    is_exact: bool,
}

impl Fork {
    fn none(process: &Process) -> Option<Self> {
        Some(Self { image: process.images.len().checked_sub(1)?, inherited: 0, is_exact: true })
    }

    fn of(parent: &Process, child: &Process) -> Option<Self> {
        let last = Self::none(parent)?;
        let Some(first) = child.images.first().filter(|_| child.is_fork_seen) else {
            return Some(Self { is_exact: false, ..last });
        };
        let image = parent.images.iter().rposition(|image| Arc::ptr_eq(image, first) || image == first);
        Some(image.map_or(Self { is_exact: false, ..last }, |image| Self {
            image,
            inherited: 1,
            is_exact: true,
        }))
    }
}

/// Looks for managers and hooks from the writer upwards.
///
/// When installs are nested, the outermost hook of something that was fetched counts: what a package's code starts is
/// that package's doing, installs of other packages included. Where the outer ones are the project's own steps (a
/// repository whose `postinstall` installs its parts), the innermost counts.
pub(super) fn survey(ancestry: &Ancestry, manifest: &dyn Fn(&Path) -> Option<Manifest>) -> Survey {
    let chain = ancestry.processes.get(..DEPTH.min(ancestry.processes.len())).unwrap_or_default();
    let mut survey = Survey::default();
    let mut levels = Vec::new();
    let mut inner: Option<Run> = None;
    for (at, process) in chain.iter().enumerate() {
        let child = at.checked_sub(1).and_then(|below| chain.get(below));
        let Some(fork) = child.map_or_else(|| Fork::none(process), |child| Fork::of(process, child)) else {
            continue;
        };
        let Some(run) = run_of(process, fork.image) else {
            inner = None;
            continue;
        };
        let passes_on = inner.replace(run.clone()).is_some_and(|inner| inner.task != Task::Other);
        let Some(child) = child else {
            if run.task == Task::Install {
                levels.push(Level { at, run, found: None, is_exact: true });
            }
            continue;
        };
        let below = chain.get(..at).unwrap_or_default();
        let own = child.images.get(fork.inherited..).unwrap_or_default();
        let found = hook_of(&Scene { run: &run, parent: process, child, own, below, manifest });
        if found.is_some() || run.task == Task::Install && !passes_on {
            levels.push(Level { at, run, found, is_exact: fork.is_exact });
        } else if !passes_on {
            survey.has_runner |= is_runner(&run);
        }
    }
    let fetched =
        |level: &&Level| level.found.as_ref().is_some_and(|found| !found.is_own && found.step.is_some());
    let chosen = levels.iter().rev().find(fetched).or_else(|| levels.first());
    if let Some(level) = chosen {
        survey.link = Some(link(ancestry, chain, level, levels.len() > 1));
    }
    survey
}

fn is_runner(run: &Run) -> bool {
    matches!(run.manager, Manager::Npm | Manager::Pnpm | Manager::Yarn | Manager::Bun | Manager::Uv)
}

fn link(ancestry: &Ancestry, chain: &[Arc<Process>], level: &Level, is_nested: bool) -> InstallLink {
    let mut evidence = Vec::new();
    let path = chain.get(..=level.at).unwrap_or_default();
    let mut confidence = descent(ancestry, path, level.is_exact, &mut evidence);
    let program = &level.run.program;
    if !is_firm(program, level.found.as_ref()) {
        evidence.push(Evidence::OddProgram);
        confidence = confidence.min(Confidence::Possible);
    } else if program.is_claim {
        confidence = confidence.min(Confidence::Likely);
    }
    if let Some(found) = &level.found {
        evidence.extend(&found.evidence);
        // What the manager gave its child at exec stands; what was only looked at later can have been changed to
        // disagree by whoever runs there.
        if found.evidence.contains(&Evidence::Contradiction) && confidence < Confidence::Proven {
            confidence = confidence.min(Confidence::Possible);
        }
        if found.is_own {
            evidence.push(Evidence::OwnScript);
        }
    }
    if level.at == 0 {
        evidence.push(Evidence::ManagerItself);
    }
    if is_nested {
        evidence.push(Evidence::Nested);
    }
    let child = level.at.checked_sub(1).and_then(|below| chain.get(below));
    let hook = level.found.clone().map(|found| Hook {
        package: found.package,
        is_consumer: found.is_consumer,
        is_own: found.is_own,
        step: found.step,
        process: child.map(|child| child.id),
    });
    InstallLink { install: install(chain, level, hook.as_ref()), hook, confidence, evidence }
}

/// How sure it is that the last of these processes began what the first one did.
fn descent(
    ancestry: &Ancestry,
    path: &[Arc<Process>],
    is_exact: bool,
    evidence: &mut Vec<Evidence>,
) -> Confidence {
    let is_seen = path.iter().all(|process| process.is_fork_seen);
    let is_linked = path.windows(2).all(|pair| match pair {
        [child, parent] => child.parent == Some(parent.id),
        _ => true,
    });
    let is_held = path.iter().any(|process| process.is_traced || process.elsewhere != Elsewhere::default());
    if is_seen && is_linked && is_exact && ancestry.is_lossless {
        evidence.push(Evidence::Descent);
        if is_held { Confidence::Likely } else { Confidence::Proven }
    } else {
        evidence.push(Evidence::SampledDescent);
        Confidence::Likely
    }
}

/// Whether the manager is one by more than its name: it lies where programs lie, or it runs a hook that all there is
/// to compare agrees on and only its title is left of its command line.
fn is_firm(program: &Program, found: Option<&Found>) -> bool {
    let agreed = found.is_some_and(|found| {
        found.evidence.contains(&Evidence::FirstChild)
            && (found.evidence.contains(&Evidence::Manifest) || found.evidence.contains(&Evidence::Directory))
    });
    if program.is_claim { agreed } else { program.is_at_home() }
}

/// The install as a person called it: `apt-get install`, also where `dpkg` does it.
fn install(chain: &[Arc<Process>], level: &Level, hook: Option<&Hook>) -> Install {
    let mut manager = level.run.manager;
    let mut at = level.at;
    let mut image = level.run.image;
    while let Some((below, above)) = chain.get(at).zip(chain.get(at + 1)) {
        let run = Fork::of(above, below).and_then(|fork| run_of(above, fork.image));
        let passes_on =
            |run: &Run| run.manager.package_type() == manager.package_type() && run.task != Task::Other;
        let Some(run) = run.filter(passes_on) else { break };
        (manager, at, image) = (run.manager, at + 1, run.image);
    }
    let mut install = Install::new(manager, Source::Seen);
    if let Some(process) = chain.get(at) {
        let called = process.images.get(image);
        install.process = Some(process.id);
        install.command_line = called.map(|image| image.args.clone()).unwrap_or_default();
        install.directory = called.and_then(|image| image.directory.clone());
        install.user = process.credentials.map(|who| who.effective);
        install.started = process.started;
        install.ended = process.ended.map(|(when, _)| when);
    }
    install.packages =
        hook.filter(|hook| !hook.is_consumer).and_then(|hook| hook.package.clone()).into_iter().collect();
    install.has_scripts = hook.map(|_| true);
    install.hooks = hook.cloned().into_iter().collect();
    install
}
