//! pip and uv: what runs is the build of a source distribution. A wheel runs nothing. Seen with pip 23 and 24, uv 0.13.

use super::{Found, Scene, Task, command, folders, owned, same_name};
use crate::model::install::{Manager, Package, Step};
use crate::model::provenance::Evidence;
use crate::provenance::program::Program;
use std::path::Path;

/// pip's commands that build what they fetch.
const PIP: [&str; 4] = ["install", "wheel", "download", "lock"];

/// Those of uv.
const UV: [&str; 8] = ["sync", "add", "remove", "lock", "install", "upgrade", "compile", "build"];

pub(super) fn recognise(program: &Program) -> Option<(Manager, Task)> {
    let stem = program.name.trim_end_matches(".exe");
    let is_pip = stem == "__pip-runner__.py"
        || stem.strip_prefix("pip").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    if is_pip {
        let installs = command(program, &PIP).is_some();
        return Some((Manager::Pip, if installs { Task::Install } else { Task::Other }));
    }
    match stem {
        "uv" if program.arguments.iter().any(|word| word == "run") => Some((Manager::Uv, Task::Fetch)),
        "uv" => {
            Some((Manager::Uv, if command(program, &UV).is_some() { Task::Install } else { Task::Fetch }))
        }
        "uvx" => Some((Manager::Uv, Task::Fetch)),
        _ => None,
    }
}

pub(super) fn hook(scene: &Scene<'_>) -> Option<Found> {
    let first = scene.first()?;
    let called = first.args.first().map(|text| text.reveal()).unwrap_or_default();
    let is_build_of = |word: &str| word.ends_with("_in_process.py") || word.ends_with("setup.py");
    let is_build = scene.variable("PEP517_BUILD_BACKEND").is_some()
        || scene.variable("UV_INTERNAL__BUILD_DIR").is_some()
        || called.contains("/builds-v0/")
        || first.args.iter().take(4).any(|word| is_build_of(&word.reveal()))
        || scene.directory().is_some_and(|directory| unpacked(directory).is_some());
    if !is_build {
        return None;
    }
    let build = scene.variable("UV_INTERNAL__BUILD_DIR");
    let directory = build.as_deref().map(Path::new).or_else(|| scene.directory());
    // pip unpacks what it fetched by name into a folder of that name; the manifest inside is the author's word.
    let placed = directory.and_then(unpacked).flatten();
    let manifest = directory.and_then(|directory| (scene.manifest)(directory));
    let told = manifest.as_ref().and_then(|manifest| manifest.name.clone());
    let mut evidence = Vec::new();
    match (&placed, &told) {
        (Some(placed), Some(told)) if same_name(placed, told) => {
            evidence.extend([Evidence::Directory, Evidence::Manifest]);
        }
        (Some(_), Some(_)) => evidence.extend([Evidence::Directory, Evidence::Contradiction]),
        (Some(_), None) => evidence.push(Evidence::Directory),
        (None, Some(_)) => evidence.push(Evidence::Manifest),
        (None, None) => {}
    }
    let agrees = placed.is_none() || evidence.contains(&Evidence::Manifest);
    let version = manifest.filter(|_| agrees).and_then(|manifest| manifest.version);
    let package = placed
        .or(told)
        .and_then(|name| Package::new(&name, version.as_deref()))
        .map(|package| package.directory(owned(directory)).scripts(Some(true)));
    Some(Found { package, step: Some(Step::Build), evidence, ..Found::default() })
}

/// Whether pip unpacks here, and the name of what it fetched by name: `/tmp/pip-install-x/NAME_<32 digits>`.
fn unpacked(directory: &Path) -> Option<Option<String>> {
    let folders = folders(directory);
    if folders.iter().any(|name| name.starts_with("pip-req-build-")) {
        return Some(None);
    }
    let at = folders.iter().position(|name| name.starts_with("pip-install-"))?;
    let folder = folders.get(at + 1)?;
    let name = folder
        .rsplit_once('_')
        .filter(|(_, digits)| digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    Some(Some(name.map_or(*folder, |(name, _)| name).to_owned()))
}
