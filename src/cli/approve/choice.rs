//! Which drifts a person means, to accept them or to put them right: by name, by an event, or all. Does neither.

use crate::cli::error::Failure;
use crate::cli::naming::{self, Narrowing};
use crate::cli::paths;
use crate::cli::session::{Checked, Session};
use crate::journal::Journal;
use crate::model::drift::{Drift, Judgement};
use crate::model::event::{DriftIdentity, Event};
use crate::model::surface::Scope;
use std::collections::BTreeSet;
use std::path::Path;

/// Drifts of one judgement.
pub(crate) struct Chosen<'c> {
    /// The home.
    pub(crate) checked: &'c Checked<'c>,
    /// What they are about.
    pub(crate) judgement: &'c Judgement,
    /// Which of them.
    pub(crate) drifts: Vec<&'c Drift>,
}

/// Every drift.
pub(crate) fn all<'c>(narrowing: &Narrowing, homes: &'c [Checked<'c>]) -> Vec<Chosen<'c>> {
    chosen(homes, |judgement, _| narrowing.admits(judgement))
}

/// The drifts of one thing. A name that several things bear is not guessed at.
pub(crate) fn by_name<'c>(
    name: &str,
    narrowing: &Narrowing,
    homes: &'c [Checked<'c>],
    session: &Session<'_>,
    command: &str,
) -> Result<Vec<Chosen<'c>>, Failure> {
    if !homes.iter().any(|checked| naming::is_known(name, checked)) {
        return Err(naming::unknown(name, homes));
    }
    let found = chosen(homes, |judgement, home| {
        naming::is_named(judgement, home, name) && narrowing.admits(judgement)
    });
    let places: BTreeSet<(&Path, Scope, Option<&Path>)> = found
        .iter()
        .map(|one| (one.checked.home.dir(), one.judgement.surface.scope, one.judgement.project.as_deref()))
        .collect();
    if places.len() < 2 {
        return Ok(found);
    }
    let several_homes = places.iter().map(|(home, ..)| home).collect::<BTreeSet<_>>().len() > 1;
    let mut failure = Failure::new(format!("\"{name}\" stands in {} places; say which", places.len()));
    for (home, scope, project) in places {
        let mut line = format!("mcpwatch{}", session.repeated(None));
        if several_homes {
            line = format!("mcpwatch --home {}", paths::quoted(&home.display().to_string()));
        }
        line.push_str(&format!(" {command} {} --scope {scope}", paths::quoted(name)));
        if let Some(project) = project {
            line.push_str(&format!(" --project {}", paths::quoted(&paths::short(project, home))));
        }
        failure = failure.help(line);
    }
    Err(failure)
}

/// The drift of one event, if it stands as it stood then.
pub(crate) fn by_event<'c>(
    id: &str,
    homes: &'c [Checked<'c>],
    journal: &Journal,
    session: &Session<'_>,
    command: &str,
) -> Result<Vec<Chosen<'c>>, Failure> {
    let stored = journal.event(id)?.ok_or_else(|| {
        Failure::new(format!("there is no event {id} in this journal")).help("mcpwatch events")
    })?;
    let event = stored.event();
    let told = |event: &Event| {
        Some((event.drift_id()?.to_owned(), event.drift_state().unwrap_or_default().to_owned()))
    };
    let wanted = event.as_ref().and_then(told).ok_or_else(|| {
        Failure::new(format!("event {id} is no drift ({}): there is nothing to {command}", stored.action))
    })?;
    for checked in homes {
        let recorder = session.recorder(journal, checked.home);
        let context = recorder.context();
        for judgement in &checked.report.judgements {
            let is_wanted = |drift: &&Drift| {
                let now = DriftIdentity::of(judgement, drift, &context);
                (now.id, now.state) == wanted
            };
            let drifts: Vec<&Drift> = judgement.drifts.iter().filter(is_wanted).collect();
            if !drifts.is_empty() {
                return Ok(vec![Chosen { checked, judgement, drifts: with_its_like(judgement, drifts) }]);
            }
        }
    }
    let sentence = format!("what event {id} tells of no longer stands as it stood then");
    let diff = format!("mcpwatch{} diff", session.repeated(None));
    Err(Failure::new(sentence).refused().help(format!("see what stands now with: {diff}")))
}

/// An approval takes an entry whole; so the other drifts of the same entry go with it, and are said.
fn with_its_like<'c>(judgement: &'c Judgement, drifts: Vec<&'c Drift>) -> Vec<&'c Drift> {
    if drifts.iter().any(|drift| drift.finding.is_some()) {
        return drifts;
    }
    judgement.drifts.iter().filter(|drift| drift.finding.is_none()).collect()
}

fn chosen<'c>(homes: &'c [Checked<'c>], is_wanted: impl Fn(&Judgement, &Path) -> bool) -> Vec<Chosen<'c>> {
    homes
        .iter()
        .flat_map(|checked| checked.report.judgements.iter().map(move |judgement| (checked, judgement)))
        .filter(|(checked, judgement)| is_wanted(judgement, checked.home.dir()))
        .map(|(checked, judgement)| Chosen { checked, judgement, drifts: judgement.drifts.iter().collect() })
        .collect()
}
