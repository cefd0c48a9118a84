//! What an event does to the record. Must not read anything of a process.

use super::node::{End, Heed, Origin, Shot, exit};
use super::table::Table;
use crate::host::proc_connector::{Event, What};
use crate::model::process::Credentials;
use std::sync::{Arc, OnceLock};

/// So many programs one process may have run, in two to the power of that many nanoseconds: half a second.
const MANY_RUNS: u32 = 32;
const BUSY_FOR: u32 = 29;

/// A process whose program is to be read, at once.
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) pid: u32,
    pub(super) slot: u32,
    pub(super) serial: u64,
    /// How many programs it had run with that one.
    pub(super) execs: u32,
    pub(super) shot: Shot,
    /// Only which program it is.
    pub(super) is_skim: bool,
    /// Where it was read before, and only in part: set when there is no more to come.
    pub(super) again: Option<Arc<OnceLock<()>>>,
}

/// What is left to do after events.
#[derive(Debug, Default)]
pub(super) struct News {
    pub(super) unread: Vec<Unread>,
    /// Processes that had run a program and ended.
    pub(super) ended: Vec<(u32, u64)>,
    /// Something was lost, so that all that runs must be looked at again.
    pub(super) is_lossy: bool,
    pub(super) forks: u64,
    pub(super) execs: u64,
    pub(super) exits: u64,
}

impl News {
    /// Whether a process came, ran something or went.
    pub(super) fn is_any(&self) -> bool {
        self.forks + self.execs + self.exits > 0
    }
}

impl Table {
    /// Takes in one event.
    pub(super) fn apply(&mut self, event: &Event, news: &mut News) {
        if let Some(cpu) = event.cpu {
            news.is_lossy |= self.losses.event(cpu, event.sequence, event.at);
        }
        match event.what {
            What::Fork { parent, child } => {
                news.forks += 1;
                self.forked(parent, child, event.at);
            }
            What::Thread { process } => {
                if let Some(node) = self.heard(process, event.at) {
                    node.threads = node.threads.saturating_add(1);
                }
            }
            What::Exec { process } => {
                news.execs += 1;
                news.unread.extend(self.executed(process, event.at));
            }
            What::Account { process, real, effective } => {
                if let Some(node) = self.heard(process, event.at) {
                    let login = node.credentials.and_then(|credentials| credentials.login);
                    node.credentials = Some(Credentials { real, effective, login });
                }
            }
            What::Session { process } => {
                if let Some(node) = self.heard(process, event.at) {
                    node.session = Some(process);
                    node.has_terminal = false;
                }
            }
            What::Traced { process, tracer } => {
                if let Some(node) = self.heard(process, event.at) {
                    node.is_traced = tracer != 0;
                }
            }
            What::Exit { process, status } => self.exited(process, Some(status), event.at, news),
            What::ThreadExit { process } => self.exited(process, None, event.at, news),
            What::Answer { .. } | What::Other => {}
        }
    }

    /// Who does something with that number. When it was taken for dead it is not: its first thread has ended, and
    /// it has more than were counted.
    fn heard(&mut self, pid: u32, at: u64) -> Option<&mut super::node::Node> {
        let slot = self.newest(pid)?;
        if let Some(end) = self.get(slot)?.ended {
            if self.losses.overlap(end.at, at) {
                return None;
            }
            self.revive(slot);
        }
        self.get_mut(slot)
    }

    fn forked(&mut self, parent: u32, child: u32, at: u64) {
        let known = self.heard(parent, at).is_some().then(|| self.newest(parent)).flatten();
        // The look at all that runs may have been faster than the event.
        let ticks = self.ticks_at(at);
        let seen = self.living(child).filter(|slot| {
            self.get(*slot).is_some_and(|node| {
                let is_recent = node.is_start_read && node.id.start + 200 >= ticks && node.id.start <= ticks;
                node.origin != Origin::Fork && is_recent
            })
        });
        let slot = seen.unwrap_or_else(|| self.add(child, Origin::Fork, at, None));
        if let Some(node) = self.get_mut(slot) {
            node.origin = Origin::Fork;
            node.parent_pid = parent;
        }
        if let Some(parent) = known.filter(|parent| seen.is_none() || !self.descends(*parent, slot)) {
            self.adopt(parent, slot, seen.is_none());
        }
    }

    fn executed(&mut self, pid: u32, at: u64) -> Option<Unread> {
        if self.heard(pid, at).is_none() {
            self.add(pid, Origin::Found, at, None);
        }
        let slot = self.newest(pid)?;
        let is_skim = self.is_one_of_many(slot, at);
        let node = self.get_mut(slot)?;
        // Whichever thread it was, it is the only one now, and the first.
        node.threads = 0;
        node.leader = None;
        let shot = node.exec();
        Some(Unread { pid, slot, serial: node.serial, execs: node.execs, shot, is_skim, again: None })
    }

    /// Whether a program is one of very many that one process has run, as a loop in a shell does: then to read all of
    /// each would make the loop slower by a tenth. Not where anything above is to be heeded, or may be.
    fn is_one_of_many(&mut self, slot: u32, at: u64) -> bool {
        let Some(parent) = self.get(slot).and_then(|node| node.parent) else { return false };
        let second = at >> BUSY_FOR;
        let Some(node) = self.get_mut(parent) else { return false };
        let runs = if node.busy.0 == second { node.busy.1.saturating_add(1) } else { 1 };
        node.busy = (second, runs);
        runs > MANY_RUNS
            && !self.line(slot).any(|(_, node)| {
                let is_unread = node.inherited.iter().chain(&node.own).any(|shot| shot.get().is_none());
                is_unread || node.heed == Heed::Descendants || node.is_doubtful(&self.losses)
            })
    }

    /// A thread has ended: the first, with that status, or another.
    fn exited(&mut self, pid: u32, status: Option<u32>, at: u64, news: &mut News) {
        let Some(slot) = self.newest(pid) else { return };
        let wall = self.moment.wall
            - i64::try_from(self.moment.running.saturating_sub(at) / 1000).unwrap_or_default();
        let Some(node) = self.get_mut(slot).filter(|node| node.ended.is_none()) else { return };
        match status {
            Some(status) => node.leader = Some(status),
            None => node.threads = node.threads.saturating_sub(1),
        }
        if let Some(status) = node.leader
            && node.threads == 0
        {
            news.exits += 1;
            if node.execs > 0 {
                news.ended.push((slot, node.serial));
            }
            self.end(slot, End { at, wall, exit: Some(exit(status)) });
        }
    }
}

#[cfg(test)]
#[path = "apply_tests.rs"]
mod tests;
