//! What must hold of any bytes that come from fanotify: no panic, no event without bytes of its own, nothing behind
//! what is malformed, and no name but a name. Shared by the fuzz target and the replay of its seeds.

use mcpwatch::host::fanotify::{Malformed, events};
use std::os::unix::ffi::OsStrExt as _;

/// No event takes less.
const LEAST: usize = 24;

/// Reads bytes as events.
pub(crate) fn check(bytes: &[u8]) {
    let all: Vec<_> = events(bytes).collect();
    assert_eq!(events(bytes).collect::<Vec<_>>(), all);
    let good = all.iter().take_while(|event| event.is_ok()).count();
    assert!(all.len() - good <= 1, "it goes on behind what it does not understand");
    assert!(all.last().is_none_or(|last| good == all.len() || *last == Err(Malformed)));
    assert!(good * LEAST <= bytes.len(), "events out of nothing");
    for event in all.iter().flatten() {
        for named in [event.name, event.old, event.new].into_iter().flatten() {
            assert!(!named.name.as_bytes().contains(&0));
        }
    }
    // What is cut off in the middle of an event takes nothing from those before it.
    let length = |at: usize| bytes.get(at..at + 4).map(|word| u32::from_ne_bytes(word.try_into().unwrap()));
    let mut end = 0;
    for _ in 0..good {
        let cut = events(&bytes[..end + LEAST - 1]).filter(Result::is_ok).count();
        assert!(cut < good);
        end += length(end).unwrap() as usize;
    }
    assert_eq!(events(&bytes[..end]).filter(Result::is_ok).count(), good);
}
