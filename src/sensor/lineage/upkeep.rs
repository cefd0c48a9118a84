//! What only time brings about in the record: the dead are forgotten, and after a loss all that run are looked at anew.
//! Must not wait itself, nor know who does.

use super::shared::{SECOND, Shared};
use crate::host::heap;
use crate::host::proc_connector::now;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// A loss is looked into at most this often.
const LOOK_AGAIN: u64 = SECOND;
/// How often it is looked for processes whose end was missed.
const SWEEP: u64 = 600 * SECOND;
/// Forks and ends wake nobody. After something that did, they are looked for once more.
const LINGERING: Duration = Duration::from_millis(100);
/// While one runs whose end somebody waits for, they are looked for so often.
const ATTENDING: Duration = Duration::from_millis(250);

/// Where more than this were remembered, and of them not a quarter is any more, their memory is given back.
const MANY: usize = 2048;

/// What was seen to, and when.
#[derive(Debug, Default)]
pub(super) struct Upkeep {
    tidied: u64,
    looked: u64,
    swept: u64,
    /// The most that were remembered since memory was given back.
    most: usize,
}

impl Upkeep {
    /// Does what is due; says for how long nothing will be.
    pub(super) fn see_to(&mut self, shared: &Shared, is_busy: bool) -> Duration {
        let time = now().running;
        if self.tidied + SECOND < time {
            self.tidied = time;
            let mut table = shared.lock();
            table.tidy();
            self.most = self.most.max(table.len());
            if !is_busy && self.most > MANY && table.len() < self.most / 4 {
                self.most = table.len();
                table.shrink();
                drop(table);
                heap::give_back();
            }
        }
        let is_lossy = shared.is_lossy.load(Ordering::Acquire);
        let is_complete = shared.is_complete.load(Ordering::Acquire);
        if self.swept == 0 {
            self.swept = time;
        }
        let is_due = self.looked + LOOK_AGAIN < time && is_complete;
        if is_due && (is_lossy || self.swept + SWEEP < time) && !shared.jobs.is_looking() {
            shared.is_lossy.store(false, Ordering::Release);
            (self.looked, self.swept) = (time, time);
            shared.jobs.look_at_all();
        }
        if is_busy {
            return LINGERING;
        }
        let table = shared.lock();
        if is_lossy || table.is_attending() {
            ATTENDING
        } else if table.has_dead() {
            Duration::from_secs(20)
        } else {
            Duration::from_nanos(SWEEP)
        }
    }
}
