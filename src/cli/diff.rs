//! `diff`: baseline against what is on disk now. Knows nothing of how drifts are found.

mod entry;
mod json;
mod next;
mod text;

pub(crate) use text::counted;

use self::text::Recorded;
use crate::cli::error::{Answer, Failure, OK, SOME};
use crate::cli::naming;
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::{Checked, Session};
use crate::cli::style::{COMMAND, DIM, Styled};
use crate::cli::switched_off;
use crate::host::identity::host_facts;
use crate::model::digest::Key;
use crate::model::drift::{Drift, Judgement};
use crate::model::event::{Context, DriftIdentity, Event, HostFacts, Observed};
use crate::model::subject::Subject;
use crate::model::surface::SurfaceState;
use clap::Args;
use std::cell::LazyCell;
use std::collections::HashMap;
use std::path::Path;

/// Compare what is on disk now with what was approved
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 no drift, 1 drift, 2 trouble.\n\nExamples:\n  mcpwatch diff                    everything\n  mcpwatch diff linear             one server\n  mcpwatch diff hooks.SessionStart one setting\n  mcpwatch diff --format json      for programs"
)]
pub(crate) struct Diff {
    /// Only these servers, settings or files, as this command names them
    #[arg(value_name = "SERVER")]
    names: Vec<String>,
    #[command(flatten)]
    format: FormatOption,
}

impl Diff {
    /// Compares and prints.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let reading = session.setup.reading()?;
        let mut homes = session.check(&reading, reading.journal.as_ref())?;
        self.require_known(&homes)?;
        let without = homes.iter().find(|checked| checked.baseline.is_empty()).map(|checked| checked.home);
        for checked in homes.iter_mut().filter(|checked| checked.baseline.is_empty()) {
            checked.report = session.check_as_captured(checked);
        }
        let drifts = match self.format.format {
            Format::Json => self.print_json(&homes, &reading.key, session, out)?,
            Format::Text => self.print_text(&homes, &reading.key, without.is_some(), session, out)?,
        };
        if let Some(home) = without {
            out.flush()?;
            let (whose, options) = match homes.len() {
                1 => (String::new(), session.repeated(Some(home))),
                _ => (format!(" for {}", home.dir().display()), session.repeated(Some(home))),
            };
            if let Some(why) = switched_off::sentence(session) {
                let sentence = format!("there is nothing to compare with{whose}: no template");
                return Err(Failure::new(sentence).help(why));
            }
            return Err(Failure::new(format!(
                "there is nothing to compare with{whose}: no template and no approval"
            ))
            .help(format!("mcpwatch{options} baseline capture")));
        }
        Ok(if drifts == 0 { OK } else { SOME })
    }

    fn is_wanted(&self, judgement: &Judgement, checked: &Checked<'_>) -> bool {
        self.names.is_empty()
            || self.names.iter().any(|name| naming::is_named(judgement, checked.home.dir(), name))
    }

    /// A name that nothing has is a slip, not an absence of drift.
    fn require_known(&self, homes: &[Checked<'_>]) -> Result<(), Failure> {
        match self.names.iter().find(|name| !homes.iter().any(|checked| naming::is_known(name, checked))) {
            Some(name) => Err(naming::unknown(name, homes)),
            None => Ok(()),
        }
    }

    fn print_json(
        &self,
        homes: &[Checked<'_>],
        key: &Key,
        session: &Session<'_>,
        out: &mut Output<'_>,
    ) -> Result<usize, Failure> {
        let mut document = json::Document::default();
        // Only where there is drift.
        let rules = LazyCell::new(|| session.setup.rules.load());
        let host = host_facts();
        for checked in homes {
            let wanted =
                checked.report.judgements.iter().filter(|judgement| self.is_wanted(judgement, checked));
            let context =
                Context { time: session.now(), host: &host, home: Some(checked.home.dir()), user: None, key };
            let matching = |judgement: &Judgement, drift: &Drift| {
                let (identity, nothing) =
                    (DriftIdentity::of(judgement, drift, &context), Observed::default());
                let mut event = Event::drift(String::new(), judgement, drift, &identity, &nothing, &context);
                rules.apply(&mut event);
                event.texts("mcpwatch.rules")
            };
            document.add(wanted, &checked.report.inventory.surfaces, key, matching);
        }
        out.json(&document)?;
        Ok(document.drifts.len())
    }

    fn print_text(
        &self,
        homes: &[Checked<'_>],
        key: &Key,
        only_findings: bool,
        session: &Session<'_>,
        out: &mut Output<'_>,
    ) -> Result<usize, Failure> {
        let mut totals = text::Totals::default();
        let mut gravest = None;
        for checked in homes {
            let all = &checked.report.judgements;
            let shown: Vec<_> = all.iter().filter(|judgement| self.is_wanted(judgement, checked)).collect();
            shown.iter().for_each(|judgement| totals.count(judgement));
            totals.surfaces += checked
                .report
                .inventory
                .surfaces
                .iter()
                .filter(|reading| reading.state == SurfaceState::Read)
                .count();
            let recorded = recorded(checked.home.dir(), &shown, key, session)?;
            let page = text::Page {
                recorded,
                home: checked.home.dir(),
                options: session.repeated(Some(checked.home)),
                switched_off: switched_off::sentence(session),
                credentials: &checked.report.inventory.credentials,
                shown,
                namesakes: naming::Namesakes::of(all, checked.home.dir()),
            };
            text::print(&page, key, out)?;
            gravest = gravest.max(
                page.shown
                    .iter()
                    .flat_map(|shown| &shown.drifts)
                    .map(|drift| (drift.level, drift.kind))
                    .max(),
            );
        }
        if let Some((_, kind)) = gravest {
            let hint = Styled::new("What a kind means and what to do: ", DIM);
            out.line(hint.then(format!("mcpwatch rules explain {kind}"), COMMAND), 2)?;
        }
        if out.is_shortened() {
            let hint = Styled::new("What was left out is in: ", DIM);
            let all = format!("mcpwatch{} diff --format json", session.repeated(None));
            out.line(hint.then(all, COMMAND), 2)?;
        }
        if totals.drifts() > 0 || !only_findings {
            totals.print(&self.names, out)?;
        }
        Ok(totals.drifts())
    }
}

/// What an agent has recorded of each of these.
fn recorded(
    home: &Path,
    shown: &[&Judgement],
    key: &Key,
    session: &Session<'_>,
) -> Result<HashMap<Subject, Recorded>, Failure> {
    let mut found = HashMap::new();
    let Some(journal) = session.setup.journal()? else { return Ok(found) };
    let standing: HashMap<String, String> = journal
        .standing(home)?
        .into_iter()
        .filter_map(|drift| Some((drift.drift_id, drift.event_id?)))
        .collect();
    let host = HostFacts::default();
    let context = Context { time: session.now(), host: &host, home: Some(home), user: None, key };
    for judgement in shown.iter().take(text::MOST_SHOWN) {
        let ids = judgement.drifts.iter().map(|drift| DriftIdentity::of(judgement, drift, &context).id);
        let mut events = Vec::new();
        for told in ids.filter_map(|id| standing.get(&id)) {
            events.extend(journal.event(told)?.and_then(|stored| stored.event()));
        }
        let Some(gravest) = events.iter().max_by_key(|event| event.level()) else { continue };
        let known = events.iter().find(|event| event.get("process.pid").is_some());
        let author = known.and_then(|event| event.text("mcpwatch.provenance.line"));
        let of_event = Recorded {
            author: author.map(str::to_owned),
            level: gravest.level(),
            rule: gravest.text("rule.ruleset").map(str::to_owned),
        };
        found.insert(judgement.subject.clone(), of_event);
    }
    Ok(found)
}
