//! The journal as a stream: what it holds, then what comes. Knows nothing of how an event is printed.

use crate::agent::stop::{Signal, stop_signals};
use crate::cli::error::Failure;
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::style::Styled;
use crate::host::reader;
use crate::journal::{EventFilter, Journal, StoredEvent};
use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

/// How often the journal is asked for more.
const PAUSE: Duration = Duration::from_millis(50);

/// What is done with one event: whether to go on.
pub(crate) type Step = Result<ControlFlow<()>, Failure>;

/// A journal, and whether more of it is waited for.
pub(crate) struct Stream<'s> {
    session: &'s Session<'s>,
    journal: Journal,
    stop: Option<Receiver<Signal>>,
    homes: Vec<String>,
}

impl<'s> Stream<'s> {
    /// Opens the journal. Whoever follows waits until there is one; `None` when told to stop or left by the
    /// reader before that.
    pub(crate) fn open(session: &'s Session<'s>, follow: bool) -> Result<Option<Self>, Failure> {
        let stop = follow.then(stop_signals).transpose()?;
        let journal = match (session.setup.journal()?, &stop) {
            (Some(journal), _) => journal,
            (None, Some(stop)) => match wait_for_journal(session, stop)? {
                Some(journal) => journal,
                None => return Ok(None),
            },
            (None, None) => {
                let state = session.setup.state.display();
                let options = session.repeated(None);
                return Err(Failure::new(format!("there is no journal in {state}"))
                    .help(format!("mcpwatch{options} baseline capture")));
            }
        };
        let homes = match session.setup.homes_were_named {
            true => session.setup.homes.iter().map(|home| home.dir().display().to_string()).collect(),
            false => Vec::new(),
        };
        Ok(Some(Self { session, journal, stop, homes }))
    }

    /// The number of the last event, 0 where there is none.
    pub(crate) fn newest(&self) -> Result<i64, Failure> {
        Ok(self.journal.last()?.map_or(0, |last| last.sequence))
    }

    /// Hands over what the filter lets through and is about the homes that were asked for. Gives the highest number that
    /// was looked at.
    pub(crate) fn read(
        &self,
        filter: &EventFilter,
        mut each: impl FnMut(StoredEvent) -> Step,
    ) -> Result<i64, Failure> {
        let mut result = Ok(());
        let mut highest = 0;
        self.journal.each_event(filter, |event| {
            highest = highest.max(event.sequence);
            if !self.is_about(&event) {
                return ControlFlow::Continue(());
            }
            each(event).unwrap_or_else(|failure| {
                result = Err(failure);
                ControlFlow::Break(())
            })
        })?;
        result.map(|()| highest)
    }

    /// Hands over what comes after the event of that number, until told to stop, the reader goes away, or `each` breaks.
    /// Without following there is nothing to do.
    pub(crate) fn follow(
        &mut self,
        mut filter: EventFilter,
        mut seen: i64,
        out: &mut Output<'_>,
        mut each: impl FnMut(StoredEvent, &mut Output<'_>) -> Step,
    ) -> Result<(), Failure> {
        let mut go_on = true;
        while let Some(stop) = &self.stop
            && go_on
            && !out.is_closed()
        {
            let upto = self.newest()?;
            if upto > seen {
                filter.after_sequence = Some(seen);
                let last = self.read(&filter, |event| {
                    let step = each(event, out)?;
                    go_on = step.is_continue();
                    Ok(if out.is_closed() { ControlFlow::Break(()) } else { step })
                })?;
                seen = last.max(upto);
            }
            out.flush()?;
            if !pause(stop) {
                break;
            }
            seen = self.reopen(seen)?;
        }
        Ok(())
    }

    /// Looks for the journal anew where its file was deleted, moved or replaced: what comes would not come here. Gives
    /// the number to go on from.
    fn reopen(&mut self, seen: i64) -> Result<i64, Failure> {
        if !self.journal.is_detached() {
            return Ok(seen);
        }
        // The agent may be about to write it to its place again.
        let Ok(Some(journal)) = self.session.setup.journal() else { return Ok(seen) };
        self.journal = journal;
        let newest = self.newest()?;
        tracing::info!(seen, newest, "the journal was replaced");
        // A journal that was begun anew counts from one again.
        Ok(if newest < seen { 0 } else { seen })
    }

    /// Of the homes that were asked for, or of none at all.
    fn is_about(&self, event: &StoredEvent) -> bool {
        self.homes.is_empty() || event.home.as_ref().is_none_or(|home| self.homes.contains(home))
    }
}

/// Waits a moment; whether to go on then: nobody told to stop, and somebody reads standard output still.
fn pause(stop: &Receiver<Signal>) -> bool {
    stop.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) && !reader::is_gone(&io::stdout())
}

/// The journal as soon as there is one; `None` when told to stop or left by the reader before that.
fn wait_for_journal(session: &Session<'_>, stop: &Receiver<Signal>) -> Result<Option<Journal>, Failure> {
    let mut err = Output::stderr();
    err.line(Styled::plain("mcpwatch: there is no journal yet; waiting for one"), 2)?;
    err.flush()?;
    while pause(stop) {
        if let Some(journal) = session.setup.journal()? {
            return Ok(Some(journal));
        }
    }
    Ok(None)
}
