//! `baseline capture`: approving all that is there now, and saying what was not approved. Knows nothing of how
//! things are found or kept.

use crate::baseline::Verdicts;
use crate::check::{self, Acceptance};
use crate::cli::acceptance::{Terms, is_acceptable, is_ruled};
use crate::cli::baseline::rows::{print_rows, rows};
use crate::cli::baseline::taken::{State, Taken};
use crate::cli::diff::counted;
use crate::cli::error::{Answer, Failure, OK, SOME};
use crate::cli::naming;
use crate::cli::output::Output;
use crate::cli::paths;
use crate::cli::session::{Checked, Session};
use crate::cli::style::{COMMAND, DIM, GOOD, STRONG, Styled, in_column};
use crate::cli::switched_off;
use crate::journal::{Journal, NewApproval};
use crate::model::drift::{Drift, Judgement};
use crate::model::event::AgentAction;
use crate::model::inventory::Server;
use crate::model::subject::Subject;
use crate::model::value::Value;
use crate::model::verdict::{ContentVerdict, ServerVerdict};
use clap::Args;
use std::collections::HashMap;
use std::io;

/// Approve everything that is there now; what looks wrong by itself stays standing
#[derive(Args, Debug)]
#[command(
    after_help = "Findings of level high and above are not approved: approve them by name. What\ncontradicts a template stays drift.\n\nExit codes: 0 all approved, 1 something stays standing, 2 trouble.\n\nExamples:\n  mcpwatch baseline capture\n  mcpwatch baseline capture --reason \"new laptop\""
)]
pub(crate) struct Capture {
    /// Why, for those who ask later
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl Capture {
    /// Captures and says what was done.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let standing = capture(session, self.reason.clone(), out)?;
        Ok(if standing == 0 { OK } else { SOME })
    }
}

/// Captures every home. Gives how many drifts stay standing.
pub(crate) fn capture(
    session: &Session<'_>,
    reason: Option<String>,
    out: &mut Output<'_>,
) -> Result<usize, Failure> {
    switched_off::refuse(session)?;
    let (reading, mut journal) = session.setup.writing()?;
    let terms = Terms { by: session.setup.caller(), reason, ..Terms::default() };
    for checked in session.check(&reading, Some(&journal))? {
        let taken = taken(&checked, &terms);
        record(&checked, &taken, &terms, session, &mut journal)?;
        print_taken(&checked, &taken, session, out)?;
    }
    let mut standing = 0;
    for checked in session.check(&reading, Some(&journal))? {
        standing += print_standing(&checked, session, out)?;
    }
    out.line(Styled::plain("Look at it with  ").then(command(session, "baseline show"), COMMAND), 17)?;
    Ok(standing)
}

fn command(session: &Session<'_>, words: &str) -> String {
    format!("mcpwatch{} {words}", session.repeated(None))
}

/// Everything that a capture takes, and what was known of it.
fn taken(checked: &Checked<'_>, terms: &Terms) -> Vec<Taken> {
    let verdicts = checked.baseline.verdicts();
    let mut servers = HashMap::new();
    for server in &checked.report.inventory.servers {
        servers.entry(Subject::server(server)).or_insert(server);
    }
    let all = check::capture(&checked.report, &checked.baseline).into_iter();
    all.map(|accepted| Taken {
        state: state(&accepted, &servers, &verdicts),
        approval: terms.approval(accepted),
    })
    .collect()
}

/// What the baseline knows of it.
fn state(accepted: &Acceptance, servers: &HashMap<Subject, &Server>, verdicts: &Verdicts<'_>) -> State {
    if accepted.content == Value::Null {
        return State::Gone;
    }
    if let Some(server) = servers.get(&accepted.subject) {
        return match verdicts.server(server) {
            ServerVerdict::Approved { .. } => State::Same,
            ServerVerdict::Differs { .. } => State::Changed,
            _ => State::New,
        };
    }
    match verdicts.content(&accepted.subject, &accepted.content) {
        ContentVerdict::Approved { .. } => State::Same,
        ContentVerdict::Differs { .. } => State::Changed,
        _ => State::New,
    }
}

fn record(
    checked: &Checked<'_>,
    taken: &[Taken],
    terms: &Terms,
    session: &Session<'_>,
    journal: &mut Journal,
) -> Result<(), Failure> {
    let new: Vec<NewApproval> =
        taken.iter().filter(|one| one.state != State::Same).map(|one| one.approval.clone()).collect();
    let count = new.len();
    let recorder = session.recorder(journal, checked.home);
    let known = taken.len() - count;
    let message = format!(
        "{} captured the baseline: {} approved, {known} as approved before",
        terms.by,
        counted(count, "thing"),
    );
    let mut event = recorder.done(AgentAction::BaselineCaptured, &message);
    terms.describe(&mut event);
    event.set("mcpwatch.approval.count", count);
    journal.approve_with(checked.home.dir(), new, session.now(), |_| vec![event])?;
    Ok(())
}

fn print_taken(
    checked: &Checked<'_>,
    taken: &[Taken],
    session: &Session<'_>,
    out: &mut Output<'_>,
) -> io::Result<()> {
    let home = checked.home.dir();
    let new = taken.iter().filter(|one| one.state != State::Same).count();
    let title = if new == 0 { "Nothing to capture in " } else { "Captured " };
    let kept = format!(" (kept in {})", paths::short(&session.setup.state, home));
    out.line(Styled::new(title, GOOD).then(home.display().to_string(), STRONG).then(kept, DIM), 2)?;
    out.gap()?;
    print_rows(&rows(taken, &checked.report, home), out)?;
    let files = taken.iter().filter(|one| matches!(one.approval.subject, Subject::File(_))).count();
    let as_before = taken.len() - new;
    let mut line = Styled::new(format!("{new} approved"), GOOD);
    if as_before > 0 {
        line = line.and(format!(", {as_before} as approved before"));
    }
    out.line(line.then(format!(" · the identity of {} among them", counted(files, "file")), DIM), 2)?;
    out.gap()
}

/// Prints what was not approved, and why. Gives how many drifts that are.
fn print_standing(checked: &Checked<'_>, session: &Session<'_>, out: &mut Output<'_>) -> io::Result<usize> {
    let namesakes = naming::Namesakes::of(&checked.report.judgements, checked.home.dir());
    let mut count = 0;
    for judgement in &checked.report.judgements {
        if count == 0 {
            out.line(
                Styled::new("Not approved", STRONG).and(format!(", in {}", checked.home.dir().display())),
                2,
            )?;
        }
        count += judgement.drifts.len();
        judgement.drifts.iter().try_for_each(|drift| print_drift(judgement, drift, checked, out))?;
        let acceptable = judgement.drifts.iter().any(|drift| is_acceptable(judgement, drift));
        if acceptable {
            let options = session.repeated(Some(checked.home));
            let address = naming::address(judgement, &namesakes, checked.home.dir());
            let command = format!("mcpwatch{options} approve {address}");
            out.line(Styled::new("                 to accept it  ", DIM).then(command, COMMAND), 31)?;
        }
    }
    if count > 0 {
        out.gap()?;
    }
    Ok(count)
}

fn print_drift(
    judgement: &Judgement,
    drift: &Drift,
    checked: &Checked<'_>,
    out: &mut Output<'_>,
) -> io::Result<()> {
    let why = match &judgement.ruled_by {
        Some(template) if is_ruled(judgement, drift) => format!("contradicts the template {template}: "),
        _ => String::new(),
    };
    let line = Styled::plain("  ")
        .then(format!("{:<13}  ", drift.level), in_column(drift.level))
        .then(naming::name(judgement, checked.home.dir()), STRONG)
        .then(format!("  {}", drift.kind), DIM);
    out.line(line, 17)?;
    out.line(format!("                 {why}{}", drift.summary), 17)
}
