//! Who did it: a process's number and its start, found out while the number still belongs to it. Must not look at
//! anything else of a process.

use super::call;
use std::fs;
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

/// When the process with that number started.
fn started(pid: u32) -> Option<u64> {
    parse_started(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

/// The 22nd field. The second one is a name of the process's own choice, with blanks and brackets as it likes.
fn parse_started(stat: &[u8]) -> Option<u64> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let fields = stat.get(end + 1..)?;
    let field = fields.split(|byte| *byte == b' ').filter(|field| !field.is_empty()).nth(19)?;
    std::str::from_utf8(field).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_read_whatever_a_process_calls_itself() {
        let rest = "S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21";
        for name in ["sh", "a b", ") S 1 2 (", "1) S"] {
            assert_eq!(parse_started(format!("17 ({name}) {rest}\n").as_bytes()), Some(4711), "{name}");
        }
        for text in ["", "17 (sh", "17 (sh) S 1", "17 (sh) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 x"]
        {
            assert_eq!(parse_started(text.as_bytes()), None, "{text}");
        }
        assert!(started(std::process::id()).is_some());
    }
}
