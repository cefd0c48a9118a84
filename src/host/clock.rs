//! What time it is, as a trait, so that a test decides. Must not format.

use jiff::Timestamp;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Something that knows the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;

    /// How long it has been since some moment before; never goes back, whatever is done to the clock.
    fn elapsed(&self) -> Duration;

    /// Lets a moment pass, for something that is about to be finished by somebody else.
    fn pause(&self, moment: Duration);
}

/// How long ago the machine was started, the time in which it slept included: by this the kernel counts the start of a
/// process.
pub fn since_boot() -> Duration {
    #[cfg(target_os = "linux")]
    const BOOT: rustix::time::ClockId = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    const BOOT: rustix::time::ClockId = rustix::time::ClockId::Monotonic;
    Duration::try_from(rustix::time::clock_gettime(BOOT)).unwrap_or_default()
}

/// When the machine was started, by the clock of people as that stands now: what the kernel counts from there becomes a
/// time. Two clocks are asked one after the other, and on a busy machine others run in between: the closest of a few
/// pairs counts.
pub fn booted() -> Timestamp {
    const PAIRS: usize = 8;
    let pair = |_| {
        let before = since_boot();
        let now = Timestamp::now();
        (since_boot().saturating_sub(before), now.checked_sub(before).unwrap_or(now))
    };
    (0..PAIRS).map(pair).min().map_or_else(Timestamp::now, |(_, booted)| booted)
}

/// When this process first asked how long it has been.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn elapsed(&self) -> Duration {
        START.elapsed()
    }

    fn pause(&self, moment: Duration) {
        std::thread::sleep(moment);
    }
}

/// A clock that stands still until it is set; clones share the time.
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<Mutex<Shown>>);

#[derive(Debug)]
struct Shown {
    time: Timestamp,
    elapsed: Duration,
}

impl FixedClock {
    /// A clock that shows `time`.
    pub fn at(time: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Shown { time, elapsed: Duration::ZERO })))
    }

    /// Sets it, as an administrator might: no time passes.
    pub fn set(&self, time: Timestamp) {
        self.shown().time = time;
    }

    /// Lets time pass; a duration that leads out of the calendar is ignored.
    pub fn advance(&self, by: Duration) {
        let mut shown = self.shown();
        if let Ok(later) = shown.time.checked_add(by) {
            shown.time = later;
            shown.elapsed += by;
        }
    }

    fn shown(&self) -> std::sync::MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.shown().time
    }

    fn elapsed(&self) -> Duration {
        self.shown().elapsed
    }

    fn pause(&self, moment: Duration) {
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
        clock.advance(Duration::from_secs(60));
        assert_eq!(other.now().as_second(), 60);
        assert_eq!(other.elapsed().as_secs(), 60);
        other.set(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.elapsed().as_secs(), 60, "setting a clock takes no time");
        assert_eq!(clock.now(), Timestamp::UNIX_EPOCH);
    }
}
