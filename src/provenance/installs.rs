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
    run_of(process).is_some_and(|run| run.task == Task::Install)
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
    /// How many processes lie below and in that install's hook, the writer included.
    pub(super) depth: usize,
    /// Whether a package runner (`npx`, `npm run`) started something here that is no hook.
    pub(super) has_runner: bool,
}

/// One level of the chain at which a manager stands.
struct Level {
    at: usize,
    run: Run,
    found: Option<Found>,
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
    for (at, process) in chain.iter().enumerate() {
        let Some(run) = run_of(process) else { continue };
        let Some(child) = at.checked_sub(1).and_then(|below| chain.get(below)) else {
            if run.task == Task::Install {
                levels.push(Level { at, run, found: None });
            }
            continue;
        };
        let below = chain.get(..at).unwrap_or_default();
        let found = hook_of(&Scene { run: &run, parent: process, child, below, manifest });
        let passes_on = found.is_none() && run_of(child).is_some_and(|inner| inner.task != Task::Other);
        if found.is_some() || run.task == Task::Install && !passes_on {
            levels.push(Level { at, run, found });
        } else if !passes_on {
            survey.has_runner |= is_runner(&run);
        }
    }
    let fetched =
        |level: &&Level| level.found.as_ref().is_some_and(|found| !found.is_own && found.step.is_some());
    let chosen = levels.iter().rev().find(fetched).or_else(|| levels.first());
    if let Some(level) = chosen {
        survey.depth = level.at;
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
    let mut confidence = descent(ancestry, path, &mut evidence);
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
fn descent(ancestry: &Ancestry, path: &[Arc<Process>], evidence: &mut Vec<Evidence>) -> Confidence {
    let is_seen = path.iter().all(|process| process.is_fork_seen);
    let is_linked = path.windows(2).all(|pair| match pair {
        [child, parent] => child.parent == Some(parent.id),
        _ => true,
    });
    let is_held = path.iter().any(|process| process.is_traced || process.elsewhere != Elsewhere::default());
    if is_seen && is_linked && ancestry.is_lossless {
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
    while let Some(above) = chain.get(at + 1) {
        let Some(run) = run_of(above).filter(|run| run.task == Task::Install || run.manager == manager)
        else {
            break;
        };
        let passed_on = run.manager.package_type() == manager.package_type();
        if !passed_on || run.task == Task::Other {
            break;
        }
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
