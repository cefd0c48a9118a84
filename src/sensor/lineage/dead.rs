//! The dead that are remembered for a while, because a file's event may come a moment after its writer has gone.
//! Must not know what they were.
//!
//! Each account has its own, and those that ran a program of their own are apart from mere forks: who forks a
//! million times pushes out his own forks only.

use std::collections::{BTreeMap, VecDeque};

/// More dead of one account and sort are not remembered.
const MOST: usize = 4096;
/// Accounts beyond these share what is remembered.
const MOST_ACCOUNTS: usize = 32;
/// Nobody is remembered for longer.
const LONGEST: u64 = 60_000_000_000;

/// One of the dead: when it ended, where it is recorded, and as which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dead {
    pub(super) at: u64,
    pub(super) slot: u32,
    pub(super) serial: u64,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Graves(BTreeMap<(u32, bool), VecDeque<Dead>>);

impl Graves {
    /// Adds one; gives back who is remembered no longer.
    pub(super) fn add(&mut self, account: u32, has_run: bool, dead: Dead) -> Option<Dead> {
        let is_known = self.0.contains_key(&(account, has_run)) || self.0.len() < 2 * MOST_ACCOUNTS;
        let queue = self.0.entry((if is_known { account } else { u32::MAX }, has_run)).or_default();
        queue.push_back(dead);
        (queue.len() > MOST).then(|| queue.pop_front()).flatten()
    }

    /// Who has been remembered for long enough.
    pub(super) fn expired(&mut self, now: u64) -> Vec<Dead> {
        let mut expired = Vec::new();
        for queue in self.0.values_mut() {
            while let Some(dead) = queue.pop_front_if(|dead| dead.at + LONGEST < now) {
                expired.push(dead);
            }
            if queue.is_empty() {
                queue.shrink_to_fit();
            }
        }
        self.0.retain(|_, queue| !queue.is_empty());
        expired
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_pushes_out_its_own_only() {
        let mut graves = Graves::default();
        let dead = |at| Dead { at, slot: 0, serial: at };
        assert_eq!(graves.add(1, false, dead(1)), None);
        assert_eq!(graves.add(0, true, dead(2)), None);
        let pushed: Vec<_> = (10..20_000).filter_map(|at| graves.add(0, false, dead(at))).collect();
        assert_eq!(pushed.len(), 19_990 - MOST);
        assert!(pushed.iter().all(|dead| dead.at >= 10));
        assert_eq!(graves.expired(LONGEST + 3), [dead(2), dead(1)]);
        assert_eq!(graves.expired(u64::MAX).len(), MOST);
        assert!(graves.is_empty());
        for account in 0..1000 {
            graves.add(account, true, dead(1));
        }
        assert!(graves.0.len() <= 2 * MOST_ACCOUNTS + 2);
    }
}
