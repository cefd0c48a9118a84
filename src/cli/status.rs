//! `status`: is the agent up, what is watched, what is in the journal. Knows nothing of how it is found out.

use crate::cli::diff::counted;
use crate::cli::error::{Answer, Failure, OK};
use crate::cli::event_line;
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::{Checked, Session};
use crate::cli::sinks::sinks;
use crate::cli::status_document::{AgentStatus, JournalStatus, Status, Watched};
use crate::cli::style::{BAD, DIM, GOOD, STRONG, Styled, WARN};
use crate::cli::when;
use crate::host::lock::AgentLock;
use crate::journal::{Journal, StoredEvent};
use crate::model::surface::SurfaceState;
use clap::Args;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::io;

/// As much of the newest hash as tells it from every other.
const SHORT_HEAD: usize = 16;

/// Say whether the agent is up, what is watched, and what is in the journal
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  mcpwatch status\n  mcpwatch status --format json | jq .agent.running")]
pub(crate) struct StatusCommand {
    #[command(flatten)]
    format: FormatOption,
}

impl StatusCommand {
    /// Prints.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let said = AgentLock::holder(&session.setup.state);
        let reading = session.setup.reading()?;
        let last = reading.journal.as_ref().map(Journal::last).transpose()?.flatten();
        let status = Status {
            agent: said.as_ref().map(AgentStatus::announced).unwrap_or_default(),
            watched: match said.as_ref().and_then(watched_by_agent) {
                Some(watched) => watched,
                None => watched(&session.check(&reading, reading.journal.as_ref())?),
            },
            journal: journal(reading.journal.as_ref(), last.as_ref())?,
            sinks: sinks(session, reading.journal.as_ref())?,
        };
        match self.format.format {
            Format::Json => out.json(&status)?,
            Format::Text => print(&status, last.as_ref(), session, out)?,
        }
        Ok(OK)
    }
}

fn watched_by_agent(said: &Map<String, Value>) -> Option<Watched> {
    let watched = said.get("watched")?;
    let number = |name: &str| usize::try_from(watched.get(name)?.as_u64()?).ok();
    Some(Watched { homes: number("homes")?, surfaces: number("surfaces")?, projects: number("projects")? })
}

/// What would be watched.
fn watched(homes: &[Checked<'_>]) -> Watched {
    let surfaces = || homes.iter().flat_map(|checked| &checked.report.inventory.surfaces);
    let projects: BTreeSet<_> = surfaces().filter_map(|reading| reading.surface.project.as_ref()).collect();
    Watched {
        homes: homes.len(),
        surfaces: surfaces().filter(|reading| reading.state != SurfaceState::Missing).count(),
        projects: projects.len(),
    }
}

fn journal(journal: Option<&Journal>, last: Option<&StoredEvent>) -> Result<JournalStatus, Failure> {
    let Some(journal) = journal else { return Ok(JournalStatus::default()) };
    Ok(JournalStatus {
        events: journal.count()?,
        last: last.map(|last| last.time.clone()),
        head: journal.head()?.map(|head| head.hash.to_string()),
    })
}

fn print(
    status: &Status,
    last: Option<&StoredEvent>,
    session: &Session<'_>,
    out: &mut Output<'_>,
) -> io::Result<()> {
    let heading = |word: &str| Styled::new(format!("{word:<9}"), STRONG);
    let since = |time: &str| time.parse().map(|then| when::ago(then, session.now())).unwrap_or_default();
    let agent = match (&status.agent.pid, &status.agent.since) {
        (Some(pid), Some(time)) if status.agent.running => heading("agent")
            .then("running", GOOD)
            .then(format!("  process {pid}, started {}", since(time)), DIM),
        _ if status.agent.running => heading("agent").then("running", GOOD),
        _ => heading("agent").then("not running", BAD).then("  start it with mcpwatch watch", DIM),
    };
    out.line(agent, 9)?;
    if status.agent.running {
        out.line(heading("sensors").and(status.agent.sensors.join(", ")), 9)?;
    }
    for degraded in &status.agent.degraded {
        out.line(heading("degraded").then(degraded, WARN), 9)?;
    }
    let watched = status.watched;
    let counts = [
        counted(watched.homes, "home"),
        counted(watched.surfaces, "surface"),
        counted(watched.projects, "project"),
    ];
    out.line(heading("watched").and(counts.join(", ")), 9)?;
    let events = usize::try_from(status.journal.events).unwrap_or(usize::MAX);
    let place = format!("  in {}", session.setup.state.display());
    out.line(heading("journal").and(counted(events, "event")).then(place, DIM), 9)?;
    if let Some(head) = status.journal.head.as_ref().and_then(|head| head.get(..SHORT_HEAD)) {
        out.line(heading("head").and(head).then("  enough for mcpwatch verify --head", DIM), 9)?;
    }
    for sink in &status.sinks {
        let pending = counted(usize::try_from(sink.pending).unwrap_or(usize::MAX), "event");
        let line = heading("sink").and(sink.name.as_str()).then(format!("  {pending} pending"), DIM);
        out.line(line, 9)?;
        if let Some(why) = &sink.last_error {
            out.line(Styled::new(format!("{:9}", ""), DIM).then(why, WARN), 9)?;
        }
    }
    if let Some(event) = last.and_then(StoredEvent::event) {
        let mut line = heading("last");
        line.0.extend(event_line::line(&event).0);
        out.line(line, 9)?;
    }
    Ok(())
}
