//! `watch`: the agent in the foreground. Wires nothing together itself: compose made the parts, the agent runs
//! them; here its events become lines.

use crate::agent::{Agent, AgentError, Watched};
use crate::baseline::{Baseline, catalogue};
use crate::check::World;
use crate::cli::baseline::capture;
use crate::cli::error::{Answer, Failure, OK};
use crate::cli::event_line;
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::style::{DIM, Styled};
use crate::compose::{Home, Reading};
use crate::host::accounts;
use crate::host::identity::{event_id, host_facts};
use crate::host::lock::AgentLock;
use crate::journal::Journal;
use crate::model::event::{Event, UserFacts};
use clap::Args;
use std::path::Path;

/// Watch in the foreground: check, then tell every drift as it happens
#[derive(Args, Debug)]
#[command(
    after_help = "With no template and no approval it captures first, and says so.\n\nExamples:\n  mcpwatch watch\n  mcpwatch watch --format json | jq -c .message\n  sudo mcpwatch --config /etc/mcpwatch/config.toml watch"
)]
pub(crate) struct Watch {
    #[command(flatten)]
    format: FormatOption,
}

impl Watch {
    /// Runs until a signal ends it.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let setup = &session.setup;
        let lock = AgentLock::acquire(&setup.state)?;
        let (reading, journal) = setup.writing()?;
        capture_first(session, &reading, &journal)?;
        let uids: Vec<Option<u32>> = setup.homes.iter().map(Home::owner_uid).collect();
        let private: Vec<_> = uids
            .iter()
            .map(|owner| {
                let owner = *owner;
                move |group: u32| owner.is_some_and(|owner| accounts::is_private_group(group, owner))
            })
            .collect();
        let exists = |path: &Path| setup.files().exists(path);
        let homes =
            setup.homes.iter().zip(&uids).zip(&private).map(|((home, owner), is_private_group)| Watched {
                layout: home.layout.clone(),
                user: home.owner().map(|owner| UserFacts { uid: owner.uid, name: owner.name }),
                world: World {
                    owner: *owner,
                    is_private_group,
                    exists: &exists,
                    vendors: catalogue::catalogue(),
                },
            });
        let baseline = |journal: &Journal, home: &Path| {
            // Read anew each time: a template that changes, or an approval that is given, counts at once.
            let expected = setup.templates().and_then(|templates| {
                Ok(Baseline { templates, approvals: journal.approvals(home, setup.clock().now())? })
            });
            expected.map_err(|error| AgentError::Baseline(error.to_string()))
        };
        let agent = Agent {
            files: setup.files(),
            clock: setup.clock(),
            host: host_facts(),
            event_id: &event_id,
            lock,
            homes: homes.collect(),
            baseline: &baseline,
            watched_files: vec![journal.path().with_extension("db-wal")],
            watched_directories: setup.template_dirs.clone(),
            cap: setup.config.max_file_size,
            rescan: setup.config.rescan,
            journal,
        };
        agent.run(&mut |event| self.tell(event, out))?;
        Ok(OK)
    }

    /// One event, one line, at once. A reader that went away does not end the watch.
    fn tell(&self, event: &Event, out: &mut Output<'_>) {
        let told = match self.format.format {
            Format::Text => out.unwrapped(&event_line::line(event)),
            Format::Json => out.json_line(event.document()),
        };
        if let Err(error) = told.and_then(|()| out.flush()) {
            tracing::warn!(%error, "an event could not be printed; it is in the journal");
        }
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
    err.line(Styled::new("No template and no approval yet: approving what is there now", DIM), 2)?;
    capture(session, Some("first watch".to_owned()), &mut err)?;
    err.flush()?;
    Ok(())
}
