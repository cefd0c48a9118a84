//! `show`: one event whole. Knows nothing of how events are kept; what stands in one is printed elsewhere.

mod aftermath;
mod author;
mod facts;
mod fate;
mod next;
mod text;
mod tokens;

use crate::cli::error::{Answer, Failure, OK};
use crate::cli::json;
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::style::{COMMAND, DIM, Styled};
use crate::cli::switched_off;
use crate::cli::when::to_the_second;
use crate::journal::{Journal, StoredEvent};
use crate::model::event::Event;
use aftermath::Aftermath;
use clap::Args;
use fate::Fate;
use text::Page;

/// The fewest characters that may stand for an id.
const FEWEST: usize = 8;
/// Of ids that begin alike, so many are listed.
const LISTED: usize = 10;

/// Show one event whole: what happened, where, what became of it, and what to do next
#[derive(Args, Debug)]
#[command(
    after_help = "In json, the document as it is stored, in Elastic Common Schema field names.\n\nExamples:\n  mcpwatch show 12\n  mcpwatch show 0199c0de-1111-7222-8333-444455556666\n  mcpwatch show 0199c0de-1111 --format json\n  mcpwatch show 12 --next --format json"
)]
pub(crate) struct Show {
    /// The event's id, the beginning of it (8 characters or more), or its number
    #[arg(value_name = "ID")]
    id: String,
    /// Only what follows from a drift: how long it stood, who still holds it, what was called, what to do in which order
    #[arg(long)]
    next: bool,
    #[command(flatten)]
    format: FormatOption,
}

impl Show {
    /// Prints it.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let Some(journal) = session.setup.journal()? else {
            let state = session.setup.state.display();
            let capture = format!("mcpwatch{} baseline capture", session.repeated(None));
            return Err(Failure::new(format!("there is no journal in {state}")).help(capture));
        };
        let stored = self.find(&journal, session)?;
        let event = stored.event().ok_or_else(|| {
            Failure::new(format!("event {} holds no event that can be read", stored.sequence))
                .help(format!("mcpwatch{} verify", session.repeated(None)))
        })?;
        if self.next {
            return self.next(&journal, &stored, &event, session, out);
        }
        match self.format.format {
            Format::Json if stored.document.contains('\n') => out.json_line(&event.into_document())?,
            Format::Json => out.verbatim(format!("{}\n", json::visible(&stored.document)).as_bytes())?,
            Format::Text => {
                let fate = fate(&journal, &stored, &event)?;
                let aftermath = Aftermath::of(&event, &fate, &journal, session)?;
                let steps =
                    next::steps(&event, &fate, &session.repeated(None), switched_off::sentence(session));
                text::print(
                    &Page { stored: &stored, event: &event, fate, aftermath, steps, now: session.now() },
                    out,
                )?;
                if out.is_shortened() {
                    let options = session.repeated(None);
                    let command = format!("mcpwatch{options} show {} --format json", stored.sequence);
                    out.line(Styled::new("What was left out is in: ", DIM).then(command, COMMAND), 2)?;
                }
            }
        }
        Ok(OK)
    }

    /// What follows, alone.
    fn next(
        &self,
        journal: &Journal,
        stored: &StoredEvent,
        event: &Event,
        session: &Session<'_>,
        out: &mut Output<'_>,
    ) -> Answer {
        let fate = fate(journal, stored, event)?;
        let aftermath = Aftermath::of(event, &fate, journal, session)?;
        match (self.format.format, &aftermath) {
            (Format::Json, _) => out.json(&aftermath)?,
            (Format::Text, Some(aftermath)) => text::print_aftermath(aftermath, out)?,
            (Format::Text, None) => {
                out.line(Styled::new("Nothing follows from this event that needs to be done", DIM), 2)?;
            }
        }
        Ok(OK)
    }

    fn find(&self, journal: &Journal, session: &Session<'_>) -> Result<StoredEvent, Failure> {
        let id = self.id.to_ascii_lowercase();
        if let Some(stored) = journal.event(&id)? {
            return Ok(stored);
        }
        let events = format!("mcpwatch{} events", session.repeated(None));
        if id.chars().count() < FEWEST {
            let failure = Failure::new(format!("there is no event {id} in this journal"));
            return Err(failure.help(format!("give {FEWEST} characters of an id or more; see {events}")));
        }
        let mut found = journal.events_with_id(&id, LISTED + 1)?;
        match (found.len(), found.pop()) {
            (1, Some(stored)) => Ok(stored),
            (_, None) => Err(Failure::new(format!("there is no event {id} in this journal")).help(events)),
            (count, Some(last)) => {
                found.push(last);
                let several = if count > LISTED { format!("more than {LISTED}") } else { count.to_string() };
                let failure = Failure::new(format!("{several} events begin with {id}; say which"));
                Err(found.iter().take(LISTED).fold(failure, |failure, one| {
                    let time = to_the_second(&one.time);
                    let command = format!("mcpwatch{} show {}", session.repeated(None), one.id);
                    failure.help(format!("{command}  # {time} {}", one.action))
                }))
            }
        }
    }
}

/// What became of the event's drift.
fn fate(journal: &Journal, stored: &StoredEvent, event: &Event) -> Result<Fate, Failure> {
    let is_drift = event.text("event.dataset") == Some("mcpwatch.drift");
    let Some(drift) = event.drift_id().filter(|_| is_drift) else { return Ok(Fate::None) };
    if let Some(end) = journal.end_of_drift(drift, stored.sequence)? {
        return Ok(Fate::Ended { time: end.time, sequence: end.sequence });
    }
    Ok(match journal.stands_since(drift)? {
        Some(since) => Fate::Stands { since, alive: journal.alive()? },
        None => Fate::Unknown,
    })
}
