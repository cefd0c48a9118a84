//! cargo: build scripts and macros run while it builds. Seen with cargo 1.95.

use super::{Found, Scene, Task, folders, owned};
use crate::model::install::{Manager, Package, Step};
use crate::model::process::Process;
use crate::model::provenance::Evidence;
use crate::provenance::program::Program;
use std::path::{Path, PathBuf};

/// The compiler, and what cargo puts before it.
const COMPILERS: [&str; 5] = ["rustc", "clippy-driver", "sccache", "rustdoc", "cachepot"];

/// What the compiler calls to link: not a macro.
const LINKERS: [&str; 9] = ["cc", "gcc", "clang", "ld", "lld", "collect2", "rust-lld", "link", "mold"];

pub(super) fn recognise(program: &Program) -> Option<(Manager, Task)> {
    // Whatever cargo is asked for, it builds first; what it then runs is no hook.
    (program.name.trim_end_matches(".exe") == "cargo").then_some((Manager::Cargo, Task::Fetch))
}

pub(super) fn hook(scene: &Scene<'_>) -> Option<Found> {
    let name = scene.child.name()?;
    let name = name.trim_end_matches(".exe");
    let version = scene.variable("CARGO_PKG_VERSION");
    let package = scene.variable("CARGO_PKG_NAME").and_then(|name| Package::new(&name, version.as_deref()));
    let directory = scene.variable("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let mut evidence = Vec::new();
    if package.is_some() {
        evidence.push(Evidence::FirstChild);
    }
    if is_build_script(scene.child) {
        let named = package.or_else(|| package_of_output(scene.child.executable()?));
        let package = named.map(|package| package.directory(directory.clone()).scripts(Some(true)));
        let is_own = directory.as_deref().is_some_and(|directory| !is_fetched(directory))
            && scene
                .called_in()
                .zip(directory.as_deref())
                .is_some_and(|(here, there)| there.starts_with(here));
        return Some(Found { package, step: Some(Step::BuildScript), is_own, evidence, is_consumer: false });
    }
    if COMPILERS.contains(&name) {
        let next = scene.below.len().checked_sub(2).and_then(|at| scene.below.get(at));
        if next.and_then(|process| process.name()).is_some_and(|name| LINKERS.contains(&name.as_str())) {
            return Some(Found { package: None, ..Found::default() });
        }
        let package = package.map(|package| package.directory(owned(directory.as_deref())));
        return Some(Found { package, is_consumer: true, step: Some(Step::Macro), evidence, is_own: false });
    }
    None
}

/// `target/…/build/NAME-<hash>/build-script-build`.
fn is_build_script(process: &Process) -> bool {
    process.executable().is_some_and(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("build-script-") && folders(path).contains(&"build")
    })
}

/// The package that cargo's own folder names: `NAME-<16 digits>`.
fn package_of_output(path: &Path) -> Option<Package> {
    let folder = path.parent()?.file_name()?.to_str()?;
    let (name, digits) = folder.rsplit_once('-')?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| Package::new(name, None)).flatten()
}

/// Whether cargo put it there.
fn is_fetched(directory: &Path) -> bool {
    let folders = folders(directory);
    folders.windows(2).any(|pair| {
        matches!(pair, ["registry", "src"] | ["git", "checkouts"]) || pair == [".cargo", "registry"]
    })
}
