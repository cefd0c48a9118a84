//! composer: plugins run inside it, scripts below it. Seen with composer 2.5.

use super::{Found, Scene, Task, command, folders, owned};
use crate::model::install::{Manager, Package};
use crate::model::provenance::Evidence;
use crate::provenance::program::Program;
use std::path::Path;

const INSTALL: [&str; 12] = [
    "install",
    "i",
    "update",
    "u",
    "upgrade",
    "require",
    "r",
    "create-project",
    "reinstall",
    "remove",
    "rm",
    "global",
];

pub(super) fn recognise(program: &Program) -> Option<(Manager, Task)> {
    if !matches!(program.name.as_str(), "composer" | "composer.phar" | "composer.php") {
        return None;
    }
    let ran = command(program, &["run-script", "run", "exec"]).is_some();
    let installs = !ran && command(program, &INSTALL).is_some();
    Some((Manager::Composer, if installs { Task::Install } else { Task::Other }))
}

pub(super) fn hook(scene: &Scene<'_>) -> Option<Found> {
    if scene.run.task != Task::Install {
        return None;
    }
    let directory = scene.directory()?;
    let package = package_of(directory).and_then(|name| Package::new(&name, None));
    let package = package.map(|package| package.directory(owned(Some(directory))).scripts(Some(true)));
    let evidence = package.iter().map(|_| Evidence::Directory).collect();
    Some(Found { package, evidence, ..Found::default() })
}

/// `…/vendor/VENDOR/NAME/…`.
fn package_of(directory: &Path) -> Option<String> {
    folders(directory).windows(3).rev().find_map(|three| match three {
        ["vendor", vendor, name] => Some(format!("{vendor}/{name}")),
        _ => None,
    })
}
