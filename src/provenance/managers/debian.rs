//! apt and dpkg: maintainer scripts. Seen with dpkg 1.21 and apt 2.6.

use super::{Found, Scene, Task, command};
use crate::model::install::{Manager, Package, Step};
use crate::model::provenance::Evidence;
use crate::provenance::program::Program;
use std::path::{Path, PathBuf};

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

/// What dpkg does to packages, or lets others order; all else that it is asked for only tells.
const DPKG: [&str; 7] =
    ["--install", "--unpack", "--configure", "--triggers-only", "--remove", "--purge", "--command-fd"];

const STEPS: [Step; 5] = [Step::Preinst, Step::Postinst, Step::Prerm, Step::Postrm, Step::Config];

pub(super) fn recognise(program: &Program) -> Option<(Manager, Task)> {
    match program.name.as_str() {
        "dpkg" => Some((Manager::Dpkg, if changes(program) { Task::Install } else { Task::Other })),
        "apt" | "apt-get" | "aptitude" => {
            Some((Manager::Apt, if command(program, &APT).is_some() { Task::Install } else { Task::Other }))
        }
        "unattended-upgrade" | "unattended-upgrades" | "packagekitd" => Some((Manager::Apt, Task::Install)),
        _ => None,
    }
}

/// Whether dpkg was asked to change something. Its short options may stand together: `-iG`.
fn changes(program: &Program) -> bool {
    let short = |word: &&str| word.starts_with('-') && !word.starts_with("--");
    let words = || program.arguments.iter().map(String::as_str).take_while(|word| *word != "--");
    command(program, &DPKG).is_some() || words().filter(short).any(|word| word.contains(['i', 'r', 'P']))
}

pub(super) fn hook(scene: &Scene<'_>) -> Option<Found> {
    let first = scene.first()?;
    let mut called_as = first.args.iter().take(3).map(|word| PathBuf::from(word.reveal()));
    let (file, (placed, of_script)) = called_as.find_map(|file| script(&file).map(|found| (file, found)))?;
    let called = scene.variable("DPKG_MAINTSCRIPT_PACKAGE");
    let step = scene.variable("DPKG_MAINTSCRIPT_NAME").and_then(|name| Step::from_word(&name));
    let step = step.filter(|step| STEPS.contains(step));
    let mut evidence = Vec::new();
    if called.is_some() {
        evidence.push(Evidence::FirstChild);
    }
    if placed.is_some() && (placed == called || called.is_none()) {
        evidence.push(Evidence::Directory);
    }
    let name = called.or(placed);
    // The version stands in dpkg's record only, under its own directory; before it is unpacked, beside the script.
    let beside = file.parent().filter(|folder| folder.is_absolute());
    let of_package = |name: &String| match beside {
        Some(folder) if folder.ends_with("info") => (scene.manifest)(&folder.join(name)),
        Some(folder) => (scene.manifest)(folder),
        None => None,
    };
    let told = name.as_ref().and_then(of_package).filter(|told| told.name == name);
    let version = told.and_then(|told| told.version);
    let package = name.and_then(|name| Package::new(&name, version.as_deref()));
    let package = package.map(|package| package.scripts(Some(true)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_tells_is_no_install() {
        for (name, arguments, expected) in [
            ("dpkg", "-i left.deb", Task::Install),
            ("dpkg", "-iGE left.deb", Task::Install),
            ("dpkg", "--status-fd 9 --no-triggers --unpack --auto-deconfigure left.deb", Task::Install),
            ("dpkg", "--configure -a", Task::Install),
            ("dpkg", "-P left", Task::Install),
            ("dpkg", "--print-foreign-architectures", Task::Other),
            ("dpkg", "-l left-i", Task::Other),
            ("dpkg", "-S -- -i", Task::Other),
            ("dpkg", "", Task::Other),
            ("apt-get", "-y install left", Task::Install),
            ("apt-get", "update", Task::Other),
        ] {
            let program = Program {
                name: name.into(),
                interpreter: None,
                path: None,
                arguments: arguments.split_whitespace().map(str::to_owned).collect(),
                is_claim: false,
            };
            assert_eq!(recognise(&program).unwrap().1, expected, "{name} {arguments}");
        }
    }
}
