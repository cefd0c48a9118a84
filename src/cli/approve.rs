//! `approve`: accepting drifts, or taking an approval back. Knows nothing of how drifts are found or approvals kept.

pub(crate) mod choice;
mod record;
mod withdraw;

use crate::cli::acceptance::{Terms, is_acceptable, is_ruled, of_drifts};
use crate::cli::error::{Answer, Failure, OK, SOME};
use crate::cli::naming::{self, Narrowing};
use crate::cli::output::Output;
use crate::cli::session::{Checked, Session};
use crate::cli::style::{DIM, GOOD, STRONG, Styled, WARN, in_column};
use crate::cli::switched_off;
use crate::cli::when::When;
use crate::journal::Journal;
use crate::model::drift::{Drift, Judgement};
use crate::model::event::AgentAction;
use crate::model::surface::Scope;
use choice::Chosen;
use clap::{ArgGroup, Args, ValueHint};
use record::{Accepted, Told};
use std::path::PathBuf;

/// Accept drifts as they stand now: the next check is silent about them
#[derive(Args, Debug)]
#[command(
    group = ArgGroup::new("what").required(true).args(["name", "event", "all", "withdraw"]),
    after_help = "What a template rules cannot be approved here.\n\nExamples:\n  mcpwatch approve linear --reason \"moved to the new endpoint\"\n  mcpwatch approve hooks.SessionStart --expires 7d\n  mcpwatch approve db --scope local --project ~/code/app\n  mcpwatch approve --event 0199c0de-1111-7222-8333-444455556666\n  mcpwatch approve --withdraw 12"
)]
pub(crate) struct Approve {
    /// A server, setting or file, as `diff` names it
    #[arg(value_name = "SERVER")]
    name: Option<String>,
    /// The drift of this event, if it still stands unchanged
    #[arg(long, value_name = "ID")]
    event: Option<String>,
    /// Every drift
    #[arg(long)]
    all: bool,
    /// Take the approval of this number back
    #[arg(long, value_name = "ID", conflicts_with_all = ["scope", "project", "reason", "expires"])]
    withdraw: Option<i64>,
    /// Only in this scope: user, local, project, managed or plugin
    #[arg(long, value_name = "SCOPE", value_parser = scope)]
    scope: Option<Scope>,
    /// Only in this project
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    project: Option<PathBuf>,
    /// Why, for those who ask later
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Until when: a time such as 2026-01-31T12:00:00Z, or from now on such as 10m, 2h or 3d
    #[arg(long, value_name = "T")]
    expires: Option<When>,
}

/// How this command is called in advice.
const APPROVE: &str = "approve";

fn scope(word: &str) -> Result<Scope, String> {
    Scope::from_word(word).ok_or_else(|| "use user, local, project, managed or plugin".to_owned())
}

impl Approve {
    /// Accepts or takes back.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        if let Some(id) = self.withdraw {
            return withdraw::run(id, session, out);
        }
        switched_off::refuse(session)?;
        let terms = self.terms(session)?;
        let (reading, mut journal) = session.setup.writing()?;
        let homes = session.check(&reading, Some(&journal))?;
        let chosen = match (&self.name, &self.event) {
            (Some(name), _) => choice::by_name(name, &self.narrowing()?, &homes, session, APPROVE)?,
            (None, Some(event)) => choice::by_event(event, &homes, &journal, session, APPROVE)?,
            (None, None) => choice::all(&self.narrowing()?, &homes),
        };
        if chosen.is_empty() {
            out.line(Styled::new("Nothing to approve", GOOD).then(": there is no drift here", DIM), 2)?;
            return Ok(OK);
        }
        let mut refused = 0;
        for checked in &homes {
            let here = chosen.iter().filter(|chosen| std::ptr::eq(chosen.checked, checked));
            refused += accept(here, checked, &terms, session, &mut journal, out)?;
        }
        Ok(if refused == 0 { OK } else { SOME })
    }

    fn terms(&self, session: &Session<'_>) -> Result<Terms, Failure> {
        let now = session.now();
        let expires = self.expires.map(|when| when.after(now));
        if expires.is_some_and(|expires| expires <= now) {
            return Err(
                Failure::new("--expires names a time that is past").help("name a later one, such as 3d")
            );
        }
        Ok(Terms {
            by: session.setup.caller(),
            reason: self.reason.clone(),
            expires,
            event: self.event.clone(),
        })
    }

    fn narrowing(&self) -> Result<Narrowing, Failure> {
        let absolute = |dir: &PathBuf| std::path::absolute(dir).map(|dir| dir.components().collect());
        Ok(Narrowing { scope: self.scope, project: self.project.as_ref().map(absolute).transpose()? })
    }
}

/// Accepts what was chosen in one home, and says what was done. Gives how many drifts were refused.
fn accept<'c>(
    chosen: impl Iterator<Item = &'c Chosen<'c>>,
    checked: &Checked<'_>,
    terms: &Terms,
    session: &Session<'_>,
    journal: &mut Journal,
    out: &mut Output<'_>,
) -> Result<usize, Failure> {
    let recorder = session.recorder(journal, checked.home);
    let told = Told::in_home(journal, checked.home.dir())?;
    let mut refused = 0;
    let mut approvals = Vec::new();
    let mut accepted: Vec<Accepted<'_>> = Vec::new();
    for Chosen { judgement, drifts, .. } in chosen {
        let (takes, leaves): (Vec<&Drift>, Vec<&Drift>) =
            drifts.iter().partition(|drift| is_acceptable(judgement, drift));
        refused += leaves.len();
        leaves.iter().try_for_each(|drift| refuse(judgement, drift, checked, out))?;
        let new = of_drifts(judgement, &takes, &checked.report);
        if !new.is_empty() {
            let event = told.of(judgement, &takes, &recorder.context());
            let terms = Terms { event: terms.event.clone().or(event), ..terms.clone() };
            let count = new.len();
            approvals.extend(new.into_iter().map(|accepted| terms.approval(accepted)));
            accepted.push(Accepted { judgement, drifts: takes, count, terms });
        }
    }
    if approvals.is_empty() {
        return Ok(refused);
    }
    let mut numbers = Vec::new();
    journal.approve_with(checked.home.dir(), approvals, session.now(), |ids| {
        let mut ids = ids.iter().map(i64::to_string);
        let mut events = Vec::with_capacity(accepted.len());
        for one in &accepted {
            let own: Vec<String> = ids.by_ref().take(one.count).collect();
            let name = naming::name(one.judgement, checked.home.dir());
            let (sort, scope) = (naming::sort(one.judgement), one.judgement.surface.scope);
            let message = format!("{} approved the {sort} {name} ({scope} scope)", one.terms.by);
            let mut event = recorder.done(AgentAction::ServerApproved, &message);
            one.describe(&mut event, &own);
            events.push(event);
            numbers.push(own);
        }
        events
    })?;
    for (one, own) in accepted.iter().zip(&numbers) {
        say(one.judgement, &one.drifts, own, checked, out)?;
    }
    Ok(refused)
}

fn say(
    judgement: &Judgement,
    drifts: &[&Drift],
    ids: &[String],
    checked: &Checked<'_>,
    out: &mut Output<'_>,
) -> std::io::Result<()> {
    let plural = if ids.len() == 1 { "" } else { "s" };
    let line = Styled::new("approved", GOOD)
        .and("  ")
        .then(naming::name(judgement, checked.home.dir()), STRONG)
        .then(format!("  {}, {} scope", naming::sort(judgement), judgement.surface.scope), DIM)
        .then(format!("  (approval{plural} {})", ids.join(", ")), DIM);
    out.line(line, 10)?;
    drifts.iter().try_for_each(|drift| {
        let line = Styled::plain("          ")
            .then(format!("{:<13}  ", drift.level), in_column(drift.level))
            .and(format!("{}: {}", drift.kind, drift.summary));
        out.line(line, 25)
    })
}

fn refuse(
    judgement: &Judgement,
    drift: &Drift,
    checked: &Checked<'_>,
    out: &mut Output<'_>,
) -> std::io::Result<()> {
    let why = match &judgement.ruled_by {
        Some(template) if is_ruled(judgement, drift) => {
            format!("the template {template} rules it; ask whoever keeps that template")
        }
        _ => "it can only be mended, not approved".to_owned(),
    };
    let line = Styled::new("refused", WARN)
        .and("   ")
        .then(naming::name(judgement, checked.home.dir()), STRONG)
        .then(format!("  {}", drift.kind), DIM)
        .and(format!(": {why}"));
    out.line(line, 10)
}
