//! What a look at a process adds to the record: at the beginning, after a loss, and when it runs something new.
//! Must not look itself.

use super::apply::Unread;
use super::node::{Heed, Node, Origin, Shot};
use super::table::Table;
use crate::host::process::{Facts, Seen};
use crate::model::process::Process;
use std::collections::HashSet;
use std::sync::Arc;

impl Table {
    /// What a process runs was read, as that order said. Says what to make of it, if that was its program, and not one
    /// that it ran since or that another process runs which has its number now.
    pub(super) fn read(
        &mut self,
        unread: &Unread,
        seen: Seen,
        heed: &dyn Fn(&Process) -> Heed,
    ) -> Option<Heed> {
        if self.newest(unread.pid) != Some(unread.slot) || !self.fits(unread.slot, seen.facts.id.start) {
            return None;
        }
        let node = self.same(unread.slot, unread.serial)?;
        if node.execs != unread.execs || node.ended.is_some() && !seen.has_command_line {
            return None;
        }
        node.learn(&seen.facts);
        node.is_skimmed = unread.is_skim;
        if !unread.is_skim {
            node.elsewhere = seen.elsewhere;
        }
        if unread.again.is_some() {
            unread.shot.complete(seen.image);
        } else {
            let _first = unread.shot.set(seen.image);
        }
        let heed = heed(&node.process());
        node.heed = node.heed.max(heed);
        Some(heed)
    }

    /// What is left to read of a process of which too little was.
    pub(super) fn unskimmed(&self, slot: u32) -> Option<Unread> {
        let node = self.get(slot).filter(|node| node.is_skimmed && node.ended.is_none())?;
        let (pid, serial, execs, again) = (node.id.pid, node.serial, node.execs, Some(Arc::default()));
        let shot = Arc::clone(node.last()?);
        Some(Unread { pid, slot, serial, execs, shot, is_skim: false, again })
    }

    /// What the kernel knows of a process was asked.
    pub(super) fn learn(&mut self, slot: u32, serial: u64, facts: &Facts) {
        let fits = self.fits(slot, facts.id.start);
        if let Some(node) = self.same(slot, serial).filter(|node| fits && node.ended.is_none()) {
            node.learn(facts);
        }
    }

    /// A process was looked at, by a look that began at that moment: because the record begins, or because
    /// something was lost.
    pub(super) fn looked(
        &mut self,
        seen: &Seen,
        began: u64,
        is_first: bool,
        heed: &dyn Fn(&Process) -> Heed,
    ) {
        let facts = &seen.facts;
        if facts.is_ended {
            return;
        }
        let known = self.living(facts.id.pid).filter(|slot| self.fits(*slot, facts.id.start));
        if let Some(slot) = known {
            return self.looked_again(slot, seen, began, heed);
        }
        if self.find(facts.id.pid, Some(facts.id.start)).is_some() {
            return; // it has ended since
        }
        let origin = if is_first { Origin::Before } else { Origin::Found };
        let born = self.moment_of(facts.id.start);
        let slot = self.add(facts.id.pid, origin, born, Some(facts.id.start));
        if let Some(node) = self.get_mut(slot) {
            node.learn(facts);
            node.elsewhere = seen.elsewhere;
            node.threads = facts.threads.saturating_sub(1);
            node.parent_pid = facts.parent;
            let shot = Shot::default();
            let _first = shot.set(seen.image.clone());
            node.inherited = Some(shot);
            node.heed = heed(&node.process());
        }
        self.place(slot);
    }

    /// A known process was looked at again.
    fn looked_again(&mut self, slot: u32, seen: &Seen, began: u64, heed: &dyn Fn(&Process) -> Heed) {
        let Some(node) = self.get_mut(slot) else { return };
        // The same stack is the same program, and nothing was missed. Without that there is only the file.
        let image = node.last().and_then(|shot| shot.get()).cloned();
        let is_same = match (node.stack, seen.facts.stack) {
            (0, _) | (_, 0) => image.as_ref().is_some_and(|image| image.file == seen.image.file),
            (old, new) => old == new,
        };
        node.learn(&seen.facts);
        if is_same {
            if node.sure_until < began && node.born < began {
                node.sure_until = began;
            }
        } else if image.is_some() {
            let _first = node.exec().set(seen.image.clone());
            node.heed = node.heed.max(heed(&node.process()));
        }
    }

    /// All looks are done: who was found before its parent finds it now, and who runs no more has ended.
    pub(super) fn place_all(&mut self) {
        let mut last = (0, 0);
        loop {
            let some = self.after(last, 1024);
            let Some((end, _)) = some.last() else { return };
            last = *end;
            for (_, slot) in some {
                let is_alone =
                    |node: &Node| node.parent.is_none() && node.parent_pid != 0 && node.ended.is_none();
                if self.get(slot).is_some_and(is_alone) {
                    self.place(slot);
                }
            }
        }
    }

    /// Puts a process below its parent, if that is there and is the older one.
    fn place(&mut self, slot: u32) {
        let Some(node) = self.get(slot) else { return };
        let start = node.id.start;
        let Some(parent) = self.living(node.parent_pid) else { return };
        let is_older = self.get(parent).is_some_and(|parent| parent.id.start <= start);
        if is_older && !self.descends(parent, slot) {
            self.adopt(parent, slot, false);
        }
    }

    /// Of those that were born before that moment, who is not among these has ended.
    pub(super) fn missing(&mut self, there: &HashSet<u32>, before: u64) -> Vec<u32> {
        let mut gone = Vec::new();
        let mut last = (0, 0);
        loop {
            let some = self.after(last, 1024);
            let Some((end, _)) = some.last() else { return gone };
            last = *end;
            gone.extend(some.iter().map(|(_, slot)| *slot).filter(|slot| {
                self.get(*slot).is_some_and(|node| {
                    node.ended.is_none() && node.born < before && !there.contains(&node.id.pid)
                })
            }));
        }
    }
}

impl Node {
    fn learn(&mut self, facts: &Facts) {
        self.id = facts.id;
        self.is_start_read = true;
        self.session = facts.session;
        self.has_terminal = facts.has_terminal;
        self.credentials = facts.credentials.or(self.credentials);
        self.is_owner_read |= facts.credentials.is_some();
        self.is_traced = facts.is_traced.unwrap_or(self.is_traced);
        self.stack = facts.stack;
    }
}
