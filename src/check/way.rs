//! The way through a home: every surface in the order in which it was found. As long as it starts from the same
//! place and nothing on it names anything new, the next reading goes it again. Must not read documents.

use super::place::Place;
use crate::baseline::Baseline;
use crate::model::digest::Digest;
use crate::model::subject::Subject;
use crate::model::surface::{Scope, Surface};
use crate::surface::claude_code::Layout;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The steps, in order.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) starts: Starts,
    steps: Vec<Surface>,
    /// The steps' numbers by their files' names: 10,000 projects have 40,000 steps, and a rewrite is of one.
    by_file: Vec<u32>,
}

/// What the way depends on before the first file is read.
#[derive(Debug, PartialEq)]
pub(super) struct Starts {
    layout: Layout,
    pub(super) drop_ins: Vec<PathBuf>,
    /// Which projects were approved: thousands, and the surfaces name them too.
    projects: Digest,
}

impl Way {
    pub(super) fn new(starts: Starts, steps: Vec<Surface>) -> Self {
        let mut by_file: Vec<u32> = (0..).zip(&steps).map(|(step, _)| step).collect();
        by_file.sort_unstable_by(|a, b| name(&steps, *a).cmp(&name(&steps, *b)));
        Self { starts, steps, by_file }
    }

    pub(super) fn steps(&self) -> &[Surface] {
        &self.steps
    }

    pub(super) fn step(&self, step: usize) -> Option<&Surface> {
        self.steps.get(step)
    }

    /// The steps that read this file: none, or one.
    pub(super) fn steps_of(&self, file: &Path) -> impl Iterator<Item = usize> {
        let wanted = Some(file.as_os_str());
        let first = self.by_file.partition_point(|step| name(&self.steps, *step) < wanted);
        let of_file = self.by_file.iter().skip(first);
        of_file.take_while(move |step| name(&self.steps, **step) == wanted).map(|step| *step as usize)
    }
}

fn name(steps: &[Surface], step: u32) -> Option<&std::ffi::OsStr> {
    steps.get(step as usize).map(|surface| surface.file.as_os_str())
}

impl Starts {
    /// What the way depends on, and the projects that were approved.
    pub(super) fn of(place: Place<'_>) -> (Self, Vec<Arc<Path>>) {
        let Place { files, layout, baseline, .. } = place;
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
        let projects = approved_projects(baseline);
        let mut names = Vec::new();
        for project in &projects {
            names.extend_from_slice(project.as_os_str().as_encoded_bytes());
            names.push(0);
        }
        (Self { layout: layout.clone(), drop_ins, projects: Digest::of(&names) }, projects)
    }
}

/// Projects that were approved are looked at even when no file names them any more.
fn approved_projects(baseline: &Baseline) -> Vec<Arc<Path>> {
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
        .map(|project| Path::new(project).into())
        .collect()
}
