//! Package managers, a file each family: is this program one, does this command install, is that child a hook. Must
//! not weigh what it finds.

mod brew;
mod claim;
mod debian;
mod node;
mod php;
mod python;
mod ruby;
mod rust;

pub(super) use self::claim::claim_of;

use super::facts::Manifest;
use super::program::Program;
use crate::model::install::{Manager, Package, Step};
use crate::model::process::{Image, Process};
use crate::model::provenance::Evidence;
use std::path::{Component, Path, PathBuf};

/// What a manager was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// To install: whatever runs below it, runs because of that.
    Install,
    /// To run a program, which it may have to fetch or build first: only the hooks of what it fetches are installs.
    Fetch,
    /// Something else.
    Other,
}

/// A manager's run.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) manager: Manager,
    pub(super) task: Task,
    pub(super) program: Program,
    /// Which of its images that is.
    pub(super) image: usize,
}

/// A hook that was recognised, and what named it.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) package: Option<Package>,
    pub(super) is_consumer: bool,
    pub(super) is_own: bool,
    pub(super) step: Option<Step>,
    pub(super) evidence: Vec<Evidence>,
}

/// What is known when a hook is looked for.
pub(super) struct Scene<'s> {
    pub(super) run: &'s Run,
    /// The manager.
    pub(super) parent: &'s Process,
    /// Its child, through which the writer descends.
    pub(super) child: &'s Process,
    /// What that child executed itself, without what it inherited.
    pub(super) own: &'s [std::sync::Arc<Image>],
    /// What lies between that child and the writer, the child last.
    pub(super) below: &'s [std::sync::Arc<Process>],
    pub(super) manifest: &'s dyn Fn(&Path) -> Option<Manifest>,
}

impl Scene<'_> {
    /// What the child was at its first exec: its manager decided that, not the package.
    pub(super) fn first(&self) -> Option<&Image> {
        self.own.first().map(std::sync::Arc::as_ref)
    }

    /// The directory in which the manager started it.
    pub(super) fn directory(&self) -> Option<&Path> {
        self.first()?.directory.as_deref()
    }

    /// A variable that the manager gave it.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.first()?.environment.get(name).map(|value| value.reveal()).filter(|value| !value.is_empty())
    }

    /// The directory in which the manager itself was called.
    pub(super) fn called_in(&self) -> Option<&Path> {
        self.parent.images.get(self.run.image)?.directory.as_deref()
    }
}

/// The manager that a process was while it ran that image.
pub(super) fn run_of(process: &Process, image: usize) -> Option<Run> {
    let program = Program::of(process.images.get(image)?)?;
    let (manager, task) = recognise(&program)?;
    Some(Run { manager, task, program, image })
}

fn recognise(program: &Program) -> Option<(Manager, Task)> {
    node::recognise(program)
        .or_else(|| python::recognise(program))
        .or_else(|| rust::recognise(program))
        .or_else(|| ruby::recognise(program))
        .or_else(|| php::recognise(program))
        .or_else(|| brew::recognise(program))
        .or_else(|| debian::recognise(program))
}

/// The hook that a manager's child is; `None` when it is none.
pub(super) fn hook_of(scene: &Scene<'_>) -> Option<Found> {
    match scene.run.manager {
        Manager::Npm | Manager::Pnpm | Manager::Yarn | Manager::Bun => node::hook(scene),
        Manager::Pip | Manager::Uv => python::hook(scene),
        Manager::Cargo => rust::hook(scene),
        Manager::Gem => ruby::hook(scene),
        Manager::Composer => php::hook(scene),
        Manager::Brew => brew::hook(scene),
        Manager::Apt | Manager::Dpkg => debian::hook(scene),
    }
}

/// The first argument that is one of these commands. What stands before it are options and their values.
fn command<'p>(program: &'p Program, known: &[&str]) -> Option<&'p str> {
    program
        .arguments
        .iter()
        .map(String::as_str)
        .take_while(|argument| *argument != "--")
        .find(|argument| known.contains(argument))
}

/// The names of a path's folders.
fn folders(path: &Path) -> Vec<&str> {
    path.components()
        .filter_map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        })
        .collect()
}

/// `name-1.2.3`, taken apart where the version begins.
fn name_and_version(text: &str) -> Option<(&str, &str)> {
    let at = text
        .match_indices('-')
        .find(|(at, _)| text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit))?;
    let (name, version) = (text.get(..at.0)?, text.get(at.0 + 1..)?);
    (!name.is_empty()).then_some((name, version))
}

/// Names as Python and Ruby compare them.
fn same_name(one: &str, other: &str) -> bool {
    let plain = |name: &str| name.to_ascii_lowercase().replace(['_', '.'], "-");
    plain(one) == plain(other)
}

fn owned(path: Option<&Path>) -> Option<PathBuf> {
    path.map(Path::to_owned)
}
