//! Installs that are near a change in time: worth a look, and proof of nothing. Must not know of processes.

use crate::model::install::Install;
use crate::model::provenance::{Candidate, Reason};
use jiff::{SignedDuration, Timestamp};
use std::path::{Path, PathBuf};

/// How far back an install is a candidate, unless the configuration says otherwise: what was planted has been seen
/// to wait for 48 to 96 hours.
pub const DEFAULT_WINDOW: SignedDuration = SignedDuration::from_hours(96);

/// How long after the change a receipt may still be dated: they are written when an install is over.
const SLACK: SignedDuration = SignedDuration::from_mins(2);

/// How many are named.
const LIMIT: usize = 16;

/// What a change was made to.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'s> {
    /// When it was seen.
    pub changed: Timestamp,
    /// The account whose file it is.
    pub user: Option<u32>,
    /// Its project.
    pub project: Option<&'s Path>,
}

/// The installs of that window before the change, the latest first. One that is known twice, from its processes and
/// from a receipt, is named once.
pub fn candidates(subject: &Subject<'_>, installs: &[Install], window: SignedDuration) -> Vec<Candidate> {
    let mut found: Vec<Near<'_>> =
        installs.iter().filter_map(|install| near(subject, install, window)).collect();
    found.sort_by(|one, other| {
        let order = one.distance.cmp(&other.distance);
        order.then_with(|| other.reasons.len().cmp(&one.reasons.len()))
    });
    let mut named: Vec<Candidate> = Vec::new();
    for Near { install, distance, reasons } in found {
        if named.len() == LIMIT {
            break;
        }
        if !named.iter().any(|known| is_same(&known.install, install)) {
            named.push(Candidate { install: install.clone(), distance, reasons });
        }
    }
    named
}

/// What may become a candidate. There may be hundreds, each with hundreds of packages.
struct Near<'i> {
    install: &'i Install,
    distance: SignedDuration,
    reasons: Vec<Reason>,
}

fn near<'i>(subject: &Subject<'_>, install: &'i Install, window: SignedDuration) -> Option<Near<'i>> {
    let started = install.started.or(install.ended)?;
    let ended = install.last_seen()?;
    let since = subject.changed.duration_since(ended);
    // An install that began after the change did not make it.
    if since > window || subject.changed.duration_since(started) < -SLACK {
        return None;
    }
    let mut reasons = Vec::new();
    if install.has_scripts == Some(true) {
        reasons.push(Reason::Scripts);
    }
    let is_running =
        install.started.is_some_and(|start| start <= subject.changed) && since <= SignedDuration::ZERO;
    if is_running {
        reasons.push(Reason::Running);
    }
    if install.user.is_some() && install.user == subject.user {
        reasons.push(Reason::SameUser);
    }
    let is_near = |project: &Path, directory: &PathBuf| {
        directory.starts_with(project) || project.starts_with(directory)
    };
    if subject
        .project
        .zip(install.directory.as_ref())
        .is_some_and(|(project, directory)| is_near(project, directory))
    {
        reasons.push(Reason::SameProject);
    }
    if reasons.is_empty() {
        reasons.push(Reason::Recent);
    }
    Some(Near { install, distance: since.max(SignedDuration::ZERO), reasons })
}

/// The same run, told by two sources: same manager and place, and times that overlap or nearly do.
fn is_same(one: &Install, other: &Install) -> bool {
    if one.manager != other.manager || one.source == other.source && one.process != other.process {
        return false;
    }
    if one.process.is_some() && one.process == other.process {
        return true;
    }
    let close = one
        .last_seen()
        .zip(other.last_seen())
        .is_some_and(|(one, other)| one.duration_since(other).abs() <= SLACK);
    close && one.source != other.source && one.directory.is_some() && one.directory == other.directory
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::install::{Manager, Source};

    fn install(manager: Manager, hours_before: i64, scripts: Option<bool>) -> Install {
        let mut install = Install::new(manager, Source::Receipt("/r".into()));
        install.ended = Some(now() - SignedDuration::from_hours(hours_before));
        install.has_scripts = scripts;
        install
    }

    fn now() -> Timestamp {
        "2026-05-10T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_latest_comes_first_and_the_old_and_the_later_do_not_come() {
        let mut here = install(Manager::Npm, 5, Some(true));
        here.user = Some(1000);
        here.directory = Some("/home/u/p".into());
        let later = install(Manager::Pip, -1, None);
        let installs = [install(Manager::Cargo, 200, None), here, install(Manager::Gem, 1, None), later];
        let subject = Subject { changed: now(), user: Some(1000), project: Some(Path::new("/home/u/p")) };
        let found = candidates(&subject, &installs, DEFAULT_WINDOW);
        let managers: Vec<Manager> = found.iter().map(|one| one.install.manager).collect();
        assert_eq!(managers, [Manager::Gem, Manager::Npm]);
        assert_eq!(found[0].reasons, [Reason::Recent]);
        assert_eq!(found[1].reasons, [Reason::Scripts, Reason::SameUser, Reason::SameProject]);
        assert_eq!(found[1].distance, SignedDuration::from_hours(5));
        assert!(candidates(&subject, &installs, SignedDuration::from_mins(1)).is_empty());
    }

    #[test]
    fn one_that_runs_is_at_no_distance_and_one_told_twice_is_named_once() {
        let mut seen = Install::new(Manager::Npm, Source::Seen);
        seen.started = Some(now() - SignedDuration::from_secs(3));
        seen.ended = Some(now() + SignedDuration::from_secs(1));
        seen.directory = Some("/home/u/p".into());
        let mut receipt = seen.clone();
        receipt.source = Source::Receipt("/home/u/.npm/_logs/x".into());
        let subject = Subject { changed: now(), user: None, project: None };
        let found = candidates(&subject, &[seen, receipt], DEFAULT_WINDOW);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].distance, &found[0].reasons[..]),
            (SignedDuration::ZERO, &[Reason::Running][..])
        );
    }
}
