//! Work that may never end, because a directory that somebody chose lies on a file system that hangs: done on a
//! thread of its own, which is left behind then. Must not know what the work is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread::Builder;
use std::time::Duration;

/// So long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(1);
/// More threads are not left behind at a time: with that many, nothing is asked any more until one of them is back.
const MOST_LOST: usize = 4;

/// Whoever asks. Every clone counts the same threads.
#[derive(Clone, Debug, Default)]
pub(super) struct Patience(Arc<AtomicUsize>);

impl Patience {
    /// What comes of the work, if it ends in time.
    pub(super) fn ask<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let at_work = Arc::clone(&self.0);
        if at_work.fetch_add(1, Ordering::AcqRel) >= MOST_LOST {
            at_work.fetch_sub(1, Ordering::AcqRel);
            return None;
        }
        let (send, receive) = sync_channel(1);
        let run = move || {
            let answer = work();
            at_work.fetch_sub(1, Ordering::AcqRel);
            let _nobody = send.send(answer);
        };
        if let Err(error) = Builder::new().name("manifests".into()).spawn(run) {
            tracing::debug!(%error, "no thread reads manifests");
            self.0.fetch_sub(1, Ordering::AcqRel);
            return None;
        }
        receive.recv_timeout(PATIENCE).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_is_left_behind_and_what_answers_is_heard() {
        let patience = Patience::default();
        assert_eq!(patience.ask(|| 7), Some(7));
        let (go, stays) = sync_channel::<()>(0);
        let stays = Arc::new(std::sync::Mutex::new(stays));
        let hang = || {
            let stays = Arc::clone(&stays);
            move || drop(stays.lock().map(|stays| stays.recv()))
        };
        assert_eq!(patience.ask(hang()), None, "it is not waited for");
        for _ in 1..MOST_LOST {
            // Those that hang already.
            patience.0.fetch_add(1, Ordering::AcqRel);
        }
        assert_eq!(patience.ask(|| 7), None, "no more threads are left behind");
        drop(go);
        patience.0.store(0, Ordering::Release);
        assert_eq!(patience.ask(|| 7), Some(7));
    }
}
