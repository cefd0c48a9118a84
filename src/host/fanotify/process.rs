//! Who did it: a process's number and its start, found out while the number still belongs to it. Must not look at
//! anything else of a process.

use super::call;
use crate::host::process::started;
use std::os::fd::OwnedFd;

/// So many are remembered: whoever writes one file mostly writes more.
const MOST_HELD: usize = 4;

/// Somebody who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doer {
    /// The number of the process; 0 if it cannot be seen from here.
    pub pid: u32,
    /// When it started, in clock ticks since boot. Only with it a process is known: its number is used again.
    pub started: Option<u64>,
    /// It was gone, and its number free for others, when it was looked at.
    pub is_reaped: bool,
}

/// Those who did something of late. Their descriptors are held, so that their numbers are theirs.
#[derive(Debug, Default)]
pub struct Doers(Vec<(Doer, OwnedFd)>);

impl Doers {
    /// Who that is. `process` is the descriptor that came with the event.
    pub fn who(&mut self, pid: u32, process: Option<OwnedFd>) -> Doer {
        let unknown = |is_reaped| Doer { pid, started: None, is_reaped };
        let Some(process) = process else { return unknown(pid != 0) };
        if let Some(at) = self.0.iter().position(|(doer, _)| doer.pid == pid) {
            let (doer, held) = self.0.remove(at);
            if call::is_held(&held) {
                self.0.push((doer, held));
                return doer;
            }
        }
        let started = started(pid);
        // Only now is it certain that it was not another one's that was read.
        if !call::is_held(&process) {
            return unknown(true);
        }
        let doer = Doer { pid, started, is_reaped: false };
        if started.is_some() {
            if self.0.len() >= MOST_HELD {
                self.0.remove(0);
            }
            self.0.push((doer, process));
        }
        doer
    }
}
