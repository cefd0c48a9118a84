//! `approve --withdraw`: taking an approval back. Knows nothing of how approvals are kept.

use crate::cli::error::{Answer, Failure, OK};
use crate::cli::output::Output;
use crate::cli::paths;
use crate::cli::session::Session;
use crate::cli::style::{DIM, GOOD, STRONG, Styled};
use crate::compose::Caller;
use crate::journal::Journal;
use crate::model::approval::Approval;
use crate::model::event::{AgentAction, Context, Event, UserFacts};
use crate::model::level::Level;
use crate::model::subject::Subject;
use std::path::Path;

/// Takes it back, records that, and says so.
pub(super) fn run(id: i64, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
    if session.setup.journal()?.is_none() {
        return Err(Failure::new(format!("there is no approval {id}: nothing was ever approved here")));
    }
    let mut journal = Journal::open(&session.setup.state)?;
    let now = session.now();
    let by = session.setup.caller();
    let key = journal.key().clone();
    let approval = journal.withdraw_with(id, &by.to_string(), now, |approval| {
        let user = owner(&approval.home, session);
        let host = crate::host::identity::host_facts();
        let home = Some(&*approval.home);
        let context = Context { time: now, host: &host, home, user: user.as_ref(), key: &key };
        vec![event(approval, &by, &context)]
    })?;
    let name = name(&approval);
    out.line(
        Styled::new("withdrawn", GOOD).and("  ").then(name, STRONG).then(format!("  (approval {id})"), DIM),
        11,
    )?;
    out.line(Styled::new("           what it accepted is drift again: mcpwatch diff", DIM), 11)?;
    Ok(OK)
}

/// The event of an approval that is taken back.
fn event(approval: &Approval, by: &Caller, context: &Context<'_>) -> Event {
    let message = format!("{by} withdrew approval {} of {}", approval.id, name(approval));
    let event_id = crate::host::identity::event_id(context.time);
    let mut event =
        Event::agent(event_id, AgentAction::ApprovalWithdrawn, Level::Informational, &message, context);
    event.set("mcpwatch.approval.id", vec![approval.id.to_string()]);
    event.set("mcpwatch.approval.by", by.to_string());
    event.set("mcpwatch.approval.uid", by.uid.to_string());
    event.set("file.path", approval.file.display().to_string());
    if let Subject::Server { scope, project, name } = &approval.subject {
        event.set("mcpwatch.scope", scope.as_str());
        event.set("mcpwatch.server", name.as_str());
        event.set_some("mcpwatch.project", project.as_ref().map(|project| project.display().to_string()));
    }
    event
}

fn name(approval: &Approval) -> String {
    match &approval.subject {
        Subject::Server { name, .. } => name.clone(),
        Subject::Setting { key, .. } => key.clone(),
        Subject::File(file) | Subject::Managed(file) | Subject::Target(file) => {
            paths::short(file, &approval.home)
        }
        Subject::Finding { kind, about } => format!("{kind} ({about})"),
    }
}

fn owner(home: &Path, session: &Session<'_>) -> Option<UserFacts> {
    let home = session.setup.homes.iter().find(|known| known.dir() == home)?;
    home.owner().map(|owner| UserFacts { uid: owner.uid, name: owner.name })
}
