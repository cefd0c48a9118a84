//! `installs`: the package installs that were seen, and what followed each. Knows nothing of how they are seen.

use crate::cli::error::{Answer, Failure, OK};
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::style::{DIM, STRONG, Styled, in_column};
use crate::cli::when::{When, to_the_second};
use crate::journal::{EventFilter, Journal, StoredEvent};
use crate::model::event::{AgentAction, Event};
use crate::model::level::Level;
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use std::io;
use std::ops::ControlFlow;

/// Under an install.
const INDENT: usize = 4;

/// List the package installs that were seen, and what followed each
#[derive(Args, Debug)]
#[command(
    after_help = "An install is recorded when it is over, by an agent that may see every process (root, or\nCAP_NET_ADMIN). A drift is listed under the install that its writer descends from.\n\nExamples:\n  mcpwatch installs --since 3d\n  mcpwatch installs --format json | jq '.installs[] | select(.followed != [])'"
)]
pub(crate) struct Installs {
    /// Only since then: a time such as 2026-01-31T12:00:00Z, or so long ago such as 10m, 2h or 3d
    #[arg(long, value_name = "T")]
    since: Option<When>,
    #[command(flatten)]
    format: FormatOption,
}

/// What `--format json` prints.
#[derive(Debug, Default, Serialize)]
struct Document {
    installs: Vec<Seen>,
}

/// One install.
#[derive(Debug, Serialize)]
struct Seen {
    /// The event that recorded it.
    event: String,
    /// That event's number.
    sequence: i64,
    /// When it was recorded.
    time: String,
    /// What it was, as the event says it.
    install: Value,
    /// What came of it.
    followed: Vec<Followed>,
}

/// A drift whose writer descends from it.
#[derive(Clone, Debug, Serialize)]
struct Followed {
    event: String,
    sequence: i64,
    time: String,
    action: String,
    level: Level,
    server: Option<String>,
    message: String,
    confidence: Option<String>,
}

impl Installs {
    /// Prints them.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let Some(journal) = session.setup.journal()? else {
            let state = session.setup.state.display();
            let watch = format!("mcpwatch{} watch", session.repeated(None));
            return Err(Failure::new(format!("there is no journal in {state}")).help(watch));
        };
        let since = self.since.map(|since| since.before(session.now()));
        let filter = EventFilter { since, ..EventFilter::default() };
        let document = Document { installs: collect(&journal, &filter)? };
        match self.format.format {
            Format::Json => out.json(&document)?,
            Format::Text => print(&document, session, out)?,
        }
        Ok(OK)
    }
}

fn collect(journal: &Journal, filter: &EventFilter) -> Result<Vec<Seen>, Failure> {
    let mut installs = Vec::new();
    let mut followed: HashMap<String, Vec<Followed>> = HashMap::new();
    journal.each_event(filter, |stored| {
        if let Some(event) = stored.event() {
            if stored.action == AgentAction::InstallSeen.as_str() {
                let install = event.get("mcpwatch.install").cloned().unwrap_or_default();
                let StoredEvent { sequence, id, time, .. } = stored;
                installs.push(Seen { event: id, sequence, time, install, followed: Vec::new() });
            } else if let Some(of) = event.text("mcpwatch.provenance.install.entity_id") {
                followed.entry(of.to_owned()).or_default().push(follower(&stored, &event));
            }
        }
        ControlFlow::Continue(())
    })?;
    for seen in &mut installs {
        let of = seen.install.get("entity_id").and_then(Value::as_str);
        seen.followed = of.and_then(|of| followed.remove(of)).unwrap_or_default();
    }
    Ok(installs)
}

fn follower(stored: &StoredEvent, event: &Event) -> Followed {
    let text = |field: &str| event.text(field).map(str::to_owned);
    Followed {
        event: stored.id.clone(),
        sequence: stored.sequence,
        time: stored.time.clone(),
        action: stored.action.clone(),
        level: stored.level,
        server: text("mcpwatch.server"),
        message: text("message").unwrap_or_default(),
        confidence: text("mcpwatch.provenance.install.confidence"),
    }
}

fn print(document: &Document, session: &Session<'_>, out: &mut Output<'_>) -> io::Result<()> {
    if document.installs.is_empty() {
        out.line("No install was seen", 2)?;
        let hint = format!("mcpwatch{} status", session.repeated(None));
        return out.line(Styled::new("Whether processes are recorded: ", DIM).and(hint), 2);
    }
    for seen in &document.installs {
        let text = |name: &str| seen.install.get(name).and_then(Value::as_str);
        let called = text("command_line").or(text("manager")).unwrap_or("?");
        let time = text("started").unwrap_or(&seen.time);
        let place = text("working_directory").map(|place| format!("  in {place}")).unwrap_or_default();
        let line =
            Styled::new(format!("{}  ", to_the_second(time)), DIM).then(called, STRONG).then(place, DIM);
        out.evidence(&line, INDENT)?;
        let hooks = seen.install.get("hooks").and_then(Value::as_array);
        for hook in hooks.into_iter().flatten() {
            out.evidence(&Styled::plain(format!("{:INDENT$}ran {}", "", ran(hook))), 2 * INDENT)?;
        }
        for follower in &seen.followed {
            let server = follower.server.as_deref().map(|server| format!("  {server}")).unwrap_or_default();
            let line = Styled::plain(format!("{:INDENT$}", ""))
                .then(format!("{:<13}", follower.level), in_column(follower.level))
                .then(format!("  {}", follower.action), STRONG)
                .and(server)
                .then(format!("  event {}", follower.sequence), DIM);
            out.evidence(&line, 2 * INDENT)?;
        }
    }
    Ok(())
}

/// `postinstall of left-pad@6.6.6`.
fn ran(hook: &Value) -> String {
    let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    let step = text(hook, "lifecycle").unwrap_or_else(|| "a step".to_owned());
    let package = hook.get("package");
    let name = package.and_then(|package| text(package, "name"));
    let version = package.and_then(|package| text(package, "version"));
    match (name, version) {
        (Some(name), Some(version)) => format!("{step} of {name}@{version}"),
        (Some(name), None) => format!("{step} of {name}"),
        _ => step,
    }
}
