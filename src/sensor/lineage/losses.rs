//! When the kernel's word was lost: spans of time by the clock that nobody sets. Must not know of processes.

use std::collections::HashMap;

/// More spans are not told apart: the two oldest become one.
const MOST: usize = 64;

/// The spans.
#[derive(Debug, Default)]
pub(super) struct Losses {
    /// In their order, each from and to.
    spans: Vec<(u64, u64)>,
    /// Since when something is being lost.
    open: Option<u64>,
    /// Of each processor, the number of its last event, and when that was.
    last: HashMap<u32, (u32, u64)>,
    /// When the last event was.
    newest: u64,
    /// How many spans there were.
    pub(super) count: u64,
    /// How many events are known to be lost.
    pub(super) events: u64,
}

impl Losses {
    /// An event came. Says whether its number tells of a loss that nothing else told of.
    pub(super) fn event(&mut self, cpu: u32, sequence: u32, at: u64) -> bool {
        self.newest = self.newest.max(at);
        if let Some(open) = &mut self.open {
            // What is still queued was there before anything was lost.
            *open = (*open).max(at);
        }
        let Some((last, since)) = self.last.insert(cpu, (sequence, at)) else { return false };
        let missing = sequence.wrapping_sub(last).wrapping_sub(1);
        if missing == 0 {
            return false;
        }
        // A number that goes back is a processor that began again, not four thousand million events.
        self.events += u64::from(if missing < 1 << 30 { missing } else { 1 });
        if self.open.is_some() || self.overlap(since, at) {
            return false;
        }
        self.add(since, at);
        true
    }

    /// The kernel says that it drops.
    pub(super) fn begin(&mut self) {
        self.open.get_or_insert(self.newest);
    }

    /// All that was queued has been read: from now on nothing is dropped. Says whether something was.
    pub(super) fn end(&mut self, now: u64) -> bool {
        let Some(from) = self.open.take() else { return false };
        self.add(from, now);
        true
    }

    fn add(&mut self, from: u64, to: u64) {
        self.count += 1;
        self.spans.push((from, to.max(from)));
        if self.spans.len() > MOST {
            let (_, to) = self.spans.remove(1);
            if let Some(first) = self.spans.first_mut() {
                first.1 = first.1.max(to);
            }
        }
    }

    /// Whether something was lost between these two moments.
    pub(super) fn overlap(&self, from: u64, to: u64) -> bool {
        self.open.is_some_and(|open| open < to)
            || self.spans.iter().rev().any(|(began, ended)| *began < to && from < *ended)
    }

    /// Whether something is being lost.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// When something was lost last.
    pub(super) fn last(&self) -> Option<u64> {
        self.spans.last().map(|(_, to)| *to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_from_the_last_event_before_to_the_empty_queue() {
        let mut losses = Losses::default();
        assert!(!losses.event(0, 5, 100));
        losses.begin();
        assert!(!losses.event(0, 6, 150), "still queued from before");
        assert!(losses.is_open() && losses.overlap(0, 200) && !losses.overlap(0, 150));
        assert!(losses.end(300) && !losses.end(301));
        assert!(!losses.overlap(0, 150) && losses.overlap(200, 210) && !losses.overlap(300, 400));
        assert!(!losses.event(0, 17, 310), "the gap is that span's");
        assert_eq!((losses.events, losses.count), (10, 1));
        assert!(!losses.event(0, 18, 320) && !losses.event(1, 9, 330));
        assert!(losses.event(1, 11, 340) && losses.overlap(331, 335), "lost in silence");
        assert!(!losses.event(0, u32::MAX, 350) || losses.events < 100);
    }

    #[test]
    fn spans_are_bounded_and_none_is_forgotten() {
        let mut losses = Losses::default();
        for number in 0..1000 {
            losses.event(0, number, u64::from(number) * 10);
            losses.begin();
            losses.end(u64::from(number) * 10 + 5);
        }
        assert!(losses.spans.len() <= MOST);
        assert!(losses.overlap(1, 4) && losses.overlap(9991, 9994) && losses.overlap(500, 509));
    }
}
