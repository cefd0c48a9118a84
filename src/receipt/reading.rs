//! What comes of reading a receipt: installs, and what was wrong. Must not know any package manager.

use crate::model::install::{Install, Manager, Package, Source};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::fmt;
use std::path::{Path, PathBuf};

/// The most bytes of a receipt that are looked at.
pub const LIMIT: usize = 8 << 20;

/// The most packages that one install keeps. Those with install scripts come first.
pub(super) const PACKAGES: usize = 512;

/// The most installs that one receipt tells of: the latest.
pub(super) const INSTALLS: usize = 256;

/// Installs by the same manager in the same place with no longer a pause between them are one.
const PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// What the file itself does not say.
#[derive(Clone, Debug)]
pub struct Circumstances {
    /// When it was written last. Most receipts hold no time of their own.
    pub modified: Option<Timestamp>,
    /// Whose it is.
    pub owner: Option<u32>,
    /// The zone of this machine: some logs are written in local time.
    pub zone: TimeZone,
}

/// Why a receipt, or a part of it, was not understood. Quotes nothing of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problem {
    /// Which file.
    pub file: PathBuf,
    /// In which line, from 1.
    pub line: Option<usize>,
    /// At which column, from 1.
    pub column: Option<usize>,
    /// What is wrong.
    pub what: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        for place in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{place}")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl Problem {
    /// Something is wrong with the file as a whole.
    pub(super) fn new(file: &Path, what: &'static str) -> Self {
        Self { file: file.to_owned(), line: None, column: None, what }
    }

    /// Something is wrong in a line.
    pub(super) fn at(file: &Path, line: usize, what: &'static str) -> Self {
        Self { line: Some(line), ..Self::new(file, what) }
    }
}

/// What a receipt says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The installs, in the file's order.
    pub installs: Vec<Install>,
    /// The first thing that was not understood. What else there was is in [`Reading::installs`] nevertheless.
    pub problem: Option<Problem>,
}

impl Reading {
    /// Nothing could be made of it.
    pub(super) fn refused(problem: Problem) -> Self {
        Self { installs: Vec::new(), problem: Some(problem) }
    }

    /// One install.
    pub(super) fn of(install: Install) -> Self {
        Self { installs: vec![install], problem: None }
    }
}

/// An install that such a file speaks of.
pub(super) fn install(
    manager: Manager,
    file: &Path,
    directory: Option<&Path>,
    around: &Circumstances,
) -> Install {
    let mut install = Install::new(manager, Source::Receipt(file.to_owned()));
    install.directory = directory.map(Path::to_owned);
    install.ended = around.modified;
    install.user = around.owner;
    install
}

/// Gives an install its packages: those with scripts first, not more than there is room for.
pub(super) fn put(install: &mut Install, mut packages: Vec<Package>) {
    packages.sort_by_key(|package| package.has_scripts != Some(true));
    install.has_scripts = packages
        .first()
        .and_then(|first| first.has_scripts)
        .or_else(|| packages.iter().find_map(|package| package.has_scripts));
    packages.truncate(PACKAGES);
    install.packages = packages;
}

/// A JSON document.
pub(super) fn json(file: &Path, bytes: &[u8]) -> Result<Value, Problem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).map_err(|error| Problem {
        file: file.to_owned(),
        line: Some(error.line().max(1)),
        column: Some(error.column().max(1)),
        what: if error.is_eof() { "it ends too soon" } else { "this is not JSON" },
    })
}

/// `name@version`, also with a scope.
pub(super) fn name_and_version(spec: &str) -> (&str, Option<&str>) {
    let at = spec.char_indices().skip(1).find(|(_, c)| *c == '@').map(|(at, _)| at);
    match at.and_then(|at| Some((spec.get(..at)?, spec.get(at + 1..)?))) {
        Some((name, version)) => (name, Some(version)),
        None => (spec, None),
    }
}

/// Installs of the same manager in the same place and moment as one: of Python's packages each has its own receipt.
pub fn grouped(mut installs: Vec<Install>) -> Vec<Install> {
    installs.sort_by_key(|install| (install.manager, install.directory.clone(), install.last_seen()));
    let mut groups: Vec<Install> = Vec::new();
    for install in installs {
        let same = groups.last_mut().filter(|last| {
            let since =
                install.last_seen().zip(last.last_seen()).map(|(this, last)| this.duration_since(last));
            last.manager == install.manager
                && last.directory == install.directory
                && since.is_some_and(|since| since <= PAUSE)
        });
        match same {
            Some(last) => {
                last.started = [last.started, last.ended, install.started].into_iter().flatten().min();
                last.ended = last.ended.max(install.ended);
                let packages = last.packages.drain(..).chain(install.packages).collect();
                let known = last.has_scripts.into_iter().chain(install.has_scripts).max();
                put(last, packages);
                last.has_scripts = known.or(last.has_scripts);
                last.hooks.extend(install.hooks);
            }
            None => groups.push(install),
        }
    }
    groups
}
