//! An answer that another thread is still to find. Must not know what is asked.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

/// So long an answer is waited for: whoever looks for it may hang on a file system that hangs, and whoever waits has
/// others to serve, and a second to end in.
const PATIENCE: Duration = Duration::from_millis(500);

/// For whoever waits.
#[derive(Debug)]
pub(super) struct Promise<T>(Receiver<T>);

/// For whoever answers.
#[derive(Debug)]
pub(super) struct Answer<T>(SyncSender<T>);

/// Both.
pub(super) fn promise<T>() -> (Answer<T>, Promise<T>) {
    let (answer, promised) = sync_channel(1);
    (Answer(answer), Promise(promised))
}

impl<T> Answer<T> {
    /// Answers. That nobody waits any more is no trouble.
    pub(super) fn give(self, answer: T) {
        let _late = self.0.try_send(answer);
    }
}

impl<T> Promise<T> {
    /// The answer; nothing if there is none in time, or never will be.
    pub(super) fn wait(self) -> Option<T> {
        self.0.recv_timeout(PATIENCE).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_waited_for_and_what_never_comes_is_not() {
        let (answer, promised) = promise();
        answer.give(7);
        assert_eq!(promised.wait(), Some(7));
        let (answer, promised) = promise::<u8>();
        drop(answer);
        assert_eq!(promised.wait(), None);
        let (_hangs, promised) = promise::<u8>();
        assert_eq!(promised.wait(), None);
        let (answer, promised) = promise();
        drop(promised);
        answer.give(7);
    }
}
