//! What time it is, as a trait, so that a test decides. Must not format.

use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

/// Something that knows the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// Lets a moment pass, for something that is about to be finished by somebody else.
    fn pause(&self, moment: std::time::Duration);
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn pause(&self, moment: std::time::Duration) {
        std::thread::sleep(moment);
    }
}

/// A clock that stands still until it is set; clones share the time.
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<Mutex<Timestamp>>);

impl FixedClock {
    /// A clock that shows `time`.
    pub fn at(time: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(time)))
    }

    /// Sets it.
    pub fn set(&self, time: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = time;
    }

    /// Lets time pass; a duration that leads out of the calendar is ignored.
    pub fn advance(&self, by: std::time::Duration) {
        let mut time = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(later) = time.checked_add(by) {
            *time = later;
        }
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pause(&self, moment: std::time::Duration) {
        self.advance(moment);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = FixedClock::at(Timestamp::UNIX_EPOCH);
        let other = clock.clone();
        clock.advance(std::time::Duration::from_secs(60));
        assert_eq!(other.now().as_second(), 60);
        other.set(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
    }
}
