//! What the threads of the record share: the socket, the table, and what waits to be read. Whoever wants to know
//! something empties the socket first, so that nobody is told what is no longer so.

use super::apply::{News, Unread};
use super::jobs::Jobs;
use super::report::Report;
use super::table::Table;
use super::workers::Workers;
use super::{HeedOf, Options, Told};
use crate::host::proc_connector::{Alarm, Connector, Received, now};
use crate::host::process::ticks_per_second;
use crate::model::process::{Image, Process};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Whoever holds the table takes in at most this many events before others may have it.
const BATCH: usize = 256;
/// A second.
pub(super) const SECOND: u64 = 1_000_000_000;
/// For so long after a loss the state says that there was one.
const REMINDED: u64 = 60 * SECOND;

/// What one look at the kernel's queue brought.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drained {
    /// Something.
    pub(super) is_any: bool,
    /// There may be more.
    pub(super) has_more: bool,
}

/// What the threads share.
pub(super) struct Shared {
    pub(super) connector: Connector,
    pub(super) alarm: Alarm,
    table: Mutex<Table>,
    figures: Mutex<Report>,
    pub(super) jobs: Jobs,
    pub(super) workers: Workers,
    pub(super) on_exec: Option<Mutex<Told>>,
    pub(super) on_exit: Option<Mutex<Told>>,
    pub(super) heed: HeedOf,
    /// How many wait for the table.
    askers: AtomicU32,
    /// All that run must be looked at again.
    pub(super) is_lossy: AtomicBool,
    pub(super) is_over: AtomicBool,
    /// The first look at all that run is done.
    pub(super) is_complete: AtomicBool,
    /// When the last look at all that run began.
    pub(super) look_began: AtomicU64,
}

impl Shared {
    pub(super) fn new(connector: Connector, alarm: Alarm, options: Options) -> Self {
        Self {
            connector,
            alarm,
            table: Mutex::new(Table::new(ticks_per_second(), now())),
            figures: Mutex::default(),
            jobs: Jobs::default(),
            workers: Workers::default(),
            on_exec: options.on_exec.map(Mutex::new),
            on_exit: options.on_exit.map(Mutex::new),
            heed: options.heed,
            askers: AtomicU32::new(0),
            is_lossy: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
            is_complete: AtomicBool::new(false),
            look_began: AtomicU64::new(0),
        }
    }

    /// Takes in a batch of events, for the thread that waits for them.
    pub(super) fn drain(&self) -> Drained {
        let mut table = self.lock();
        let (is_empty, news) = self.receive(&mut table, u64::MAX, BATCH);
        let drained = Drained { is_any: news.is_any(), has_more: !is_empty };
        let ended = self.ended(&table, &news);
        drop(table);
        self.tell(news, ended);
        if self.askers.load(Ordering::Acquire) > 0 {
            std::thread::yield_now();
        }
        drained
    }

    /// Does something with the table in which everything stands that the kernel told until now.
    pub(super) fn with<T>(&self, then: impl FnOnce(&mut Table) -> T) -> T {
        self.askers.fetch_add(1, Ordering::AcqRel);
        let mut table = self.lock();
        self.askers.fetch_sub(1, Ordering::AcqRel);
        let (_, news) = self.receive(&mut table, now().running, usize::MAX);
        let ended = self.ended(&table, &news);
        let result = then(&mut table);
        drop(table);
        let is_work = !news.unread.is_empty() || !ended.is_empty() || news.is_lossy;
        self.tell(news, ended);
        if is_work {
            // Who waits at the socket does not see what was taken out of it here.
            self.alarm.ring();
        }
        result
    }

    /// Empties the socket, until nothing is left, or nothing that happened before `until`, or enough was taken.
    fn receive(&self, table: &mut Table, until: u64, most: usize) -> (bool, News) {
        let mut news = News::default();
        let mut junk = 0;
        table.moment = now();
        let mut is_empty = false;
        for _ in 0..most {
            match self.connector.receive() {
                Received::Event(event) => {
                    table.apply(&event, &mut news);
                    if event.at > until && !table.losses.is_open() {
                        break;
                    }
                }
                Received::Dropped => table.losses.begin(),
                Received::Junk => junk += 1,
                Received::Nothing => {
                    is_empty = true;
                    break;
                }
            }
        }
        if is_empty {
            news.is_lossy |= table.losses.end(now().running);
        }
        if junk > 0 {
            self.figures().junk += junk;
        }
        (is_empty, news)
    }

    /// What is told of those that ended, as long as it is there.
    fn ended(&self, table: &Table, news: &News) -> Vec<Arc<Process>> {
        if self.on_exit.is_none() {
            return Vec::new();
        }
        let known = |(slot, serial): &(u32, u64)| {
            table.get(*slot).filter(|node| node.serial == *serial).map(|node| Arc::new(node.process()))
        };
        news.ended.iter().filter_map(known).collect()
    }

    /// Hands on what is left to do.
    fn tell(&self, news: News, ended: Vec<Arc<Process>>) {
        if news.is_lossy {
            self.is_lossy.store(true, Ordering::Release);
        }
        if !news.is_any() {
            return;
        }
        let (given_up, unheard) = self.jobs.add(news.unread, ended);
        given_up.iter().for_each(|unread| self.missed(unread));
        let mut figures = self.figures();
        figures.forks += news.forks;
        figures.execs += news.execs;
        figures.exits += news.exits;
        figures.unheard += u64::try_from(unheard).unwrap_or_default();
    }

    /// Has these read.
    pub(super) fn read(&self, unread: Vec<Unread>) {
        if !unread.is_empty() {
            let (given_up, _) = self.jobs.add(unread, Vec::new());
            given_up.iter().for_each(|unread| self.missed(unread));
            self.alarm.ring();
        }
    }

    /// What a process ran could not be read.
    pub(super) fn missed(&self, unread: &Unread) {
        if unread.shot.set(Image::default()) {
            self.figures().missed += 1;
        }
    }

    /// How the record fares.
    pub(super) fn report(&self) -> Report {
        let (remembered, drops, losses, last, is_open) = self.with(|table| {
            let losses = &table.losses;
            (table.len(), losses.events, losses.count, losses.last(), losses.is_open())
        });
        let mut report = self.figures().clone();
        let is_recent = last.is_some_and(|last| now().running.saturating_sub(last) < REMINDED);
        report.state = if is_open || is_recent || self.is_lossy.load(Ordering::Acquire) {
            "losing: the kernel dropped process events".into()
        } else if self.workers.are_stuck() {
            "losing: processes hold up who reads their command lines".into()
        } else {
            "running".into()
        };
        report.note = self.connector.note().map(str::to_owned);
        Report { remembered, drops, losses, ..report }
    }

    /// The table as it stands, without asking the kernel.
    pub(super) fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn figures(&self) -> MutexGuard<'_, Report> {
        self.figures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
