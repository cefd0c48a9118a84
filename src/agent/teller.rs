//! Telling on a thread of its own: whoever reads what is told may stop reading, and must not hold up the record.
//! Must not know what is told, or where.

use crate::model::event::Event;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

/// While more than this wait for a reader who does not read, no more do. They are in the journal.
const WAITING: usize = 1_000;

/// How long the last words may take.
const LAST_WORDS: Duration = Duration::from_millis(400);

/// An event that is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// The event.
    pub event: Event,
    /// Its document as it stands in the journal; nothing where it could not be recorded.
    pub recorded: Option<String>,
}

/// Takes every event there is to tell. It is called on one thread and may wait.
pub type Tell = Box<dyn FnMut(&Told) + Send>;

/// Tells.
pub(super) struct Teller {
    told: Option<SyncSender<Vec<Told>>>,
    /// How many wait.
    waiting: Arc<AtomicUsize>,
    done: Receiver<()>,
    untold: usize,
}

impl Teller {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system refuses one.
    pub(super) fn start(mut tell: Tell) -> io::Result<Self> {
        let (told, heard) = sync_channel::<Vec<Told>>(WAITING);
        let waiting = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&waiting);
        let (end, done) = sync_channel(1);
        thread::Builder::new().name("teller".into()).spawn(move || {
            for events in heard {
                for event in events {
                    tell(&event);
                    left.fetch_sub(1, Ordering::AcqRel);
                }
            }
            // Nobody waits any more: the process is ending.
            let _late = end.try_send(());
        })?;
        Ok(Self { told: Some(told), waiting, done, untold: 0 })
    }

    /// Tells, unless too much waits to be read already. What happened together is told together, however much it is.
    pub(super) fn tell(&mut self, events: Vec<Told>) {
        let Some(told) = &self.told else { return };
        let count = events.len();
        if self.waiting.fetch_add(count, Ordering::AcqRel) > WAITING {
            self.waiting.fetch_sub(count, Ordering::AcqRel);
            self.untold += count;
            return;
        }
        match told.try_send(events) {
            Ok(()) if self.untold > 0 => {
                tracing::warn!(events = self.untold, "nobody read what was told; it is in the journal");
                self.untold = 0;
            }
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(_)) => {
                self.waiting.fetch_sub(count, Ordering::AcqRel);
                self.untold += count;
            }
        }
    }

    /// Lets the last words be read.
    pub(super) fn end(&mut self) {
        self.told = None;
        match self.done.recv_timeout(LAST_WORDS) {
            Ok(()) | Err(RecvTimeoutError::Disconnected) => {}
            Err(RecvTimeoutError::Timeout) => {
                tracing::warn!("nobody reads what is told; it is in the journal")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(count: usize) -> Vec<Told> {
        let document = serde_json::json!({
            "@timestamp": "2026-01-01T00:00:00.000000Z", "event": {"id": "1", "kind": "event", "action": "x"},
        });
        vec![Told { event: Event::from_document(document).unwrap(), recorded: None }; count]
    }

    #[test]
    fn what_happened_together_is_told_whole_and_a_reader_who_stops_holds_up_nobody() {
        let (read, next) = sync_channel::<()>(3 * WAITING);
        let (say, said) = sync_channel(3 * WAITING);
        let tell = move |_: &Told| {
            let _end = next.recv();
            say.send(()).unwrap_or_default();
        };
        let mut teller = Teller::start(Box::new(tell)).unwrap();
        teller.tell(events(2 * WAITING));
        teller.tell(events(1));
        assert_eq!(teller.untold, 1, "nobody has read yet");
        (0..2 * WAITING).for_each(|_| read.send(()).unwrap());
        for _ in 0..2 * WAITING {
            said.recv_timeout(Duration::from_secs(60)).unwrap();
        }
        read.send(()).unwrap();
        teller.tell(events(1));
        said.recv_timeout(Duration::from_secs(60)).unwrap();
        assert_eq!(teller.untold, 0, "that some were not told is said when they are again");
        drop(read);
    }
}
