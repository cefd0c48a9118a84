//! Where receipts lie. Must not look there.

use super::Kind;
use std::path::{Path, PathBuf};

/// Where to look for a kind of receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What it would be.
    pub kind: Kind,
    /// A directory that may be there.
    pub root: PathBuf,
    /// The way from there, a name a step; `*` in a name stands for anything: see [`fits`].
    pub steps: &'static [&'static str],
}

/// Whether a name fits a step of a [`Place`].
pub fn fits(step: &str, name: &str) -> bool {
    let Some((start, rest)) = step.split_once('*') else { return step == name };
    let Some(mut name) = name.strip_prefix(start) else { return false };
    let mut rest = rest;
    while let Some((middle, end)) = rest.split_once('*') {
        let Some(at) = name.find(middle) else { return false };
        name = name.get(at + middle.len()..).unwrap_or_default();
        rest = end;
    }
    name.ends_with(rest)
}

const HOME: &[(Kind, &[&str])] = &[
    (Kind::NpmLog, &[".npm", "_logs", "*-debug-*.log"]),
    (Kind::NpmLock, &[".npm", "_npx", "*", "node_modules", ".package-lock.json"]),
    (Kind::NpmLock, &[".nvm", "versions", "node", "*", "lib", "node_modules", ".package-lock.json"]),
    (Kind::BunLock, &[".bun", "install", "global", "bun.lock"]),
    (Kind::CargoCrates, &[".cargo", ".crates2.json"]),
    (Kind::UvReceipt, &[".local", "share", "uv", "tools", "*", "uv-receipt.toml"]),
    (Kind::PythonDistInfo, &[".local", "lib", "python3*", "site-packages", "*.dist-info"]),
    (Kind::PythonDistInfo, &[".pyenv", "versions", "*", "lib", "python3*", "site-packages", "*.dist-info"]),
    (Kind::GemSpecification, &[".local", "share", "gem", "ruby", "*", "specifications", "*.gemspec"]),
    (Kind::GemSpecification, &[".gem", "ruby", "*", "specifications", "*.gemspec"]),
    (Kind::ComposerInstalled, &[".config", "composer", "vendor", "composer", "installed.json"]),
    (Kind::ComposerInstalled, &[".composer", "vendor", "composer", "installed.json"]),
];

const PROJECT: &[(Kind, &[&str])] = &[
    (Kind::NpmLock, &["node_modules", ".package-lock.json"]),
    (Kind::PnpmModules, &["node_modules", ".modules.yaml"]),
    (Kind::YarnIntegrity, &["node_modules", ".yarn-integrity"]),
    (Kind::YarnState, &["node_modules", ".yarn-state.yml"]),
    (Kind::BunLock, &["bun.lock"]),
    (Kind::PythonDistInfo, &[".venv", "lib", "python3*", "site-packages", "*.dist-info"]),
    (Kind::PythonDistInfo, &["venv", "lib", "python3*", "site-packages", "*.dist-info"]),
    (Kind::ComposerInstalled, &["vendor", "composer", "installed.json"]),
];

const SYSTEM: &[(Kind, &str, &[&str])] = &[
    (Kind::DpkgLog, "/var/log", &["dpkg.log"]),
    (Kind::AptHistory, "/var/log/apt", &["history.log"]),
    (Kind::NpmLock, "/usr/lib/node_modules", &[".package-lock.json"]),
    (Kind::NpmLock, "/usr/local/lib/node_modules", &[".package-lock.json"]),
    (Kind::PythonDistInfo, "/usr/local/lib", &["python3*", "*-packages", "*.dist-info"]),
    (Kind::GemSpecification, "/var/lib/gems", &["*", "specifications", "*.gemspec"]),
    (Kind::BrewReceipt, "/opt/homebrew/Cellar", &["*", "*", "INSTALL_RECEIPT.json"]),
    (Kind::BrewReceipt, "/usr/local/Cellar", &["*", "*", "INSTALL_RECEIPT.json"]),
    (Kind::BrewReceipt, "/home/linuxbrew/.linuxbrew/Cellar", &["*", "*", "INSTALL_RECEIPT.json"]),
];

/// Where an account's package managers leave theirs.
pub fn of_home(home: &Path) -> Vec<Place> {
    HOME.iter().map(|(kind, steps)| Place { kind: *kind, root: home.to_owned(), steps }).collect()
}

/// Where those of one project do.
pub fn of_project(project: &Path) -> Vec<Place> {
    PROJECT.iter().map(|(kind, steps)| Place { kind: *kind, root: project.to_owned(), steps }).collect()
}

/// Where those of the system do.
pub fn of_system() -> Vec<Place> {
    SYSTEM.iter().map(|(kind, root, steps)| Place { kind: *kind, root: PathBuf::from(root), steps }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_their_steps() {
        for (step, name, expected) in [
            ("*.dist-info", "a-1.0.dist-info", true),
            ("*-debug-*.log", "2026-11-21T15_22_10_681Z-debug-0.log", true),
            ("*-debug-*.log", "eresolve-report.txt", false),
            ("python3*", "python3.11", true),
            ("*", "anything", true),
            ("bun.lock", "bun.lockb", false),
        ] {
            assert_eq!(fits(step, name), expected, "{step} {name}");
        }
        let places = [of_home(Path::new("/h")), of_project(Path::new("/p")), of_system()].concat();
        assert!(Kind::ALL.iter().all(|kind| places.iter().any(|place| place.kind == *kind)));
    }
}
