//! What package managers left behind, looked up on the disk when nobody saw who did it. Must not judge; anybody who
//! can run an install can write all of this.

use crate::host::files::Files;
use crate::model::install::Install;
use crate::receipt::{
    Circumstances, DIST_INFO, LIMIT, Place, fits, grouped, of_home, of_project, of_system, parse,
};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::path::{Path, PathBuf};

/// Projects that are looked into.
const MOST_PROJECTS: usize = 64;
/// Files whose age is looked at, and of those in time so many are read, the newest.
const MOST_FOUND: usize = 4096;
const MOST_READ: usize = 256;

/// The installs of that window of which something is left in that home, in those projects and on this machine.
pub(super) fn look<'p>(
    files: &dyn Files,
    home: &Path,
    projects: impl Iterator<Item = &'p Path>,
    now: Timestamp,
    window: SignedDuration,
) -> Vec<Install> {
    let mut places = of_home(home);
    places.extend(projects.take(MOST_PROJECTS).flat_map(of_project));
    places.extend(of_system());
    let since = now.checked_sub(window).unwrap_or(Timestamp::MIN);
    let mut found = Vec::new();
    for place in &places {
        walk(files, place.root.clone(), place.steps, &mut |file| {
            let facts = files.facts(&file_of(&file, place)).ok();
            let modified = facts.as_ref().and_then(|facts| Timestamp::from_nanosecond(facts.modified).ok());
            if modified.is_some_and(|modified| modified >= since) {
                found.push((modified, facts.map(|facts| facts.owner), place.kind, file_of(&file, place)));
            }
            found.len() < MOST_FOUND
        });
    }
    found.sort_by_key(|(modified, ..)| Reverse(*modified));
    let zone = TimeZone::system();
    let mut installs = Vec::new();
    for (modified, owner, kind, file) in found.into_iter().take(MOST_READ) {
        let Ok(contents) = files.read(&file, LIMIT as u64) else { continue };
        let around = Circumstances { modified, owner, zone: zone.clone() };
        let reading = parse(kind, &file, &contents.bytes, &around);
        if let Some(problem) = reading.problem {
            tracing::debug!(%problem, "a receipt could not be read whole");
        }
        installs.extend(reading.installs);
    }
    grouped(installs)
}

/// The file that is read of what was found.
fn file_of(found: &Path, place: &Place) -> PathBuf {
    match place.kind {
        crate::receipt::Kind::PythonDistInfo => found.join(DIST_INFO.first().copied().unwrap_or("METADATA")),
        _ => found.to_path_buf(),
    }
}

/// Goes every way that fits; `each` says whether to go on.
fn walk(files: &dyn Files, at: PathBuf, steps: &[&str], each: &mut dyn FnMut(PathBuf) -> bool) -> bool {
    let Some((step, rest)) = steps.split_first() else { return each(at) };
    if !step.contains('*') {
        return walk(files, at.join(step), rest, each);
    }
    let names = files.list(&at).unwrap_or_default();
    names
        .into_iter()
        .filter(|name| name.to_str().is_some_and(|name| fits(step, name)))
        .all(|name| walk(files, at.join(name), rest, each))
}
