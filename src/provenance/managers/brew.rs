//! Homebrew: a formula's code runs in a `ruby` of its own. Written from its sources, not seen.

use super::{Found, Scene, Task, command, folders, owned};
use crate::model::install::{Manager, Package, Step};
use crate::model::provenance::Evidence;
use crate::provenance::program::Program;
use std::path::Path;

const INSTALL: [&str; 6] = ["install", "reinstall", "upgrade", "postinstall", "bundle", "update"];

/// The scripts in which it runs a formula.
const RUNNERS: [&str; 3] = ["build.rb", "postinstall.rb", "test.rb"];

pub(super) fn recognise(program: &Program) -> Option<(Manager, Task)> {
    if !matches!(program.name.as_str(), "brew" | "brew.rb" | "brew.sh") {
        return None;
    }
    let installs = command(program, &INSTALL).is_some();
    Some((Manager::Brew, if installs { Task::Install } else { Task::Other }))
}

pub(super) fn hook(scene: &Scene<'_>) -> Option<Found> {
    let words: Vec<String> = scene.first()?.args.iter().take(32).map(|word| word.reveal()).collect();
    let file = |word: &String| Path::new(word).file_name().map(|name| name.to_string_lossy().into_owned());
    let runner =
        words.iter().position(|word| file(word).is_some_and(|name| RUNNERS.contains(&name.as_str())))?;
    let prefix = scene.variable("HOMEBREW_FORMULA_PREFIX");
    let kept = prefix.as_deref().and_then(|prefix| keg(Path::new(prefix)));
    let named = words.iter().skip(runner + 1).find_map(|word| word.strip_suffix(".rb"));
    let named = named.and_then(|path| path.rsplit('/').next()).map(str::to_owned);
    let mut evidence = Vec::new();
    if kept.is_some() || named.is_some() {
        evidence.push(Evidence::FirstChild);
    }
    let (name, version) = kept.map_or((named, None), |(name, version)| (Some(name), Some(version)));
    let package = name.and_then(|name| Package::new(&name, version.as_deref()));
    let package = package.map(|package| package.directory(owned(scene.directory())).scripts(Some(true)));
    Some(Found { package, step: Some(Step::Formula), evidence, ..Found::default() })
}

/// `…/Cellar/NAME/VERSION`.
fn keg(prefix: &Path) -> Option<(String, String)> {
    folders(prefix).windows(3).find_map(|three| match three {
        ["Cellar", name, version] => Some(((*name).to_owned(), (*version).to_owned())),
        _ => None,
    })
}
