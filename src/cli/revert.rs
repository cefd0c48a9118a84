//! `revert`: putting the baseline back. Knows nothing of how a file is changed.

mod masked;
mod report;
mod rows;

use crate::cli::approve::choice::{self, Chosen};
use crate::cli::error::{Answer, Failure, OK, SOME};
use crate::cli::naming::Narrowing;
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::{Checked, Session};
use crate::cli::style::{DIM, GOOD, Styled};
use crate::host::machine::Machine;
use crate::journal::{Batch, Journal};
use crate::model::drift::Judgement;
use crate::model::event::{AgentAction, DriftIdentity, Event, Response};
use crate::model::level::Level;
use crate::model::running_client::RunningClient;
use crate::model::standing::StandingDrift;
use crate::model::surface::Scope;
use crate::restore::{self, Edit, Mend, Order, Plan, Scene, Trust};
use crate::session::{self, Window};
use clap::{ArgGroup, Args, ValueHint};
use rows::{Outcome, Row};
use std::path::PathBuf;
use std::time::Duration;

/// So long is looked for the client's processes, of which each can hold up whoever looks at it.
const PATIENCE: Duration = Duration::from_secs(2);
/// More of them are not listed in an event.
const MOST_LISTED: usize = 32;

/// Put the baseline back: changed entries restored, unapproved ones taken out, all else untouched
#[derive(Args, Debug)]
#[command(
    group = ArgGroup::new("what").required(true).args(["name", "event", "all"]),
    after_help = "Only the bytes of the entry change. The client's own lock is taken, and what it saves meanwhile stands.\n\nExamples:\n  mcpwatch revert linear\n  mcpwatch revert --all --dry-run\n  mcpwatch revert hooks.SessionStart\n  mcpwatch revert --event 0199c0de-1111-7222-8333-444455556666"
)]
pub(crate) struct Revert {
    /// A server or setting, as `diff` names it
    #[arg(value_name = "SERVER")]
    name: Option<String>,
    /// The drift of this event, if it still stands unchanged
    #[arg(long, value_name = "ID")]
    event: Option<String>,
    /// Every drift
    #[arg(long)]
    all: bool,
    /// Only in this scope: user, local or project
    #[arg(long, value_name = "SCOPE", value_parser = scope)]
    scope: Option<Scope>,
    /// Only in this project
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    project: Option<PathBuf>,
    /// Show what would change, byte for byte and with secrets masked, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    format: FormatOption,
}

fn scope(word: &str) -> Result<Scope, String> {
    Scope::from_word(word).ok_or_else(|| "use user, local or project".to_owned())
}

impl Revert {
    /// Puts right what was meant.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let (reading, mut journal) = session.setup.writing()?;
        let homes = session.check(&reading, Some(&journal))?;
        let chosen = match (&self.name, &self.event) {
            (Some(name), _) => choice::by_name(name, &self.narrowing()?, &homes, session, "revert")?,
            (None, Some(event)) => choice::by_event(event, &homes, &journal, session, "revert")?,
            (None, None) => choice::all(&self.narrowing()?, &homes),
        };
        let mut rows = Vec::new();
        for checked in &homes {
            let here = chosen.iter().filter(|chosen| std::ptr::eq(chosen.checked, checked));
            let work = Work { session, checked };
            let plan = work.plan(here);
            rows.extend(if self.dry_run {
                work.preview(&plan)
            } else {
                work.carry_out(&plan, &mut journal)?
            });
        }
        match self.format.format {
            Format::Json => out.json(&report::Document::of(&rows, journal.key()))?,
            Format::Text if rows.is_empty() => {
                out.line(Styled::new("Nothing to revert", GOOD).then(": there is no drift here", DIM), 2)?;
            }
            Format::Text => rows.iter().try_for_each(|row| row.print(journal.key(), out))?,
        }
        Ok(if rows.iter().any(|row| matches!(row.outcome, Outcome::Refused(_))) { SOME } else { OK })
    }

    fn narrowing(&self) -> Result<Narrowing, Failure> {
        let absolute = |dir: &PathBuf| std::path::absolute(dir).map(|dir| dir.components().collect());
        Ok(Narrowing { scope: self.scope, project: self.project.as_ref().map(absolute).transpose()? })
    }
}

/// What is done in one home.
struct Work<'w> {
    session: &'w Session<'w>,
    checked: &'w Checked<'w>,
}

impl<'w> Work<'w> {
    fn plan<'c>(&self, chosen: impl Iterator<Item = &'c Chosen<'c>>) -> Plan {
        let report = &self.checked.report;
        let scene = Scene {
            all: &report.judgements,
            inventory: &report.inventory,
            baseline: &self.checked.baseline,
            // Somebody typed it, and sees what is done.
            trust: Trust::All,
        };
        restore::plan(chosen.map(|chosen| chosen.judgement), scene)
    }

    fn order(&self, mend: &Mend) -> Order {
        let owner = self.checked.home.file_owner();
        Order::new(mend, owner, self.session.setup.config.max_file_size)
    }

    fn row(&self, judgement: &Judgement, edit: Option<&Edit>, outcome: Outcome) -> Row {
        Row {
            home: self.checked.home.dir().to_path_buf(),
            judgement: judgement.clone(),
            is_kept: edit.is_none_or(|edit| edit.wanted.is_some()),
            ground: edit.map(|edit| edit.ground.clone()),
            outcome,
            preview: None,
            holding: Vec::new(),
        }
    }

    fn refused(&self, plan: &Plan) -> Vec<Row> {
        let row = |refused: &restore::Refused| {
            self.row(&refused.judgement, None, Outcome::Refused(refused.why.clone()))
        };
        plan.refused.iter().map(row).collect()
    }

    fn preview(&self, plan: &Plan) -> Vec<Row> {
        let mut rows = Vec::new();
        for mend in &plan.mends {
            let previews = restore::preview(&self.order(mend));
            for (at, edit) in mend.edits.iter().enumerate() {
                let row = match &previews {
                    Ok(previews) => Row {
                        preview: previews.get(at).cloned(),
                        ..self.row(&edit.judgement, Some(edit), Outcome::Planned)
                    },
                    Err(why) => self.row(&edit.judgement, Some(edit), Outcome::Refused(why.clone())),
                };
                rows.push(row);
            }
            rows.extend(mend.opened.iter().map(|opened| self.row(opened, None, Outcome::Planned)));
        }
        rows.extend(self.refused(plan));
        rows
    }

    fn carry_out(&self, plan: &Plan, journal: &mut Journal) -> Result<Vec<Row>, Failure> {
        let mut rows = Vec::new();
        // Before: an agent that runs takes it for ended the moment it is put right.
        let standing = journal.standing(self.checked.home.dir());
        for mend in &plan.mends {
            let clock = self.session.setup.clock();
            let start = clock.elapsed();
            let mended = restore::carry_out(&self.order(mend), clock);
            let took = clock.elapsed() - start;
            let outcome = || match &mended {
                Ok(mended) => Outcome::Done(mended.clone(), took),
                Err(why) => Outcome::Refused(why.clone()),
            };
            rows.extend(mend.edits.iter().map(|edit| self.row(&edit.judgement, Some(edit), outcome())));
            rows.extend(mend.opened.iter().map(|opened| self.row(opened, None, outcome())));
        }
        rows.extend(self.refused(plan));
        let running = self.running(&rows);
        let events = self.events(&mut rows, &running, &standing?, journal)?;
        journal.commit(Batch { events, standing: Vec::new() })?;
        Ok(rows)
    }

    /// The client's processes that run now, where something was put right.
    fn running(&self, rows: &[Row]) -> Vec<RunningClient> {
        if !rows.iter().any(|row| matches!(&row.outcome, Outcome::Done(mended, _) if mended.changed > 0)) {
            return Vec::new();
        }
        let home = self.checked.home;
        let place =
            session::Place { files: &Machine, owner: home.owner_uid(), sessions: home.layout.sessions() };
        session::running(place, PATIENCE)
    }

    fn events(
        &self,
        rows: &mut [Row],
        running: &[RunningClient],
        standing: &[StandingDrift],
        journal: &Journal,
    ) -> Result<Vec<Event>, Failure> {
        let recorder = self.session.recorder(journal, self.checked.home);
        let context = recorder.context();
        let by = self.session.setup.caller().to_string();
        let event = |row: &mut Row| {
            let ids = row
                .judgement
                .drifts
                .iter()
                .map(|drift| DriftIdentity::of(&row.judgement, drift, &context).id);
            let drifts: Vec<String> = ids.collect();
            let since = standing
                .iter()
                .filter(|known| drifts.contains(&known.drift_id))
                .map(|known| known.since)
                .min();
            // Of what no agent saw begin nobody knows who loaded it.
            let window = since.map(|since| Window { since, until: None });
            let stood = since.and_then(|since| Duration::try_from(context.time.duration_since(since)).ok());
            let ground = row.ground.as_ref().map(ToString::to_string);
            let (action, message, reason, done) = match &row.outcome {
                Outcome::Done(mended, took) => {
                    if mended.changed > 0 {
                        row.holding = window.map(|window| window.holding(running)).unwrap_or_default();
                    }
                    let message = restore::done(&row.judgement, row.is_kept, row.ground.as_ref(), mended);
                    let message = message + &session::advice(&row.holding);
                    (AgentAction::ConfigReverted, message, None, Some((mended.changed, *took)))
                }
                Outcome::Refused(why) => {
                    let message = restore::not_done(&row.judgement, why);
                    (AgentAction::RevertRefused, message, Some(why.as_str()), None)
                }
                Outcome::Planned => return None,
            };
            let response = Response {
                action,
                judgement: &row.judgement,
                message: &message,
                reason,
                ground: ground.as_deref(),
                bytes: done.map(|(bytes, _)| bytes),
                took: done.map(|(_, took)| took),
                stood,
                drifts: &drifts,
                by: Some(&by),
                holding: row.holding.get(..MOST_LISTED).unwrap_or(&row.holding),
            };
            let id = crate::host::identity::event_id(context.time);
            Some(Event::response(id, Level::Informational, &response, &context))
        };
        Ok(rows.iter_mut().filter_map(event).collect())
    }
}
