//! gem and bundler: native extensions are made while a gem is installed. Seen with gem 3.3.

use super::{Found, Scene, Task, command, folders, name_and_version, owned};
use crate::model::install::{Manager, Package, Step};
use crate::model::provenance::Evidence;
use crate::provenance::program::Program;
use std::path::Path;

const INSTALL: [&str; 10] =
    ["install", "i", "in", "ins", "update", "up", "add", "pristine", "rebuild", "setup"];

pub(super) fn recognise(program: &Program) -> Option<(Manager, Task)> {
    let stem = program.name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if !matches!(stem, "gem" | "bundle" | "bundler") {
        return None;
    }
    let alone = stem != "gem" && program.arguments.iter().all(|word| word.starts_with('-'));
    let installs = alone || command(program, &INSTALL).is_some() && command(program, &["exec"]).is_none();
    Some((Manager::Gem, if installs { Task::Install } else { Task::Other }))
}

pub(super) fn hook(scene: &Scene<'_>) -> Option<Found> {
    if scene.run.task != Task::Install {
        return None;
    }
    let directory = scene.directory()?;
    let (name, version) = gem_of(directory)?;
    let package = Package::new(&name, Some(&version))
        .map(|package| package.directory(owned(Some(directory))).scripts(Some(true)));
    Some(Found {
        package,
        step: Some(Step::Extension),
        evidence: vec![Evidence::FirstChild, Evidence::Directory],
        ..Found::default()
    })
}

/// `…/gems/NAME-VERSION/…`.
fn gem_of(directory: &Path) -> Option<(String, String)> {
    let folders = folders(directory);
    let pairs = folders.windows(2).rev();
    let gem = pairs.filter_map(|pair| match pair {
        ["gems", gem] => name_and_version(gem),
        _ => None,
    });
    gem.map(|(name, version)| (name.to_owned(), version.to_owned())).next()
}
