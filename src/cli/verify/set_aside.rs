//! `verify --set-aside`: going on after the chain was broken. Puts nothing right: the broken journal stays for whoever
//! looks into it, and a new one says that it follows it.

use crate::cli::diff::counted;
use crate::cli::error::Failure;
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::style::{COMMAND, DIM, GOOD, Styled};
use crate::host::identity::{event_id, host_facts};
use crate::host::lock::AgentLock;
use crate::host::shown::shown;
use crate::journal::{Break, Journal, Renewed, Verification};
use crate::model::event::{AgentAction, Context, Event};
use crate::model::level::Level;
use serde_json::{Value, json};
use std::io;

/// Sets the journal aside if its chain is broken, and begins a new one; `None` when it is whole.
pub(super) fn run(session: &Session<'_>) -> Result<(Verification, Option<Renewed>), Failure> {
    // An agent would put back what it has open.
    let _no_agent = AgentLock::acquire(&session.setup.state)?;
    let journal = Journal::open(&session.setup.state)?;
    let verification = journal.verify(None)?;
    let broken = match &verification {
        Verification::Whole(_) => return Ok((verification, None)),
        Verification::Broken(broken) => broken,
    };
    let (now, key, by) = (session.now(), journal.key().clone(), session.setup.caller().to_string());
    let host = host_facts();
    let context = Context { time: now, host: &host, home: None, user: None, key: &key };
    let (_, renewed) = journal.renew(now, |renewed| event(renewed, broken, &by, &context))?;
    Ok((verification, Some(renewed)))
}

fn event(renewed: &Renewed, broken: &Break, by: &str, context: &Context<'_>) -> Event {
    let message = format!(
        "{by} set the journal aside, whose chain is broken ({}), as {}; this one goes on after event {}, with {}",
        broken.fault,
        shown(&renewed.path),
        renewed.last,
        kept(renewed)
    );
    let id = event_id(context.time);
    let mut event = Event::agent(id, AgentAction::JournalReplaced, Level::High, &message, context);
    let path = renewed.path.to_string_lossy().into_owned();
    let head = renewed
        .head
        .map_or(Value::Null, |head| json!({"sequence": head.sequence, "hash": head.hash.to_string()}));
    event.set("mcpwatch.journal.set_aside", json!({"path": path, "is": "broken", "head": head}));
    event
        .set("mcpwatch.journal.broken", json!({"sequence": broken.sequence, "fault": broken.fault.as_str()}));
    event.set("mcpwatch.journal.by", by);
    event
}

fn kept(renewed: &Renewed) -> String {
    let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
    let approvals = match renewed.approvals {
        Some(approvals) => counted(count(approvals), "approval"),
        None => "no approval".to_owned(),
    };
    format!("{approvals} and {} taken over", counted(count(renewed.standing), "standing drift"))
}

/// Says what was done.
pub(super) fn print(
    renewed: Option<&Renewed>,
    session: &Session<'_>,
    out: &mut Output<'_>,
) -> io::Result<()> {
    let Some(renewed) = renewed else {
        return out.line(Styled::new("Nothing was set aside.", DIM), 2);
    };
    let line = Styled::new("It was set aside", GOOD).and(format!(" as {}", shown(&renewed.path)));
    out.line(line, 2)?;
    out.line(Styled::new("A new journal was begun", GOOD).and(format!(": {}", kept(renewed))), 2)?;
    if renewed.approvals.is_none() {
        let capture = format!("mcpwatch{} baseline capture", session.repeated(None));
        let line = Styled::new("help", COMMAND).and(format!(
            ": which approvals held cannot be proven, so none does now; look at everything, then type {capture}"
        ));
        out.line(line, 2)?;
    }
    Ok(())
}
