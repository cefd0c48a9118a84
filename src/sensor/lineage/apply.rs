//! What an event does to the record. Must not read anything of a process.

use super::node::{End, Origin, Shot, exit};
use super::table::Table;
use crate::host::proc_connector::{Event, What};
use crate::model::process::Credentials;

/// A process whose program is to be read, at once.
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) pid: u32,
    pub(super) slot: u32,
    pub(super) serial: u64,
    /// How many programs it had run with that one.
    pub(super) execs: u32,
    pub(super) shot: Shot,
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
        let node = self.get_mut(slot)?;
        // Whichever thread it was, it is the only one now, and the first.
        node.threads = 0;
        node.leader = None;
        let shot = node.exec();
        Some(Unread { pid, slot, serial: node.serial, execs: node.execs, shot })
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
mod tests {
    use super::*;
    use crate::host::proc_connector::Moment;
    use proptest::prelude::*;

    const TICK: u64 = 10_000_000;

    /// A table, and a clock that goes on with every event.
    struct Scene {
        table: Table,
        news: News,
        at: u64,
    }

    impl Scene {
        fn new() -> Self {
            let moment = Moment { running: 1, boot: 1, wall: 0 };
            Self { table: Table::new(100, moment), news: News::default(), at: 1000 * TICK }
        }

        fn tell(&mut self, what: What) {
            self.at += TICK / 1000;
            let Self { table, news, at } = self;
            table.moment = Moment { running: *at, boot: *at, wall: 0 };
            table.apply(&Event { at: *at, cpu: None, sequence: 0, what }, news);
            news.unread.clear();
            news.ended.clear();
            if at.is_multiple_of(1000 * TICK) {
                table.tidy();
            }
        }

        fn fork(&mut self, parent: u32, child: u32) {
            self.tell(What::Fork { parent, child });
        }

        fn end(&mut self, process: u32) {
            self.tell(What::Exit { process, status: 0 });
        }

        fn line(&self, pid: u32) -> Vec<u32> {
            let slot = self.table.newest(pid).unwrap();
            self.table.line(slot).map(|(_, node)| node.id.pid).collect()
        }
    }

    /// Memory is bounded, however a million forks are hung together, and the beginning of a line stays.
    #[test]
    fn a_million_forks_leave_a_bounded_number_behind() {
        // Each forks the next and ends.
        let mut scene = Scene::new();
        (10..20).for_each(|pid| scene.fork(pid - 1, pid));
        let mut last = 19;
        for number in 0..500_000 {
            let next = 100 + number % 30_000;
            scene.fork(last, next);
            scene.end(last);
            last = next;
        }
        assert!(scene.table.len() < 5_000, "{}", scene.table.len());
        let line = scene.line(last);
        assert!(line.ends_with(&[15, 14, 13, 12, 11, 10]), "{} are in line", line.len());

        // One forks them all, and some of them a second.
        let mut scene = Scene::new();
        scene.fork(1, 2);
        for number in 0..500_000 {
            let pid = 100 + number % 20_000 * 2;
            scene.fork(2, pid);
            scene.fork(pid, pid + 1);
            scene.end(pid);
            scene.end(pid + 1);
        }
        assert!(scene.table.len() < 9_000, "{}", scene.table.len());
        scene.at += 1000 * 100 * TICK;
        scene.fork(2, 90_000);
        scene.table.tidy();
        assert_eq!(scene.table.len(), 2, "the dead are forgotten after a while");
    }

    #[test]
    fn what_is_kept_stays_and_then_goes() {
        let mut scene = Scene::new();
        scene.fork(1, 2);
        scene.fork(2, 3);
        let slot = scene.table.newest(3).unwrap();
        scene.end(2);
        scene.end(3);
        scene.table.keep(slot, scene.at + 200 * 100 * TICK);
        scene.at += 100 * 100 * TICK;
        scene.fork(1, 9);
        scene.table.tidy();
        assert_eq!(scene.line(3), [3, 2]);
        scene.at += 200 * 100 * TICK;
        scene.fork(1, 10);
        scene.table.tidy();
        assert_eq!((scene.table.newest(3), scene.table.newest(2)), (None, None));
    }

    #[test]
    fn an_exec_of_any_thread_leaves_one_and_threads_keep_a_process() {
        let mut scene = Scene::new();
        scene.fork(1, 2);
        scene.tell(What::Thread { process: 2 });
        scene.end(2);
        assert!(scene.table.living(2).is_some(), "another thread lives");
        scene.tell(What::Exec { process: 2 });
        scene.end(2);
        assert!(scene.table.living(2).is_none());
        // Its threads were counted wrong: who forks is alive.
        scene.fork(2, 3);
        assert!(scene.table.living(2).is_some());
        assert_eq!(scene.line(3), [3, 2]);
    }

    #[test]
    fn a_number_that_is_used_again_is_another_process() {
        let mut scene = Scene::new();
        scene.fork(1, 2);
        scene.fork(2, 3);
        let first = scene.table.newest(2).unwrap();
        let start = scene.table.get(first).unwrap().id.start;
        scene.at += 500 * TICK;
        scene.fork(9, 2);
        assert_ne!(scene.table.newest(2), Some(first));
        assert!(scene.table.get(first).unwrap().ended.is_some(), "its end was missed");
        assert_eq!(scene.table.find(2, Some(start)), Some(first));
        assert_eq!(scene.table.find(2, Some(start + 250)), None);
        let above = scene.table.newest(3).and_then(|slot| scene.table.get(slot)).unwrap().parent;
        assert_eq!(above, Some(first));
    }

    proptest! {
        /// Whatever is told in whatever order, nobody descends from himself and all is found again.
        #[test]
        fn any_events_leave_lines_without_circles(
            events in proptest::collection::vec((0_u8..7, 1_u32..12, 1_u32..12), 0..300)
        ) {
            let mut scene = Scene::new();
            for (kind, one, other) in events {
                match kind {
                    0 | 1 => scene.fork(one, other),
                    2 => scene.end(one),
                    3 => scene.tell(What::Exec { process: one }),
                    4 => scene.tell(What::Thread { process: one }),
                    5 => scene.tell(What::ThreadExit { process: one }),
                    _ => scene.tell(What::Session { process: one }),
                }
            }
            for (key, slot) in scene.table.after((0, 0), 10_000) {
                let line: Vec<_> = scene.table.line(slot).map(|(slot, _)| slot).collect();
                prop_assert!(line.len() < 400);
                let mut once = line.clone();
                once.sort_unstable();
                once.dedup();
                prop_assert_eq!(once.len(), line.len(), "{:?}", key);
            }
        }
    }
}
