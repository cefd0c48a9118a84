//! What an observer is asked to do: each thing at most once, however often it is asked, so that whoever asks never
//! waits for whoever reads. Knows nothing of reading.

use crate::baseline::Baseline;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is asked.
#[derive(Debug, Default)]
pub(super) struct Orders {
    /// To measure by this from now on.
    pub(super) baseline: Option<Arc<Baseline>>,
    /// To look at everything, whatever the sensor says, and to answer.
    pub(super) look: bool,
    /// To end.
    pub(super) stop: bool,
}

/// Where orders are left. Every clone is the same one.
#[derive(Clone, Debug)]
pub(super) struct Mailbox {
    orders: Arc<Mutex<Orders>>,
    bell: SyncSender<()>,
}

impl Mailbox {
    /// A mailbox, and the bell that rings when something is in it.
    pub(super) fn new() -> (Self, Receiver<()>) {
        let (bell, rung) = sync_channel(1);
        (Self { orders: Arc::default(), bell }, rung)
    }

    /// Asks for a look at everything.
    pub(super) fn look(&self) {
        self.orders().look = true;
        self.ring();
    }

    /// Asks to measure by another baseline, and to look at everything by it.
    pub(super) fn expect(&self, baseline: Arc<Baseline>) {
        let mut orders = self.orders();
        orders.baseline = Some(baseline);
        orders.look = true;
        drop(orders);
        self.ring();
    }

    /// Asks to end.
    pub(super) fn stop(&self) {
        self.orders().stop = true;
        self.ring();
    }

    /// Rings without an order: a sensor has something.
    pub(super) fn ring(&self) {
        match self.bell.try_send(()) {
            // Full: it rings already.
            Ok(()) | Err(TrySendError::Full(()) | TrySendError::Disconnected(())) => {}
        }
    }

    /// Takes everything out.
    pub(super) fn take(&self) -> Orders {
        std::mem::take(&mut *self.orders())
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_twice_is_asking_once_and_never_waits() {
        let (mailbox, bell) = Mailbox::new();
        for _ in 0..1_000 {
            mailbox.look();
        }
        mailbox.expect(Arc::default());
        assert!(bell.try_recv().is_ok() && bell.try_recv().is_err(), "rung once");
        let orders = mailbox.take();
        assert!(orders.look && orders.baseline.is_some() && !orders.stop);
        assert!(!mailbox.take().look, "nothing is left");
    }
}
