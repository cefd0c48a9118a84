//! How long to wait before the next try: longer each time, and never the same for two. Must not know what is tried.

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use std::time::Duration;

/// The first wait, before chance adds up to as much again.
const SHORTEST: Duration = Duration::from_millis(200);

/// The longest, before chance adds up to as much again.
const LONGEST: Duration = Duration::from_secs(60);

/// A receiver may ask for no longer a pause than this.
const MOST_ASKED_FOR: Duration = Duration::from_secs(3600);

/// Counts failures in a row.
#[derive(Debug, Default)]
pub(super) struct Retry {
    waits: Option<ExponentialBackoff>,
}

impl Retry {
    /// It went well.
    pub(super) fn succeeded(&mut self) {
        self.waits = None;
    }

    /// It failed: how long to wait. `after` is what the receiver asks for.
    pub(super) fn failed(&mut self, after: Option<Duration>) -> Duration {
        let waits = self.waits.get_or_insert_with(|| {
            let waits = ExponentialBuilder::default().with_min_delay(SHORTEST).with_max_delay(LONGEST);
            waits.with_factor(2.0).without_max_times().with_jitter().build()
        });
        let wait = waits.next().unwrap_or(LONGEST);
        after.map_or(wait, |asked| wait.max(asked.min(MOST_ASKED_FOR)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_limit_and_begin_anew() {
        let mut retry = Retry::default();
        let mut least = SHORTEST;
        for _ in 0..100 {
            let wait = retry.failed(None);
            assert!(wait >= least && wait <= 2 * least, "{wait:?} {least:?}");
            least = (least * 2).min(LONGEST);
        }
        retry.succeeded();
        assert!(retry.failed(None) <= 2 * SHORTEST);
    }

    #[test]
    fn a_receiver_may_ask_for_more_time_and_not_for_all_of_it() {
        let mut retry = Retry::default();
        let asked = Duration::from_secs(300);
        assert_eq!(retry.failed(Some(asked)), asked);
        assert_eq!(retry.failed(Some(Duration::MAX)), MOST_ASKED_FOR);
        assert!(retry.failed(Some(Duration::ZERO)) >= SHORTEST);
    }

    #[test]
    fn no_two_wait_alike() {
        let waits: std::collections::BTreeSet<Duration> =
            (0..20).map(|_| Retry::default().failed(None)).collect();
        assert!(waits.len() > 1);
    }
}
