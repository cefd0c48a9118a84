//! What follows from a drift: for how long it stood, which sessions still hold it, what was called meanwhile, and in which
//! order to act. Knows nothing of how it looks, and judges nothing anew.

use super::fate::Fate;
use super::tokens;
use crate::cli::error::Failure;
use crate::cli::paths;
use crate::cli::session::Session;
use crate::compose::Home;
use crate::host::machine::Machine;
use crate::journal::Journal;
use crate::model::event::Event;
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::running_client::RunningClient;
use crate::session::{self, Calls, Window};
use jiff::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// So long is looked for the client's processes, of which each can hold up whoever looks at it.
const PATIENCE: Duration = Duration::from_secs(2);

/// What follows. Its keys are stable.
#[derive(Debug, Serialize)]
pub(crate) struct Aftermath {
    /// Since when it stands or stood, as far as that was seen.
    pub(super) since: String,
    /// Until when; `null` while it stands.
    pub(super) until: Option<String>,
    /// For how many seconds.
    pub(super) seconds: i64,
    /// The client's processes that were started meanwhile, and so hold it still.
    pub(super) sessions: Vec<SessionRow>,
    /// Tools that were called through the server meanwhile.
    pub(super) calls: Vec<CallRow>,
    /// How many more there were than are listed.
    pub(super) calls_unlisted: usize,
    /// Lines and files of transcripts that could not be read.
    pub(super) transcripts_unread: usize,
    /// What to do, in this order.
    pub(super) steps: Vec<String>,
}

/// A process of the client.
#[derive(Debug, Serialize)]
pub(super) struct SessionRow {
    pub(super) pid: u32,
    pub(super) started: String,
    /// The session that it has open, as the client itself says.
    pub(super) session: Option<String>,
    pub(super) directory: Option<String>,
}

/// A call, without what was handed over.
#[derive(Debug, Serialize)]
pub(super) struct CallRow {
    pub(super) time: String,
    pub(super) tool: String,
    pub(super) session: String,
    /// Whether the session began before: then it called by what it had loaded, unless it was resumed.
    pub(super) session_is_older: bool,
}

impl Aftermath {
    /// What follows from the drift of that event; `None` for any other event, and for what nobody needs to act on.
    pub(super) fn of(
        event: &Event,
        fate: &Fate,
        journal: &Journal,
        session: &Session<'_>,
    ) -> Result<Option<Self>, Failure> {
        let (Ok(kind), Some(window)) = (event.action().parse::<DriftKind>(), window(event, fate)) else {
            return Ok(None);
        };
        let home = session.setup.homes.iter().find(|home| event.home() == home.dir().to_str());
        let Some(home) = home.filter(|_| event.level() >= Level::Medium) else { return Ok(None) };
        let now = session.now();
        let place =
            session::Place { files: &Machine, owner: home.owner_uid(), sessions: home.layout.sessions() };
        let holding = window.holding(&session::running(place, PATIENCE));
        let calls = match event.text("mcpwatch.server") {
            Some(server) => session::calls(
                session.setup.files(),
                home.owner_uid(),
                &home.layout.transcripts(),
                server,
                // Who holds it goes on with it after it was put right.
                Window { until: window.until.filter(|_| holding.is_empty()), ..window },
            ),
            None => Calls::default(),
        };
        let mut steps = vec![route(event, window, session, home), sessions(&holding)];
        steps.extend(tokens::steps(kind, event, home, journal, session)?);
        let until = window.until.unwrap_or(now);
        Ok(Some(Self {
            since: window.since.to_string(),
            until: window.until.map(|until| until.to_string()),
            seconds: until.as_second().saturating_sub(window.since.as_second()),
            sessions: holding
                .iter()
                .map(|client| SessionRow {
                    pid: client.pid,
                    started: client.started.to_string(),
                    session: client.session.clone(),
                    directory: client.directory.as_deref().map(|dir| paths::short(dir, home.dir())),
                })
                .collect(),
            calls: calls
                .calls
                .into_iter()
                .map(|call| CallRow {
                    time: call.time.to_string(),
                    tool: call.tool,
                    session: call.session,
                    session_is_older: call.is_older,
                })
                .collect(),
            calls_unlisted: calls.unlisted,
            transcripts_unread: calls.unread,
            steps,
        }))
    }
}

fn window(event: &Event, fate: &Fate) -> Option<Window> {
    let first = event.text("mcpwatch.drift.since").unwrap_or_else(|| event.time());
    let since: Timestamp = first.parse().ok()?;
    match fate {
        Fate::None => None,
        Fate::Stands { since: stands, .. } => Some(Window { since: since.min(*stands), until: None }),
        Fate::Ended { time, .. } => Some(Window { since, until: time.parse().ok() }),
        Fate::Unknown => Some(Window { since, until: None }),
    }
}

/// First of all: a token that is rotated while the file is wrong goes the same way.
fn route(event: &Event, window: Window, session: &Session<'_>, home: &Home) -> String {
    if window.until.is_some() {
        return "the route is as it should be again".to_owned();
    }
    let options = session.repeated(Some(home));
    let named = event.text("mcpwatch.server").filter(|name| !name.chars().any(char::is_control));
    let named = named.map_or_else(String::new, |name| format!(" {}", paths::quoted(name)));
    let first = "put the route right before anything else: mcpwatch";
    // What the lint finds has no former state, and what an administrator or a plugin brings is put back where it came from.
    let is_foreign = matches!(event.text("mcpwatch.scope"), Some("managed" | "plugin"));
    if is_foreign || event.text("mcpwatch.drift.source") == Some("lint") {
        return format!("{first}{options} diff{named} says how");
    }
    match named.is_empty() {
        true => format!("{first}{options} revert --event {}", paths::quoted(event.id())),
        false => format!("{first}{options} revert{named}"),
    }
}

fn sessions(holding: &[RunningClient]) -> String {
    if holding.is_empty() {
        return "no running session of the client was started meanwhile; one that was resumed or reconnected \
                then holds it all the same"
            .to_owned();
    }
    let pids: Vec<String> = holding.iter().map(|client| client.pid.to_string()).collect();
    format!("end and start again the sessions that hold it in memory: process {}", pids.join(", "))
}
