//! apt and dpkg: maintainer scripts. Seen with dpkg 1.21 and apt 2.6.

use super::{Found, Scene, Task, command};
use crate::model::install::{Manager, Package, Step};
use crate::model::provenance::Evidence;
use crate::provenance::program::Program;
use std::path::Path;

const APT: [&str; 11] = [
    "install",
    "upgrade",
    "dist-upgrade",
    "full-upgrade",
    "safe-upgrade",
    "remove",
    "purge",
    "autoremove",
    "reinstall",
    "build-dep",
    "satisfy",
];

const STEPS: [Step; 5] = [Step::Preinst, Step::Postinst, Step::Prerm, Step::Postrm, Step::Config];

pub(super) fn recognise(program: &Program) -> Option<(Manager, Task)> {
    match program.name.as_str() {
        "dpkg" => Some((Manager::Dpkg, Task::Install)),
        "apt" | "apt-get" | "aptitude" => {
            Some((Manager::Apt, if command(program, &APT).is_some() { Task::Install } else { Task::Other }))
        }
        "unattended-upgrade" | "unattended-upgrades" | "packagekitd" => Some((Manager::Apt, Task::Install)),
        _ => None,
    }
}

pub(super) fn hook(scene: &Scene<'_>) -> Option<Found> {
    let first = scene.first()?;
    let script = first.args.iter().take(3).find_map(|word| script(Path::new(&word.reveal())));
    let called = scene.variable("DPKG_MAINTSCRIPT_PACKAGE");
    let step = scene.variable("DPKG_MAINTSCRIPT_NAME").and_then(|name| Step::from_word(&name));
    let step = step.filter(|step| STEPS.contains(step));
    let (placed, of_script) = script?;
    let mut evidence = Vec::new();
    if called.is_some() {
        evidence.push(Evidence::FirstChild);
    }
    if placed.is_some() && (placed == called || called.is_none()) {
        evidence.push(Evidence::Directory);
    }
    let name = called.or(placed);
    let package = name.and_then(|name| Package::new(&name, None)).map(|package| package.scripts(Some(true)));
    Some(Found { package, step: step.or(Some(of_script)), evidence, ..Found::default() })
}

/// `/var/lib/dpkg/info/PACKAGE.postinst`, or `/var/lib/dpkg/tmp.ci/preinst` before it is unpacked.
fn script(path: &Path) -> Option<(Option<String>, Step)> {
    let folder = path.parent()?.file_name()?.to_str()?;
    let name = path.file_name()?.to_str()?;
    let known = |word: &str| Step::from_word(word).filter(|step| STEPS.contains(step));
    match folder {
        "info" => {
            let (package, step) = name.rsplit_once('.')?;
            let package = package.split(':').next().unwrap_or(package);
            Some((Some(package.to_owned()), known(step)?))
        }
        "tmp.ci" => Some((None, known(name)?)),
        _ => None,
    }
}
