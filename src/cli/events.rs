//! `events`: the journal, oldest first. Knows nothing of how it is kept.

use crate::agent::stop::{Signal, stop_signals};
use crate::cli::error::{Answer, Failure, OK};
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::style::Styled;
use crate::cli::when::When;
use crate::cli::{event_line, json};
use crate::journal::{EventFilter, Journal, StoredEvent};
use crate::model::event::AgentAction;
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use clap::Args;
use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// How often the journal is asked for more.
const PAUSE: Duration = Duration::from_millis(50);

/// Print the journal, oldest first
#[derive(Args, Debug)]
#[command(
    after_help = "In text, one line an event: time, level, kind, scope, server, summary.\nIn json, one document an event, in Elastic Common Schema field names.\n\nExamples:\n  mcpwatch events --since 2h --level high\n  mcpwatch events --kind endpoint-host-changed --format json\n  mcpwatch events --follow --limit 10"
)]
pub(crate) struct Events {
    /// Only since then: a time such as 2026-01-31T12:00:00Z, or so long ago such as 10m, 2h or 3d
    #[arg(long, value_name = "T")]
    since: Option<When>,
    /// Only of this level or above: informational, low, medium, high or critical
    #[arg(long, value_name = "LEVEL")]
    level: Option<Level>,
    /// Only of this drift kind or action of the agent
    #[arg(long, value_name = "KIND", value_parser = kind)]
    kind: Option<String>,
    /// Go on with what comes, until interrupted
    #[arg(long)]
    follow: bool,
    /// Only the last N of them
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    format: FormatOption,
}

/// Events' own words for what they are, in ECS.
const ECS_KINDS: [&str; 3] = ["alert", "event", "state"];

fn kind(word: &str) -> Result<String, String> {
    let is_known =
        word.parse::<DriftKind>().is_ok() || word.parse::<AgentAction>().is_ok() || ECS_KINDS.contains(&word);
    if is_known {
        return Ok(word.to_owned());
    }
    let known = DriftKind::ALL.iter().map(|kind| kind.as_str());
    let all = known.chain(AgentAction::ALL.iter().map(|action| action.as_str()));
    let nearest = all.map(|kind| (strsim::damerau_levenshtein(kind, word), kind)).min();
    Err(match nearest.filter(|(distance, kind)| *distance <= kind.len() / 2) {
        Some((_, kind)) => format!("there is no such kind; did you mean \"{kind}\"?"),
        None => "there is no such kind".to_owned(),
    })
}

impl Events {
    /// Prints them.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let stop = self.follow.then(stop_signals).transpose()?;
        let journal = match (session.setup.journal()?, &stop) {
            (Some(journal), _) => journal,
            (None, Some(stop)) => match wait_for_journal(session, stop)? {
                Some(journal) => journal,
                None => return Ok(OK),
            },
            (None, None) => {
                let state = session.setup.state.display();
                let options = session.repeated(None);
                return Err(Failure::new(format!("there is no journal in {state}"))
                    .help(format!("mcpwatch{options} baseline capture")));
            }
        };
        let mut filter = EventFilter {
            since: self.since.map(|since| since.before(session.now())),
            level: self.level,
            kind: self.kind.clone(),
            ..EventFilter::default()
        };
        let homes: Vec<String> = match session.setup.homes_were_named {
            true => session.setup.homes.iter().map(|home| home.dir().display().to_string()).collect(),
            false => Vec::new(),
        };
        // What comes while the first part is printed has a higher number than this.
        let mut seen = newest(&journal)?;
        let last = match self.limit {
            Some(limit) => self.print_last(limit, &homes, &journal, &filter, out)?,
            None => self.print_all(&homes, &journal, &filter, out)?,
        };
        seen = seen.max(last);
        let Some(stop) = stop else { return Ok(OK) };
        while !out.is_closed() {
            let upto = newest(&journal)?;
            if upto > seen {
                filter.after_sequence = Some(seen);
                seen = self.print_all(&homes, &journal, &filter, out)?.max(upto);
            }
            out.flush()?;
            if stop.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout) {
                break;
            }
        }
        Ok(OK)
    }

    fn print_all(
        &self,
        homes: &[String],
        journal: &Journal,
        filter: &EventFilter,
        out: &mut Output<'_>,
    ) -> Result<i64, Failure> {
        let mut result = Ok(());
        let mut last = 0;
        journal.each_event(filter, |event| {
            last = event.sequence;
            if is_about(&event, homes) {
                result = self.print(&event, out);
            }
            if result.is_err() || out.is_closed() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        result?;
        Ok(last)
    }

    fn print_last(
        &self,
        limit: usize,
        homes: &[String],
        journal: &Journal,
        filter: &EventFilter,
        out: &mut Output<'_>,
    ) -> Result<i64, Failure> {
        let mut last = Vec::new();
        let mut newest = 0;
        let newest_first = EventFilter { newest_first: true, ..filter.clone() };
        if limit > 0 {
            journal.each_event(&newest_first, |event| {
                newest = newest.max(event.sequence);
                if is_about(&event, homes) {
                    last.push(event);
                }
                if last.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            })?;
        }
        last.iter().rev().try_for_each(|event| self.print(event, out))?;
        Ok(newest)
    }

    fn print(&self, event: &StoredEvent, out: &mut Output<'_>) -> io::Result<()> {
        match (self.format.format, event.event()) {
            (Format::Text, Some(event)) => out.unwrapped(&event_line::line(&event)),
            // As it was stored, so that it can be told from what somebody made of it.
            (Format::Json, Some(_)) if !event.document.contains('\n') => {
                out.verbatim(json::visible(&event.document).as_bytes())?;
                out.verbatim(b"\n")
            }
            (Format::Json, Some(event)) => out.json_line(&event.into_document()),
            (_, None) => {
                tracing::warn!(sequence = event.sequence, "a row of the journal holds no event");
                Ok(())
            }
        }
    }
}

/// Of the homes that were asked for, or of none at all.
fn is_about(event: &StoredEvent, homes: &[String]) -> bool {
    homes.is_empty() || event.home.as_ref().is_none_or(|home| homes.contains(home))
}

/// The number of the last event, 0 where there is none.
fn newest(journal: &Journal) -> Result<i64, Failure> {
    Ok(journal.last()?.map_or(0, |last| last.sequence))
}

/// The journal as soon as there is one; `None` when told to stop before that.
fn wait_for_journal(session: &Session<'_>, stop: &Receiver<Signal>) -> Result<Option<Journal>, Failure> {
    let mut err = Output::stderr();
    err.line(Styled::plain("mcpwatch: there is no journal yet; waiting for one"), 2)?;
    err.flush()?;
    while stop.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
        if let Some(journal) = session.setup.journal()? {
            return Ok(Some(journal));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_name() {
        for known in ["hook-changed", "agent-started", "alert"] {
            assert_eq!(kind(known).as_deref(), Ok(known));
        }
        assert!(kind("hook-change").unwrap_err().contains("\"hook-changed\""));
        assert_eq!(kind("§").unwrap_err(), "there is no such kind");
    }
}
