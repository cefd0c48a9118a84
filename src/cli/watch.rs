//! `watch`: the agent in the foreground. Wires nothing together itself: compose made the parts, the agent runs
//! them; here its events become lines.

use crate::agent::{Agent, AgentError, Plan, SinkPlan, Told, Watched};
use crate::cli::baseline::capture;
use crate::cli::error::{Answer, Failure, OK};
use crate::cli::event_line;
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::style::{DIM, Styled, WARN};
use crate::cli::switched_off;
use crate::compose::{self, Home, Reading, Setup};
use crate::config::{Action, SinkConfig, Target};
use crate::host::clock::SystemClock;
use crate::host::identity::{event_id, host_facts};
use crate::host::limits::open_all_files_allowed;
use crate::host::lock::AgentLock;
use crate::host::machine::Machine;
use crate::host::service::Service;
use crate::journal::Journal;
use crate::model::event::UserFacts;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Watch in the foreground: check, then tell every drift as it happens
#[derive(Args, Debug)]
#[command(
    after_help = "With no template and no approval it captures first, and says so.\n\nExamples:\n  mcpwatch watch\n  mcpwatch watch --respond revert\n  mcpwatch watch --format json | jq -c .message\n  sudo mcpwatch --config /etc/mcpwatch/config.toml watch"
)]
pub(crate) struct Watch {
    /// Only tell every drift, or put every drift right, whatever the configuration says
    #[arg(long, value_enum, value_name = "RESPONSE")]
    respond: Option<Response>,
    #[command(flatten)]
    format: FormatOption,
}

/// One home takes about thirty.
const FEWEST_FILES: u64 = 64;

/// What is done about a drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Response {
    /// It is told
    Alert,
    /// It is told, and put right, whoever made it
    Revert,
}

impl Watch {
    /// Runs until a signal ends it.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let setup = &session.setup;
        require_files()?;
        let lock = AgentLock::acquire(&setup.state)?;
        let (reading, journal) = setup.writing()?;
        capture_first(session, &reading, &journal)?;
        let replan = || {
            let setup =
                Setup::new(&session.options.wishes()).map_err(|error| AgentError::Plan(error.to_string()))?;
            Ok(self.plan(setup))
        };
        let agent = Agent {
            files: &Machine,
            clock: &SystemClock,
            host: host_facts(),
            event_id,
            journal,
            lock,
            service: Service::from_environment(),
            plan: self.plan(Setup::new(&session.options.wishes())?),
            replan: &replan,
        };
        out.flush()?;
        let format = self.format.format;
        let mut out = Output::stdout_apart();
        // Two would write into each other's lines. What is not in the journal no sink tells but by chance.
        let is_told = session.setup.config.sinks.iter().any(|sink| matches!(sink.target, Target::Stdout(_)));
        agent.run(Box::new(move |told| {
            if !is_told {
                tell(format, told, &mut out);
            }
        }))?;
        Ok(OK)
    }

    /// What is watched, as the configuration says.
    fn plan(&self, setup: Setup) -> Plan {
        let respond = match self.respond {
            None => setup.config.respond.clone(),
            Some(Response::Alert) => setup.config.respond.clone().always(Action::Alert),
            Some(Response::Revert) => setup.config.respond.clone().always(Action::Revert),
        };
        let watched = |home: &Home| Watched {
            layout: home.layout.clone(),
            owner: home.owner_uid(),
            user: home.owner().map(|owner| UserFacts { uid: owner.uid, name: owner.name }),
        };
        let rules = setup.rules.clone();
        Plan {
            rule_dirs: rules.all().cloned().collect(),
            homes: setup.homes.iter().map(watched).collect(),
            template_dirs: setup.template_dirs.clone(),
            local_approvals: setup.local_approvals(),
            cap: setup.config.max_file_size,
            rescan: setup.config.rescan,
            respond,
            retention: setup.config.retention,
            rules: Box::new(move || rules.load()),
            install_window: setup.config.install_window,
            sinks: sinks(&setup),
            metrics: setup.config.sinks.iter().filter_map(metrics_file).collect(),
            templates: Box::new(move |known| {
                setup.templates(known).map_err(|error| AgentError::Plan(error.to_string()))
            }),
        }
    }
}

/// Refuses to watch where the system lets it open so few files that half of what it reads could not be read, and would be
/// taken for drift.
fn require_files() -> Result<(), Failure> {
    match open_all_files_allowed() {
        Some(most) if most < FEWEST_FILES => Err(Failure::new(format!(
            "this process may have {most} files open at once, and the agent needs {FEWEST_FILES} at least"
        ))
        .help("ulimit -n 1024, or in the service's unit LimitNOFILE=1024")),
        _ => Ok(()),
    }
}

/// One event, one line, at once. A reader that went away does not end the watch.
fn tell(format: Format, told: &Told, out: &mut Output<'_>) {
    let Told { event, recorded } = told;
    let printed = match (format, recorded) {
        (Format::Text, Some(_)) => out.unwrapped(&event_line::line(event)),
        (Format::Text, None) => out.unwrapped(&event_line::line(event).then(" (not recorded)", WARN)),
        (Format::Json, Some(document)) => out.document_line(document),
        (Format::Json, None) => out.json_line(event.document()),
    };
    if let Err(error) = printed.and_then(|()| out.flush()) {
        tracing::warn!(%error, is_recorded = recorded.is_some(), "an event could not be printed");
    }
}

/// Where events are delivered, as the configuration says.
fn sinks(setup: &Setup) -> Vec<SinkPlan> {
    let sinks = setup.config.sinks.iter().filter(|sink| metrics_file(sink).is_none());
    sinks.map(|config| SinkPlan { config: config.clone(), make: compose::sink }).collect()
}

/// The file for numbers, where the sink is one.
fn metrics_file(sink: &SinkConfig) -> Option<PathBuf> {
    match &sink.target {
        Target::Prometheus { path } => Some(path.clone()),
        _ => None,
    }
}

/// A watch over homes of which nothing is known approves what is there, and says so on standard error.
fn capture_first(session: &Session<'_>, reading: &Reading, journal: &Journal) -> Result<(), Failure> {
    for home in &session.setup.homes {
        if !reading.baseline_with(Some(journal), home.dir(), session.now())?.is_empty() {
            return Ok(());
        }
    }
    let mut err = Output::stderr();
    if let Some(why) = switched_off::sentence(session) {
        err.line(Styled::new("No template yet, and nothing is approved here: ", WARN).and(why), 2)?;
        return Ok(err.flush()?);
    }
    err.line(Styled::new("No template and no approval yet: approving what is there now", DIM), 2)?;
    capture(session, Some("first watch".to_owned()), &mut err)?;
    err.flush()?;
    Ok(())
}
