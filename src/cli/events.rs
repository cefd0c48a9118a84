//! `events`: the journal, oldest first. Knows nothing of how it is kept.

use crate::cli::chosen::Chosen;
use crate::cli::error::{Answer, Failure, OK};
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::stream::{Step, Stream};
use crate::cli::{event_line, json};
use crate::journal::{EventFilter, StoredEvent};
use clap::Args;
use std::io;
use std::ops::ControlFlow;

/// Print the journal, oldest first
#[derive(Args, Debug)]
#[command(
    after_help = "In text, one line an event: time, level, kind, scope, server, summary.\nIn json, one document an event, in Elastic Common Schema field names.\n\nExamples:\n  mcpwatch events --since 2h --level high\n  mcpwatch events --kind endpoint-host-changed --format json\n  mcpwatch events --follow --limit 10"
)]
pub(crate) struct Events {
    #[command(flatten)]
    chosen: Chosen,
    /// Go on with what comes, until interrupted
    #[arg(long)]
    follow: bool,
    /// Only the last N of them
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    format: FormatOption,
}

impl Events {
    /// Prints them.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let Some(mut stream) = Stream::open(session, self.follow)? else { return Ok(OK) };
        let filter = self.chosen.filter(session.now());
        // What comes while the first part is printed has a higher number than this.
        let seen = stream.newest()?;
        let last = match self.limit {
            Some(limit) => self.print_last(limit, &stream, &filter, out)?,
            None => stream.read(&filter, |event| self.print(&event, out))?,
        };
        stream.follow(filter, seen.max(last), out, |event, out| self.print(&event, out))?;
        Ok(OK)
    }

    fn print_last(
        &self,
        limit: usize,
        stream: &Stream<'_>,
        filter: &EventFilter,
        out: &mut Output<'_>,
    ) -> Result<i64, Failure> {
        let newest_first = EventFilter { newest_first: true, ..filter.clone() };
        let mut last = Vec::new();
        let mut newest = 0;
        if limit > 0 {
            newest = stream.read(&newest_first, |event| {
                last.push(event);
                Ok(if last.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
            })?;
        }
        last.iter().rev().try_for_each(|event| self.print(event, out).map(drop))?;
        Ok(newest)
    }

    fn print(&self, event: &StoredEvent, out: &mut Output<'_>) -> Step {
        self.write(event, out)?;
        Ok(if out.is_closed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }

    fn write(&self, event: &StoredEvent, out: &mut Output<'_>) -> io::Result<()> {
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
