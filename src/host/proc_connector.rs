//! The kernel's process connector: it tells of every fork, exec and exit. Must not know what is made of them.
//!
//! A netlink socket, one datagram an event. The kernel queues them up to a bound and drops them all from there until
//! the queue has been read to its end; that it did so is told once.

#[cfg(target_os = "linux")]
mod hint;
mod message;

#[cfg(any(test, not(target_os = "linux")))]
#[cfg_attr(
    test,
    allow(dead_code, unreachable_pub, reason = "it must compile everywhere, but it is not used here")
)]
mod nowhere;
#[cfg(target_os = "linux")]
mod socket;

#[cfg(not(target_os = "linux"))]
use nowhere as socket;

pub use message::{Event, Malformed, What, parse, request};
pub use socket::{Alarm, Connector, now};

/// What there was to receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received {
    /// An event.
    Event(Event),
    /// The kernel has dropped events: all those behind what is queued now, until the queue is empty.
    Dropped,
    /// Something that is no event, or not from the kernel.
    Junk,
    /// Nothing: everything that happened before was received.
    Nothing,
}

/// The times of one moment, by all clocks that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Nanoseconds since boot without sleep, as events have it.
    pub running: u64,
    /// Nanoseconds since boot with sleep, as processes have their start.
    pub boot: u64,
    /// Microseconds since 1970, by the clock that people set.
    pub wall: i64,
}
