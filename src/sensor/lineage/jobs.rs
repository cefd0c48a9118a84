//! What waits to be read, the most pressing first, and never more than a bound. Must not read anything itself.

use super::apply::Unread;
use crate::model::process::Process;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// More programs do not wait to be read: the oldest are given up, since they are the likeliest to be gone.
const MOST: usize = 4096;
/// With more than this the newest go first, for the same reason.
const BEHIND: usize = 32;

/// One thing to do.
#[derive(Debug)]
pub(super) enum Job {
    /// Read what a process runs.
    Read(Unread),
    /// Say that a process has ended.
    Ended(Arc<Process>),
    /// Look at a process that was there before.
    Look(u32),
    /// List all that run, and look at each.
    LookAtAll,
}

/// All that waits.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    waiting: Mutex<Waiting>,
    done: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    unread: VecDeque<Unread>,
    ended: VecDeque<Arc<Process>>,
    looks: VecDeque<u32>,
    at_all: bool,
    /// Looks that somebody has begun.
    looking: usize,
}

impl Jobs {
    /// Adds what is new; gives back how many programs were given up unread, and how many ends nobody hears of.
    pub(super) fn add(&self, unread: Vec<Unread>, ended: Vec<Arc<Process>>) -> (Vec<Unread>, usize) {
        if unread.is_empty() && ended.is_empty() {
            return Default::default();
        }
        let mut waiting = self.waiting();
        waiting.unread.extend(unread);
        waiting.ended.extend(ended);
        let given_up = waiting.unread.len().saturating_sub(MOST);
        let given_up = waiting.unread.drain(..given_up).collect();
        let unheard = waiting.ended.len().saturating_sub(MOST);
        waiting.ended.drain(..unheard);
        (given_up, unheard)
    }

    /// All that run are to be looked at.
    pub(super) fn look_at_all(&self) {
        self.waiting().at_all = true;
    }

    /// These are to be looked at.
    pub(super) fn look_at(&self, pids: Vec<u32>) {
        self.waiting().looks.extend(pids);
    }

    /// Whether there is anything to do.
    pub(super) fn is_any(&self) -> bool {
        let waiting = self.waiting();
        let is_read = waiting.unread.is_empty() && waiting.ended.is_empty();
        !is_read || waiting.at_all || !waiting.looks.is_empty()
    }

    /// What to do next.
    pub(super) fn next(&self) -> Option<Job> {
        let mut waiting = self.waiting();
        let is_behind = waiting.unread.len() > BEHIND;
        let unread = if is_behind { waiting.unread.pop_back() } else { waiting.unread.pop_front() };
        if let Some(unread) = unread {
            return Some(Job::Read(unread));
        }
        if let Some(ended) = waiting.ended.pop_front() {
            return Some(Job::Ended(ended));
        }
        if let Some(pid) = waiting.looks.pop_front() {
            waiting.looking += 1;
            return Some(Job::Look(pid));
        }
        let at_all = std::mem::take(&mut waiting.at_all);
        waiting.looking += usize::from(at_all);
        at_all.then_some(Job::LookAtAll)
    }

    /// A look is done, or given up.
    pub(super) fn looked(&self) {
        let mut waiting = self.waiting();
        waiting.looking = waiting.looking.saturating_sub(1);
        drop(waiting);
        self.done.notify_all();
    }

    /// A program was read.
    pub(super) fn read(&self) {
        drop(self.waiting());
        self.done.notify_all();
    }

    /// Waits until something is so, but not for long. It is asked again whenever a job is done.
    pub(super) fn wait_until(&self, most: Duration, is_so: impl Fn() -> bool) -> bool {
        let waiting = self.waiting();
        let waited = self.done.wait_timeout_while(waiting, most, |_| !is_so());
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Whether looks are left to do, or are being done.
    pub(super) fn is_looking(&self) -> bool {
        self.waiting().is_looking()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn is_looking(&self) -> bool {
        self.at_all || self.looking > 0 || !self.looks.is_empty()
    }
}
