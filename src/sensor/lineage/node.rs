//! A process in the record, and what is told of it. Must not know of its neighbours but by their number.

use super::losses::Losses;
use crate::host::proc_connector::Moment;
use crate::model::process::{Credentials, Elsewhere, Exit, Image, Process, ProcessId};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

/// More programs of one process are not kept; those in the middle go first.
const MOST_IMAGES: usize = 16;

/// A program that a process runs, from the moment of which it is known until it has been read, and then with it. What
/// forks meanwhile shares it.
pub(super) type Shot = Arc<Taken>;

/// What was read of it: first perhaps only which program it is, and all of it later.
#[derive(Debug, Default)]
pub(super) struct Taken {
    first: OnceLock<Arc<Image>>,
    whole: OnceLock<Arc<Image>>,
}

impl Taken {
    /// The most that was read.
    pub(super) fn get(&self) -> Option<&Arc<Image>> {
        self.whole.get().or_else(|| self.first.get())
    }

    /// It was read; says whether that was the first time.
    pub(super) fn set(&self, image: Image) -> bool {
        self.first.set(Arc::new(image)).is_ok()
    }

    /// More of it was read. Whoever has it from before has more of it then, too.
    pub(super) fn complete(&self, image: Image) {
        let _known = self.whole.set(Arc::new(image));
    }
}

/// How the record knows of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Its fork was told.
    Fork,
    /// It was there when the record began.
    Before,
    /// It was found later: its fork was lost.
    Found,
}

/// Its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) at: u64,
    pub(super) wall: i64,
    pub(super) exit: Option<Exit>,
}

/// What a process's program makes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Heed {
    /// It is one of many.
    #[default]
    Little,
    /// Whatever else is run, all is read of it.
    Itself,
    /// And of all that descends from it.
    Descendants,
}

/// A process.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) id: ProcessId,
    /// Whether its start was read. Otherwise it is that of its fork's event, a moment later.
    pub(super) is_start_read: bool,
    /// Tells it from every other that was ever recorded.
    pub(super) serial: u64,
    pub(super) origin: Origin,
    /// When it was forked, by the clock of events, and by that of people.
    pub(super) born: u64,
    pub(super) wall: i64,
    /// Its nearest ancestor that is remembered: its parent, or one further up where that was forgotten.
    pub(super) parent: Option<u32>,
    /// Its parent.
    pub(super) parent_id: Option<ProcessId>,
    /// Whose child it was when it was found.
    pub(super) parent_pid: u32,
    pub(super) children: BTreeSet<u32>,
    pub(super) depth: u32,
    /// Threads besides the first.
    pub(super) threads: u32,
    /// How the first thread ended, while others run on.
    pub(super) leader: Option<u32>,
    pub(super) ended: Option<End>,
    pub(super) session: Option<u32>,
    pub(super) has_terminal: bool,
    pub(super) credentials: Option<Credentials>,
    pub(super) is_traced: bool,
    /// Whether it was read whose it is, and not only told: no event tells who logged in.
    pub(super) is_owner_read: bool,
    pub(super) elsewhere: Elsewhere,
    pub(super) stack: u64,
    pub(super) inherited: Option<Shot>,
    pub(super) own: Vec<Shot>,
    /// How many programs it has run.
    pub(super) execs: u32,
    /// The most that any of its programs made of it.
    pub(super) heed: Heed,
    /// Of its program, or of the one that it was forked with, only was read which one it is.
    pub(super) is_skimmed: bool,
    /// In which second it had programs run, and how many.
    pub(super) busy: (u64, u32),
    /// Until when every loss is known to have changed nothing.
    pub(super) sure_until: u64,
    /// It lies among the dead that are remembered for a while.
    pub(super) is_waiting: bool,
    /// Until when it is remembered by order.
    pub(super) kept_until: u64,
}

impl Node {
    /// A process of which nothing is known but its number.
    pub(super) fn new(id: ProcessId, origin: Origin, born: u64, moment: &Moment) -> Self {
        let ago = moment.running.saturating_sub(born) / 1000;
        Self {
            id,
            is_start_read: false,
            serial: 0,
            origin,
            born,
            wall: moment.wall.saturating_sub(i64::try_from(ago).unwrap_or(0)),
            parent: None,
            parent_id: None,
            parent_pid: 0,
            children: BTreeSet::new(),
            depth: 0,
            threads: 0,
            leader: None,
            ended: None,
            session: None,
            has_terminal: false,
            credentials: None,
            is_traced: false,
            is_owner_read: false,
            elsewhere: Elsewhere::default(),
            stack: 0,
            inherited: None,
            own: Vec::new(),
            execs: 0,
            heed: Heed::Little,
            is_skimmed: false,
            busy: (0, 0),
            sure_until: 0,
            is_waiting: false,
            kept_until: 0,
        }
    }

    /// Takes over what a fork leaves as it was.
    pub(super) fn inherit(&mut self, parent: &Self) {
        self.session = parent.session;
        self.has_terminal = parent.has_terminal;
        self.credentials = parent.credentials;
        self.elsewhere = parent.elsewhere;
        self.is_skimmed = parent.is_skimmed;
        self.stack = parent.stack;
        self.inherited = parent.last().cloned();
        self.depth = parent.depth.saturating_add(1);
        self.parent_id = Some(parent.id);
    }

    /// The program that it runs.
    pub(super) fn last(&self) -> Option<&Shot> {
        self.own.last().or(self.inherited.as_ref())
    }

    /// It runs another program, which is still to be read.
    pub(super) fn exec(&mut self) -> Shot {
        let shot = Shot::default();
        if self.own.len() >= MOST_IMAGES {
            self.own.remove(MOST_IMAGES / 2);
        }
        self.own.push(Arc::clone(&shot));
        self.execs = self.execs.wrapping_add(1);
        shot
    }

    /// Whether something that was lost may have changed it.
    pub(super) fn is_doubtful(&self, losses: &Losses) -> bool {
        let end = self.ended.map_or(u64::MAX, |end| end.at);
        losses.overlap(self.born.max(self.sure_until), end)
    }

    /// Whether a process with that start may be this one.
    pub(super) fn may_have_started(&self, start: u64, ticks: u64) -> bool {
        if self.is_start_read {
            return self.id.start == start;
        }
        // The event comes after the start that the kernel writes down: by two seconds at most, on a machine that
        // still does anything.
        (start.saturating_sub(1)..=start + 2 * ticks).contains(&self.id.start)
    }

    /// What is told of it.
    pub(super) fn process(&self) -> Process {
        let image = |shot: &Shot| shot.get().cloned().unwrap_or_default();
        Process {
            id: self.id,
            parent: self.parent_id,
            is_fork_seen: self.origin == Origin::Fork,
            started: Timestamp::from_microsecond(self.wall).ok(),
            ended: self.ended.and_then(|end| Some((Timestamp::from_microsecond(end.wall).ok()?, end.exit))),
            session: self.session,
            has_terminal: self.has_terminal,
            credentials: self.credentials,
            is_traced: self.is_traced,
            elsewhere: self.elsewhere,
            images: self.inherited.iter().chain(&self.own).map(image).collect(),
        }
    }
}

/// How a process ended, see wait(2).
pub(super) fn exit(status: u32) -> Exit {
    let number = |value: u32| i32::try_from(value).unwrap_or(0);
    match status & 0x7f {
        0 => Exit::Code(number(status >> 8 & 0xff)),
        signal => Exit::Signal(number(signal)),
    }
}
