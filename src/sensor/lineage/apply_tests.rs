//! Events told one after the other to a table, and what it remembers of them. Must not ask the machine.

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
    scene.table.shrink();
    assert_eq!(scene.line(90_000), [90_000, 2]);
    scene.fork(90_000, 90_001);
    scene.fork(90_001, 90_002);
    assert_eq!(scene.line(90_002), [90_002, 90_001, 90_000, 2]);
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
fn the_last_word_says_for_how_long_one_is_kept() {
    let mut scene = Scene::new();
    scene.fork(1, 2);
    let slot = scene.table.newest(2).unwrap();
    scene.table.keep(slot, scene.at + 24 * 3600 * 100 * TICK);
    assert!(scene.table.is_attending());
    scene.end(2);
    scene.table.keep(slot, scene.at + 60 * 100 * TICK);
    scene.at += 59 * 100 * TICK;
    scene.fork(1, 9);
    scene.table.tidy();
    assert!(scene.table.newest(2).is_some());
    scene.at += 100 * 100 * TICK;
    scene.fork(1, 10);
    scene.table.tidy();
    assert_eq!(scene.table.newest(2), None, "not for as long as was said first");
    // More than are kept by order: who is kept anew counts once.
    (100..1000).for_each(|pid| scene.fork(1, pid));
    for _ in 0..3 {
        for pid in 100..1000 {
            let slot = scene.table.newest(pid).unwrap();
            scene.table.keep(slot, scene.at + 1000 * 100 * TICK);
        }
    }
    (100..1000).for_each(|pid| scene.end(pid));
    scene.at += 200 * 100 * TICK;
    scene.fork(1, 10_000);
    scene.table.tidy();
    assert!((100..1000).all(|pid| scene.table.newest(pid).is_some()));
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

/// What one process runs one after the other: whether of each only is read which program it is.
fn skims(scene: &mut Scene, parent: u32, first: u32, count: u32) -> Vec<bool> {
    let skim = |pid| {
        scene.fork(parent, pid);
        scene.at += 1;
        let is_skim = scene.table.executed(pid, scene.at).unwrap().is_skim;
        scene.end(pid);
        is_skim
    };
    (first..first + count).map(skim).collect()
}

#[test]
fn of_the_many_programs_of_a_loop_only_is_read_which_they_are() {
    let mut scene = Scene::new();
    scene.fork(1, 2);
    let read = skims(&mut scene, 2, 100, 200);
    assert!(!read.iter().take(32).any(|is_skim| *is_skim), "the first are read whole");
    assert!(read.iter().filter(|is_skim| **is_skim).count() > 50);
    // Half a second later it is no loop any more.
    scene.at += 100 * TICK;
    assert_eq!(skims(&mut scene, 2, 400, 1), [false]);
    // Below what is to be heeded nothing is left out, however far.
    let slot = scene.table.newest(2).unwrap();
    scene.table.get_mut(slot).unwrap().heed = Heed::Descendants;
    scene.fork(2, 3);
    assert!(!skims(&mut scene, 3, 500, 200).contains(&true));
    scene.table.get_mut(slot).unwrap().heed = Heed::Itself;
    assert!(skims(&mut scene, 3, 800, 200).contains(&true));
    // Nor where it was not read yet what is above.
    scene.fork(3, 4);
    let unread = scene.table.executed(4, scene.at).unwrap();
    assert!(!skims(&mut scene, 4, 1100, 200).contains(&true));
    assert!(unread.shot.set(Default::default()));
    assert!(skims(&mut scene, 4, 1400, 200).contains(&true));
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
