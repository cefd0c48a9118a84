//! From the journal's outbox to one sink: what is next, what has arrived, when to try again. One step at a time, with no
//! thread and no clock of its own. Must not know what a sink is made of, nor who is told how it is.
//!
//! An event is handed over at least once and in its order. What was handed over and is not sure to have arrived is
//! handed over again, from there on and in order.

mod health;
mod retry;
#[cfg(test)]
mod tests;

pub use self::health::Report;

use self::health::Health;
use self::retry::Retry;
use crate::journal::{Journal, JournalError, Outbox};
use crate::model::event::Event;
use crate::model::outgoing::Outgoing;
use crate::model::selection::Selection;
use crate::sink::{Sink, SinkError};
use jiff::Timestamp;
use std::path::PathBuf;
use std::time::Duration;

/// So many events may be on their way before their arrival is asked for: what comes twice after a failure.
const UNSURE: usize = 2_000;

/// How far past what a sink has taken lies what it does not want, before that is noted.
const UNWANTED: i64 = 1_000;

/// How soon a journal that cannot be read is tried again.
const JOURNAL_RETRY: Duration = Duration::from_secs(1);

/// So many refused events in a row are the events' fault. More are the receiver's, which then gets none until it takes
/// one again: it is asked with the same event.
const MOST_REFUSED: u32 = 8;

/// What is delivered to whom.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The sink's name.
    pub name: String,
    /// What it wants.
    pub selection: Selection,
    /// How much it gets at once.
    pub batch: usize,
    /// Where the journal is.
    pub state: PathBuf,
}

/// The delivery to one sink.
pub struct Delivery {
    assignment: Assignment,
    sink: Box<dyn Sink>,
    journal: Option<Journal>,
    progress: Option<Progress>,
    retry: Retry,
    health: Health,
    refused_in_a_row: u32,
}

/// Numbers of events, each no lower than the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Progress {
    /// Handed over up to here.
    sent: i64,
    /// Arrived up to here.
    sure: i64,
    /// That is noted in the journal up to here.
    noted: i64,
    /// How many were handed over since the last that arrived for sure.
    unsure: usize,
}

/// What one step came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// When to take the next.
    pub next: Next,
    /// What somebody should be told.
    pub reports: Vec<Report>,
}

/// When to take the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// When there may be new events.
    Rung,
    /// At once.
    Now,
    /// After that time, and not before.
    After(Duration),
}

/// Why a step did not succeed.
enum Trouble {
    Journal(JournalError),
    /// There is no journal: whoever records makes one.
    NoJournal,
    Sink(SinkError),
}

impl From<JournalError> for Trouble {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<SinkError> for Trouble {
    fn from(error: SinkError) -> Self {
        Self::Sink(error)
    }
}

impl Delivery {
    /// Delivers nothing yet.
    pub fn new(assignment: Assignment, sink: Box<dyn Sink>) -> Self {
        Self {
            assignment,
            sink,
            journal: None,
            progress: None,
            retry: Retry::default(),
            health: Health::default(),
            refused_in_a_row: 0,
        }
    }

    /// Hands over the next batch, if there is one.
    pub fn step(&mut self, now: Timestamp) -> Step {
        let next = match self.deliver() {
            Ok(more) => {
                self.retry.succeeded();
                self.note_health(None, now);
                self.health.delivers(!more);
                if more { Next::Now } else { Next::Rung }
            }
            Err(Trouble::Sink(error)) => self.failed(&error, now),
            Err(Trouble::NoJournal) => Next::After(JOURNAL_RETRY),
            Err(Trouble::Journal(error)) => {
                tracing::debug!(sink = self.assignment.name, %error, "the journal cannot be read for now");
                self.journal = None;
                Next::After(JOURNAL_RETRY)
            }
        };
        Step { next, reports: self.health.take_reports() }
    }

    /// Everything is opened anew and tried at once.
    pub fn reopen(&mut self) {
        self.sink.reopen();
        self.retry.succeeded();
        self.go_back();
    }

    /// Tells an event that is in no journal, marked so, once. Whether it arrives nobody knows.
    pub fn pass(&mut self, event: &Event) {
        let wanted = &self.assignment.selection;
        let is_of_kind = wanted.kinds.is_empty() || wanted.kinds.iter().any(|kind| kind == event.action());
        if !is_of_kind || wanted.level.is_some_and(|least| event.level() < least) {
            return;
        }
        let document = serde_json::to_string(event.document()).unwrap_or_default();
        let passed = [Outgoing { sequence: 0, event: event.clone(), document }];
        if let Err(why) = self.sink.send(&passed).and_then(|_| self.sink.confirm()) {
            tracing::debug!(sink = self.assignment.name, %why, "an event that is not in the journal was not taken");
            self.go_back();
        }
    }

    /// One batch; whether there is more.
    fn deliver(&mut self) -> Result<bool, Trouble> {
        let progress = self.attach()?;
        let outbox = self.outbox(progress.sent)?;
        let more = outbox.more;
        let until = outbox.until;
        let (batch, foreign) = outgoing(outbox);
        if let Some(first) = foreign {
            self.health.refused(1, first, None, "it is no event: somebody changed the journal");
        }
        self.hand_over(&batch)?;
        let progress = self.progress.get_or_insert(progress);
        progress.sent = progress.sent.max(until);
        if !more || progress.unsure >= UNSURE {
            self.make_sure()?;
        }
        Ok(more)
    }

    /// Makes sure that the journal is open, and is the one that has its name; where to go on.
    fn attach(&mut self) -> Result<Progress, Trouble> {
        if self.journal.as_ref().is_some_and(Journal::is_detached) {
            self.journal = None;
        }
        if self.journal.is_none() {
            self.journal = Some(Journal::open_outbox(&self.assignment.state)?.ok_or(Trouble::NoJournal)?);
        }
        if let Some(progress) = self.progress {
            return Ok(progress);
        }
        let known = self.journal.as_ref().map(|journal| journal.sink(&self.assignment.name)).transpose()?;
        // What is not known begins at the beginning: rather twice than never.
        let taken = known.flatten().map_or(0, |state| state.taken);
        let progress = Progress { sent: taken, sure: taken, noted: taken, unsure: 0 };
        self.progress = Some(progress);
        Ok(progress)
    }

    fn outbox(&self, after: i64) -> Result<Outbox, Trouble> {
        let journal = self.journal.as_ref().ok_or(Trouble::NoJournal)?;
        Ok(journal.outbox(after, &self.assignment.selection, self.assignment.batch)?)
    }

    /// Hands a batch over. Where something in it is refused for good, the rest is handed over without it.
    fn hand_over(&mut self, batch: &[Outgoing]) -> Result<(), Trouble> {
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else { return Ok(()) };
        match self.sink.send(batch) {
            Ok(accepted) => {
                self.refused_in_a_row = 0;
                if let Some((events, why)) = accepted.refused {
                    self.health.refused(events, first.sequence, Some(last.sequence), &why);
                }
                self.advance(last.sequence, batch.len(), accepted.is_sure);
                Ok(())
            }
            Err(SinkError::Refused(_)) if batch.len() > 1 => {
                let (older, newer) = batch.split_at(batch.len() / 2);
                self.hand_over(older)?;
                self.hand_over(newer)
            }
            Err(SinkError::Refused(why)) if self.refused_in_a_row < MOST_REFUSED => {
                self.refused_in_a_row += 1;
                // Of events about sinks nothing is said that is an event again.
                if !first.event.action().starts_with("sink-") {
                    self.health.refused(1, first.sequence, None, &why);
                }
                self.advance(first.sequence, 0, false);
                Ok(())
            }
            Err(SinkError::Refused(why)) => Err(SinkError::failed(why).into()),
            Err(error) => Err(error.into()),
        }
    }

    fn advance(&mut self, sequence: i64, events: usize, is_sure: bool) {
        let Some(progress) = &mut self.progress else { return };
        progress.sent = sequence;
        progress.unsure += events;
        if is_sure || progress.unsure == 0 {
            progress.sure = sequence;
            progress.unsure = 0;
        }
    }

    /// Makes sure that all has arrived that was handed over, and notes it.
    fn make_sure(&mut self) -> Result<(), Trouble> {
        let Some(progress) = &mut self.progress else { return Ok(()) };
        let was_delivered = progress.unsure > 0 || progress.sure > progress.noted;
        if progress.unsure > 0 {
            self.sink.confirm()?;
        }
        (progress.sure, progress.unsure) = (progress.sent, 0);
        if was_delivered || progress.sure - progress.noted >= UNWANTED {
            self.note_progress()?;
        }
        Ok(())
    }

    fn note_progress(&mut self) -> Result<(), JournalError> {
        if let (Some(progress), Some(journal)) = (&mut self.progress, &mut self.journal) {
            journal.sink_took(&self.assignment.name, progress.sure)?;
            progress.noted = progress.sure;
        }
        Ok(())
    }

    /// What is not sure to have arrived is handed over again.
    fn go_back(&mut self) {
        if let Some(progress) = &mut self.progress {
            (progress.sent, progress.unsure) = (progress.sure, 0);
        }
    }

    fn failed(&mut self, error: &SinkError, now: Timestamp) -> Next {
        self.go_back();
        if let Err(error) = self.note_progress() {
            tracing::debug!(%error, "what a sink has taken is noted later");
        }
        let after = match error {
            SinkError::Failed { after, .. } => *after,
            SinkError::Refused(_) => None,
        };
        let wait = self.retry.failed(after);
        let why = error.to_string();
        tracing::debug!(sink = self.assignment.name, why, ?wait, "a sink took nothing");
        self.note_health(Some(&why), now);
        self.health.fails(&why, wait);
        Next::After(wait)
    }

    /// Notes why the sink takes nothing, where everybody can read it; only when that has changed.
    fn note_health(&mut self, why: Option<&str>, now: Timestamp) {
        let Some(since) = self.health.changed(why, now) else { return };
        let trouble = why.map(|why| (since.as_str(), why));
        let Some(journal) = &mut self.journal else { return };
        if let Err(error) = journal.sink_trouble(&self.assignment.name, trouble) {
            tracing::debug!(%error, "how a sink is was not noted");
        }
    }
}

/// The events of an outbox as sinks take them, and the number of the first that is none.
fn outgoing(outbox: Outbox) -> (Vec<Outgoing>, Option<i64>) {
    let mut foreign = None;
    let mut batch = Vec::with_capacity(outbox.events.len());
    for stored in outbox.events {
        match stored.event() {
            Some(event) => {
                batch.push(Outgoing { sequence: stored.sequence, event, document: stored.document })
            }
            None => foreign = foreign.or(Some(stored.sequence)),
        }
    }
    (batch, foreign)
}
