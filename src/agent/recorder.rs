//! What happened, recorded and then told. When the journal cannot be written it is told all the same, marked, and
//! recorded as soon as it can be. Must not know what the events say.

use super::teller::{Teller, Told};
use crate::host::clock::Clock;
use crate::journal::{Batch, Journal, JournalError, KeyPutBack, Reattached};
use crate::model::event::Event;
use std::collections::VecDeque;
use std::time::Duration;

/// ECS `tags` of an event that was told and could not be recorded.
pub const UNRECORDED: &str = "journal-unwritable";

/// How long another process's transaction is waited for: telling must not wait longer.
const PATIENCE: Duration = Duration::from_millis(500);

/// How soon a journal that could not be written is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Getting a journal back that is taken away all the time takes at most one part in so many of the time.
const SPARING: u32 = 10;

/// More events than this do not wait in memory.
const MOST_WAITING: usize = 10_000;

/// Records and tells.
pub(super) struct Recorder {
    journal: Journal,
    teller: Teller,
    waiting: VecDeque<Batch>,
    waiting_events: usize,
    dropped: usize,
    retry: Option<Duration>,
    /// Not before then is the journal got back again, and whether it should be.
    reattach: (Duration, bool),
    /// Not before then is its key put back again, and whether that went wrong.
    key: (Duration, bool),
}

/// What became of a batch.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is in the journal.
    Recorded,
    /// It waits.
    Waits {
        /// Its events, marked, as they were told.
        told: Vec<Event>,
        /// Why. Each reason is given once until the journal can be written again.
        why: Option<JournalError>,
    },
}

/// What was caught up with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CaughtUp {
    /// Events that were told before they could be recorded.
    pub(super) recorded: usize,
    /// Events that had to be let go.
    pub(super) dropped: usize,
}

impl Recorder {
    pub(super) fn new(mut journal: Journal, teller: Teller) -> Result<Self, JournalError> {
        journal.set_patience(PATIENCE)?;
        Ok(Self {
            journal,
            teller,
            waiting: VecDeque::new(),
            waiting_events: 0,
            dropped: 0,
            retry: None,
            reattach: (Duration::ZERO, false),
            key: (Duration::ZERO, false),
        })
    }

    /// The journal, for reading.
    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    /// The journal, for what is not an event.
    pub(super) fn journal_mut(&mut self) -> &mut Journal {
        &mut self.journal
    }

    /// Gets back to the journal, if it was taken away. Not too often: it copies the whole, and who takes it away
    /// again and again must not keep the agent from its work. What waits may be recorded at once then.
    pub(super) fn reattach(&mut self, clock: &dyn Clock) -> Option<Result<Reattached, JournalError>> {
        self.reattach.1 = self.journal.is_detached();
        let start = clock.elapsed();
        if !self.reattach.1 || start < self.reattach.0 {
            return None;
        }
        let outcome = self.journal.reattach(clock.now());
        let end = clock.elapsed();
        self.reattach = (end + RETRY.max(end.saturating_sub(start) * SPARING), outcome.is_err());
        if outcome.is_ok() {
            self.retry = self.retry.map(|_| end);
        }
        Some(outcome)
    }

    /// Puts the journal's key back, if it is not there any more. What goes wrong is given once.
    pub(super) fn keep_key(&mut self, clock: &dyn Clock) -> Option<Result<KeyPutBack, JournalError>> {
        if self.reattach.1 || self.journal.has_its_key() || clock.elapsed() < self.key.0 {
            return None;
        }
        let outcome = self.journal.keep_key(clock.now());
        let was_told = std::mem::replace(&mut self.key.1, outcome.is_err());
        self.key.0 = clock.elapsed() + RETRY;
        outcome.transpose().filter(|outcome| outcome.is_ok() || !was_told)
    }

    /// When to try to get back to the journal, by the clock that nobody sets.
    pub(super) fn reattach_due(&self) -> Option<Duration> {
        self.reattach.1.then_some(self.reattach.0)
    }

    /// Whether nothing waits and nothing keeps it from recording, as far as is known.
    pub(super) fn is_well(&self) -> bool {
        self.retry.is_none() && !self.reattach.1
    }

    /// Whatever is tried next is tried at once.
    pub(super) fn hurry(&mut self) {
        self.reattach.0 = Duration::ZERO;
        self.retry = self.retry.map(|_| Duration::ZERO);
    }

    /// Lets the last words be read.
    pub(super) fn end(&mut self) {
        self.teller.end();
    }

    /// How many events wait.
    pub(super) fn waiting(&self) -> usize {
        self.waiting_events
    }

    /// When to try again, by the clock that nobody sets.
    pub(super) fn retry(&self) -> Option<Duration> {
        self.retry
    }

    /// Records a batch and tells its events: recorded first, if that can be.
    pub(super) fn record(&mut self, mut batch: Batch, clock: &dyn Clock) -> Outcome {
        if batch == Batch::default() {
            return Outcome::Recorded;
        }
        // In their order: what waits goes first, and that is for the next try.
        if self.retry.is_none() {
            match self.journal.commit_in_place(&mut batch) {
                Ok(stored) => {
                    // As they stand there: nobody writes them out once more.
                    let told = batch.events.into_iter().zip(stored);
                    let told = told.map(|(event, stored)| Told { event, recorded: Some(stored.document) });
                    self.teller.tell(told.collect());
                    return Outcome::Recorded;
                }
                Err(error) => {
                    self.retry = Some(clock.elapsed() + RETRY);
                    let told = self.keep(batch);
                    return Outcome::Waits { told, why: Some(error) };
                }
            }
        }
        Outcome::Waits { told: self.keep(batch), why: None }
    }

    /// Tells a batch unrecorded, and keeps it for later; what was told.
    fn keep(&mut self, mut batch: Batch) -> Vec<Event> {
        let mut told = batch.events.clone();
        told.iter_mut().for_each(|event| event.tag_first(UNRECORDED));
        self.teller.tell(told.iter().cloned().map(|event| Told { event, recorded: None }).collect());
        if self.waiting_events + batch.events.len() > MOST_WAITING {
            self.dropped += batch.events.len();
            batch.events.clear();
        }
        self.waiting_events += batch.events.len();
        self.waiting.push_back(batch);
        told
    }

    /// Tries again to record what waits. `None` while some of it does; errors are those of the first try.
    pub(super) fn catch_up(&mut self, clock: &dyn Clock) -> Option<CaughtUp> {
        if self.retry.is_none_or(|retry| clock.elapsed() < retry) {
            return None;
        }
        while let Some(batch) = self.waiting.front() {
            if let Err(error) = self.journal.commit(batch) {
                tracing::debug!(%error, "the journal still cannot be written");
                self.retry = Some(clock.elapsed() + RETRY);
                return None;
            }
            self.waiting.pop_front();
        }
        self.retry = None;
        Some(CaughtUp {
            recorded: std::mem::take(&mut self.waiting_events),
            dropped: std::mem::take(&mut self.dropped),
        })
    }
}
