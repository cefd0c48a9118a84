//! A port on which somebody is to listen who is not there yet, or not all the time.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Below those that the system hands out: whoever connects to somewhere, or listens wherever he may, gets none of
/// these while their owner is away.
const LOWEST: u32 = 10_240;
const COUNT: u32 = 20_000;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// One on which nobody listens, and that no other test here is given.
pub fn free_port() -> u16 {
    // Apart from one another as processes are, so that two test programs seldom try the same.
    let first = std::process::id().wrapping_mul(97);
    (0..COUNT)
        .map(|_| first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT + LOWEST)
        .filter_map(|port| u16::try_from(port).ok())
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .unwrap()
}
