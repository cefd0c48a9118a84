//! The processes that are remembered, and how one is found among them. Must not know what an event is.
//!
//! Memory is bounded: who lives, who has ended a moment ago, and of the others those that somebody of these descends
//! from; and of such a line only the beginning when it is long.

use super::dead::{Dead, Graves};
use super::losses::Losses;
use super::node::{End, Node, Origin};
use crate::host::proc_connector::Moment;
use crate::model::process::ProcessId;
use std::collections::{BTreeMap, VecDeque};

/// Of a line of the dead, those deeper than this are left out when only one other descends from them.
const DEEPEST: u32 = 64;
/// No line is followed further. There are no circles, and no system has more processes that live.
const LONGEST: usize = 1 << 22;
/// With more processes than this in memory, far more are left out.
const MANY: usize = 100_000;
/// More processes are not kept by order.
const MOST_KEPT: usize = 1024;

/// All of them.
#[derive(Debug)]
pub(super) struct Table {
    nodes: Vec<Option<Node>>,
    free: Vec<u32>,
    /// Every process by its number, those that had it before first.
    by_pid: BTreeMap<(u32, u64), u32>,
    serial: u64,
    graves: Graves,
    kept: VecDeque<(u64, u32, u64)>,
    ticks: u64,
    pub(super) losses: Losses,
    pub(super) moment: Moment,
}

impl Table {
    pub(super) fn new(ticks: u64, moment: Moment) -> Self {
        Self {
            nodes: Vec::new(),
            free: Vec::new(),
            by_pid: BTreeMap::new(),
            serial: 0,
            graves: Graves::default(),
            kept: VecDeque::new(),
            ticks,
            losses: Losses::default(),
            moment,
        }
    }

    /// The clock ticks at a moment of the clock of events.
    pub(super) fn ticks_at(&self, at: u64) -> u64 {
        let slept = self.moment.boot.saturating_sub(self.moment.running);
        u64::try_from(u128::from(at + slept) * u128::from(self.ticks) / 1_000_000_000).unwrap_or(u64::MAX)
    }

    /// The moment, by the clock of events, at which a process with that start was there at the latest.
    pub(super) fn moment_of(&self, start: u64) -> u64 {
        let slept = self.moment.boot.saturating_sub(self.moment.running);
        let boot = u128::from(start) * 1_000_000_000 / u128::from(self.ticks);
        u64::try_from(boot).unwrap_or(u64::MAX).saturating_sub(slept)
    }

    pub(super) fn get(&self, slot: u32) -> Option<&Node> {
        self.nodes.get(slot as usize)?.as_ref()
    }

    pub(super) fn get_mut(&mut self, slot: u32) -> Option<&mut Node> {
        self.nodes.get_mut(slot as usize)?.as_mut()
    }

    /// That very process, if it is still remembered there.
    pub(super) fn same(&mut self, slot: u32, serial: u64) -> Option<&mut Node> {
        self.get_mut(slot).filter(|node| node.serial == serial)
    }

    /// Who has that number now, or had it last.
    pub(super) fn newest(&self, pid: u32) -> Option<u32> {
        self.by_pid.range((pid, 0)..=(pid, u64::MAX)).next_back().map(|(_, slot)| *slot)
    }

    /// Who has that number now.
    pub(super) fn living(&self, pid: u32) -> Option<u32> {
        self.newest(pid).filter(|slot| self.get(*slot).is_some_and(|node| node.ended.is_none()))
    }

    /// Who had that number and that start; without a start who had it last.
    pub(super) fn find(&self, pid: u32, start: Option<u64>) -> Option<u32> {
        let Some(start) = start else { return self.newest(pid) };
        let all = || self.by_pid.range((pid, 0)..=(pid, u64::MAX)).map(|(_, slot)| *slot);
        let fits = |slot: &u32, is_read: bool| {
            let node = self.get(*slot);
            node.is_some_and(|node| node.is_start_read == is_read && node.may_have_started(start, self.ticks))
        };
        // Of several that started within one tick the last; of those whose start was not read the first that was
        // forked after that start.
        all().rfind(|slot| fits(slot, true)).or_else(|| all().find(|slot| fits(slot, false)))
    }

    /// Whether a process with that start may be this one.
    pub(super) fn fits(&self, slot: u32, start: u64) -> bool {
        self.get(slot).is_some_and(|node| node.may_have_started(start, self.ticks))
    }

    /// A process appears whose event or start is at that moment. Who had its number before has ended unheard.
    pub(super) fn add(&mut self, pid: u32, origin: Origin, born: u64, start: Option<u64>) -> u32 {
        if let Some(old) = self.living(pid) {
            self.end(old, End { at: born, wall: self.moment.wall, exit: None });
        }
        let id = ProcessId { pid, start: start.unwrap_or_else(|| self.ticks_at(born)) };
        let mut node = Node::new(id, origin, born, &self.moment);
        node.is_start_read = start.is_some();
        self.serial += 1;
        node.serial = self.serial;
        let slot = self.free.pop().unwrap_or_else(|| {
            self.nodes.push(None);
            u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX)
        });
        self.by_pid.insert((pid, node.serial), slot);
        if let Some(place) = self.nodes.get_mut(slot as usize) {
            *place = Some(node);
        }
        slot
    }

    /// One process is the parent of another, and whatever that one did not change it has from it.
    pub(super) fn adopt(&mut self, parent: u32, child: u32, inherits: bool) {
        let Some(mut node) = self.nodes.get_mut(child as usize).and_then(Option::take) else { return };
        if let Some(old) = node.parent.take()
            && let Some(old) = self.get_mut(old)
        {
            old.children.remove(&child);
        }
        if let Some(parent_node) = self.get_mut(parent) {
            if inherits {
                node.inherit(parent_node);
            } else {
                node.depth = parent_node.depth.saturating_add(1);
                node.parent_id = Some(parent_node.id);
            }
            node.parent = Some(parent);
            parent_node.children.insert(child);
        }
        if let Some(place) = self.nodes.get_mut(child as usize) {
            *place = Some(node);
        }
    }

    /// Whether one process is another or descends from it: then it cannot be its parent, whatever is said.
    pub(super) fn descends(&self, slot: u32, from: u32) -> bool {
        slot == from || self.line(slot).any(|(above, _)| above == from)
    }

    /// A process and those that it descends from.
    pub(super) fn line(&self, slot: u32) -> impl Iterator<Item = (u32, &Node)> {
        let first = self.get(slot).map(|node| (slot, node));
        let line = std::iter::successors(first, |(_, node)| {
            let parent = node.parent?;
            self.get(parent).map(|node| (parent, node))
        });
        line.take(LONGEST)
    }

    /// A process has ended. It is remembered for a while, whoever it was.
    pub(super) fn end(&mut self, slot: u32, end: End) {
        let Some(node) = self.get_mut(slot) else { return };
        if node.ended.is_some() {
            return;
        }
        node.ended = Some(end);
        node.leader = None;
        if std::mem::replace(&mut node.is_waiting, true) {
            return;
        }
        let account = node.credentials.map_or(0, |credentials| credentials.real);
        let dead = Dead { at: end.at, slot, serial: node.serial };
        let has_run = node.execs > 0;
        if let Some(pushed) = self.graves.add(account, has_run, dead) {
            self.leave(pushed);
        }
    }

    /// A process that was taken for dead is not.
    pub(super) fn revive(&mut self, slot: u32) {
        if let Some(node) = self.get_mut(slot) {
            node.ended = None;
        }
    }

    /// A process is remembered until then, even when it and all that descend from it have ended. The last word counts.
    pub(super) fn keep(&mut self, slot: u32, until: u64) {
        let Some(node) = self.get_mut(slot) else { return };
        let was_kept = std::mem::replace(&mut node.kept_until, until) != 0;
        let serial = node.serial;
        if was_kept {
            self.kept.retain(|(_, _, kept)| *kept != serial);
        }
        self.kept.push_back((until, slot, serial));
        if self.kept.len() > MOST_KEPT
            && let Some((_, slot, serial)) = self.kept.pop_front()
            && let Some(node) = self.same(slot, serial)
        {
            node.kept_until = 0;
            self.release(slot);
        }
    }

    /// Forgets who has been remembered for long enough.
    pub(super) fn tidy(&mut self) {
        let now = self.moment.running;
        for dead in self.graves.expired(now) {
            self.leave(dead);
        }
        let mut kept = std::mem::take(&mut self.kept);
        kept.retain(|(until, slot, serial)| {
            let is_over = *until < now;
            if is_over && self.same(*slot, *serial).is_some_and(|node| node.kept_until <= *until) {
                self.release(*slot);
            }
            !is_over
        });
        self.kept = kept;
    }

    /// Holds no more room than is needed, as far as nobody has to move.
    pub(super) fn shrink(&mut self) {
        while self.nodes.pop_if(|last| last.is_none()).is_some() {}
        let length = self.nodes.len();
        self.free.retain(|slot| (*slot as usize) < length);
        self.nodes.shrink_to_fit();
        self.free.shrink_to_fit();
    }

    /// Whether time alone makes it forget somebody.
    pub(super) fn has_dead(&self) -> bool {
        !self.graves.is_empty()
    }

    /// Whether one lives that is remembered by order, whose end is waited for.
    pub(super) fn is_attending(&self) -> bool {
        self.kept.iter().any(|(_, slot, serial)| {
            self.get(*slot).is_some_and(|node| node.serial == *serial && node.ended.is_none())
        })
    }

    fn leave(&mut self, dead: Dead) {
        if let Some(node) = self.same(dead.slot, dead.serial) {
            node.is_waiting = false;
            // Who lived on and ended again is remembered from then on.
            if let Some(end) = node.ended
                && end.at > dead.at
            {
                node.ended = None;
                return self.end(dead.slot, end);
            }
            self.release(dead.slot);
        }
    }

    /// Forgets a process if nobody needs it, and then those above it that only it needed.
    fn release(&mut self, slot: u32) {
        let (mut slot, now) = (slot, self.moment.running);
        let deepest = if self.len() > MANY { 4 } else { DEEPEST };
        while let Some(node) = self.get(slot) {
            if node.ended.is_none() || node.is_waiting || node.kept_until > now {
                return;
            }
            let (parent, pid, serial) = (node.parent, node.id.pid, node.serial);
            match (node.children.len(), node.children.first().copied(), parent) {
                (0, ..) => {}
                // One line leads through it to one other: it is left out.
                (1, Some(child), Some(parent)) if node.depth > deepest => {
                    let depth = node.depth;
                    if let Some(parent) = self.get_mut(parent) {
                        parent.children.insert(child);
                    }
                    if let Some(child) = self.get_mut(child) {
                        child.parent = Some(parent);
                        child.depth = depth;
                    }
                }
                _ => return,
            }
            if let Some(place) = self.nodes.get_mut(slot as usize) {
                *place = None;
            }
            self.free.push(slot);
            self.by_pid.remove(&(pid, serial));
            let Some(above) = parent else { return };
            if let Some(above) = self.get_mut(above) {
                above.children.remove(&slot);
            }
            slot = above;
        }
    }

    /// How many are remembered.
    pub(super) fn len(&self) -> usize {
        self.nodes.len() - self.free.len()
    }

    /// Everybody who is remembered and has a number behind that, at most `most` of them.
    pub(super) fn after(&self, pid: (u32, u64), most: usize) -> Vec<((u32, u64), u32)> {
        use std::ops::Bound::{Excluded, Unbounded};
        let range = self.by_pid.range((Excluded(pid), Unbounded));
        range.take(most).map(|(key, slot)| (*key, *slot)).collect()
    }
}
