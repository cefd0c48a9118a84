//! Telling on a thread of its own: whoever reads what is told may stop reading, and must not hold up the record.
//! Must not know what is told, or where.

use crate::model::event::Event;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

/// More than this does not wait for a reader who does not read. It is in the journal.
const WAITING: usize = 1_000;

/// How long the last words may take.
const LAST_WORDS: Duration = Duration::from_millis(400);

/// Takes every event there is to tell, and whether it was recorded. It is called on one thread and may wait.
pub type Tell = Box<dyn FnMut(&Event, bool) + Send>;

/// Tells.
pub(super) struct Teller {
    told: Option<SyncSender<(Event, bool)>>,
    done: Receiver<()>,
    untold: u64,
}

impl Teller {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system refuses one.
    pub(super) fn start(mut tell: Tell) -> io::Result<Self> {
        let (told, heard) = sync_channel::<(Event, bool)>(WAITING);
        let (end, done) = sync_channel(1);
        thread::Builder::new().name("teller".into()).spawn(move || {
            for (event, is_recorded) in heard {
                tell(&event, is_recorded);
            }
            // Nobody waits any more: the process is ending.
            let _late = end.try_send(());
        })?;
        Ok(Self { told: Some(told), done, untold: 0 })
    }

    /// Tells, unless too much waits to be read already.
    pub(super) fn tell(&mut self, event: Event, is_recorded: bool) {
        let Some(told) = &self.told else { return };
        match told.try_send((event, is_recorded)) {
            Ok(()) if self.untold > 0 => {
                tracing::warn!(events = self.untold, "nobody read what was told; it is in the journal");
                self.untold = 0;
            }
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(_)) => self.untold += 1,
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
