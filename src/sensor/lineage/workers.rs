//! The threads of the record. One has the turn: it waits for what the kernel tells, and reads at once what is to be
//! read. When a process holds it up, another one gets the turn. Must not decide what is read.

use super::Told;
use super::apply::Unread;
use super::jobs::Job;
use super::node::Heed;
use super::shared::{SECOND, Shared};
use super::upkeep::Upkeep;
use crate::host::proc_connector::now;
use crate::host::process::{all, glance, hurry, look, skim};
use crate::model::process::Process;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// One that has been at one process for longer is taken for lost, until it comes back.
const LOST: u64 = SECOND / 2;
/// So many there are at first, and not more are ever started.
const FIRST: usize = 2;
const MOST: usize = 8;
/// One that has been at one process for longer loses its turn. Hooks that live for 33 ms are read all the same.
const HELD_UP: u64 = SECOND / 200;
/// How often that is looked for, while anybody is at work. Each time costs whatever else the machine does.
const GUARDING: Duration = Duration::from_millis(10);

/// The threads.
#[derive(Debug, Default)]
pub(super) struct Workers {
    all: Mutex<Vec<Arc<Worker>>>,
    guard: Condvar,
    /// Somebody is at work, and the guard looks whether he is held up.
    is_guarded: AtomicBool,
    /// Whose turn it is, by his number; 0 for nobody's.
    turn: Mutex<u64>,
    is_free: Condvar,
    upkeep: Mutex<Upkeep>,
}

/// One of them.
#[derive(Debug, Default)]
struct Worker {
    number: u64,
    /// Since when it has been at what it does; 0 when it waits.
    since: AtomicU64,
    /// It looks at a process that was there before.
    is_looking: AtomicBool,
}

impl Worker {
    fn is_busy(&self) -> bool {
        self.since.load(Ordering::Acquire) != 0
    }

    fn is_busy_for(&self, long: u64) -> bool {
        let since = self.since.load(Ordering::Acquire);
        since != 0 && since + long < now().running
    }

    fn is_lost(&self) -> bool {
        self.is_busy_for(LOST)
    }
}

impl Workers {
    /// Starts them.
    pub(super) fn start(&self, shared: &Arc<Shared>) -> Result<(), String> {
        for _ in 0..FIRST {
            self.add(shared, &mut self.all())?;
        }
        Ok(())
    }

    fn add(&self, shared: &Arc<Shared>, all: &mut Vec<Arc<Worker>>) -> Result<(), String> {
        let number = u64::try_from(all.len()).unwrap_or_default() + 1;
        let worker = Arc::new(Worker { number, ..Worker::default() });
        let (shared, own) = (Arc::clone(shared), Arc::clone(&worker));
        let started = Builder::new().name("lineage".into()).spawn(move || work(&shared, &own));
        started.map_err(|error| format!("refused: no thread: {error}"))?;
        all.push(worker);
        Ok(())
    }

    /// Whether every one that there may be is lost.
    pub(super) fn are_stuck(&self) -> bool {
        let all = self.all();
        all.len() >= MOST && all.iter().all(|worker| worker.is_lost())
    }

    /// Wakes all that wait for one another: they are to end.
    pub(super) fn wake_all(&self) {
        self.wake_guard();
        drop(self.turn());
        self.is_free.notify_all();
    }

    fn wake_guard(&self) {
        drop(self.all());
        self.guard.notify_all();
    }

    /// Waits until it is that one's turn; not when all is over.
    fn wait_for_turn(&self, own: &Worker, is_over: impl Fn() -> bool) -> bool {
        let turn = self.is_free.wait_while(self.turn(), |turn| *turn != 0 && !is_over());
        *turn.unwrap_or_else(PoisonError::into_inner) = own.number;
        !is_over()
    }

    fn has_turn(&self, own: &Worker) -> bool {
        *self.turn() == own.number
    }

    /// Takes the turn from one that is held up. Says whether one remains that could do something.
    fn pass_on(&self, all: &[Arc<Worker>]) -> bool {
        let mut turn = self.turn();
        if all.iter().any(|worker| worker.number == *turn && worker.is_busy_for(HELD_UP)) {
            *turn = 0;
            self.is_free.notify_one();
        }
        *turn != 0 || all.iter().any(|worker| !worker.is_busy())
    }

    /// Adds one where every other is lost.
    fn relieve(&self, shared: &Arc<Shared>) {
        let mut all = self.all();
        for worker in all.iter().filter(|worker| worker.is_lost()) {
            if worker.is_looking.swap(false, Ordering::AcqRel) {
                done_looking(shared);
            }
        }
        if all.len() < MOST
            && all.iter().all(|worker| worker.is_lost())
            && let Err(error) = self.add(shared, &mut all)
        {
            tracing::warn!(error, "nobody reads command lines");
        }
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Worker>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self) -> MutexGuard<'_, u64> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks after those that are at work: gives the turn of one that is held up to another, replaces them when all are
/// lost, and takes in meanwhile what the kernel tells.
pub(super) fn guard(shared: &Arc<Shared>) {
    hurry();
    let workers = &shared.workers;
    let is_over = || shared.is_over.load(Ordering::Acquire);
    while !is_over() {
        let is_idle = |_: &mut Vec<_>| !is_over() && !workers.is_guarded.load(Ordering::Acquire);
        drop(workers.guard.wait_while(workers.all(), is_idle));
        while !is_over() {
            let waited = workers.guard.wait_timeout_while(workers.all(), GUARDING, |_| !is_over());
            let all = waited.unwrap_or_else(PoisonError::into_inner).0.clone();
            if !all.iter().any(|worker| worker.is_busy()) {
                workers.is_guarded.store(false, Ordering::SeqCst);
                // Who began before that saw that he was guarded.
                let is_late = all.iter().any(|worker| worker.is_busy());
                if !is_late || workers.is_guarded.swap(true, Ordering::SeqCst) {
                    break;
                }
            }
            if !workers.pass_on(&all) {
                while shared.drain().has_more {}
            }
            workers.relieve(shared);
        }
    }
}

fn work(shared: &Shared, own: &Worker) {
    hurry();
    let workers = &shared.workers;
    let is_over = || shared.is_over.load(Ordering::Acquire);
    while workers.wait_for_turn(own, is_over) {
        while workers.has_turn(own) && !is_over() {
            match shared.jobs.next() {
                Some(job) => run(shared, own, job),
                None => wait(shared),
            }
        }
    }
}

fn run(shared: &Shared, own: &Worker, job: Job) {
    let is_look = matches!(job, Job::Look(_) | Job::LookAtAll);
    own.is_looking.store(is_look, Ordering::Release);
    own.since.store(now().running.max(1), Ordering::SeqCst);
    if !shared.workers.is_guarded.swap(true, Ordering::SeqCst) {
        shared.workers.wake_guard();
    }
    match job {
        Job::Read(unread) => read(shared, unread),
        Job::Ended(process) => tell(shared.on_exit.as_ref(), Some(&process)),
        Job::LookAtAll => look_at_all(shared),
        Job::Look(pid) => look_at(shared, pid),
    }
    if own.is_looking.swap(false, Ordering::AcqRel) {
        done_looking(shared);
    }
    own.since.store(0, Ordering::SeqCst);
}

/// Takes in what the kernel told, and where that is nothing to be done, waits for more. Sees to what only time brings
/// about.
fn wait(shared: &Shared) {
    let drained = shared.drain();
    let mut upkeep = shared.workers.upkeep.lock().unwrap_or_else(PoisonError::into_inner);
    let rest = upkeep.see_to(shared, drained.is_any);
    drop(upkeep);
    if !drained.has_more && !shared.jobs.is_any() {
        shared.connector.wait(&shared.alarm, rest);
    }
}

fn read(shared: &Shared, unread: Unread) {
    let (is_again, mut is_skim) = (unread.again.is_some(), unread.is_skim);
    let mut left = Some(unread);
    let mut process = None;
    while let Some(unread) = left.take() {
        let seen = if unread.is_skim { skim(unread.pid) } else { glance(unread.pid) };
        let read = shared.with(|table| {
            let seen = seen.filter(|seen| seen.has_command_line)?;
            let heed = table.read(&unread, seen, &*shared.heed)?;
            let is_told = shared.on_exec.is_some() && !is_again;
            process = is_told.then(|| table.get(unread.slot).map(|node| Arc::new(node.process()))).flatten();
            // What it is says that all is wanted of it.
            left = table.unskimmed(unread.slot).filter(|_| is_skim && heed > Heed::Little);
            Some(())
        });
        is_skim = false;
        if read.is_none() {
            shared.missed(&unread);
        }
        if let Some(again) = &unread.again {
            let _once = again.set(());
        }
    }
    shared.jobs.read();
    tell(shared.on_exec.as_ref(), process.as_ref());
}

fn tell(told: Option<&Mutex<Told>>, process: Option<&Arc<Process>>) {
    if let (Some(told), Some(process)) = (told, process) {
        (told.lock().unwrap_or_else(PoisonError::into_inner))(process);
    }
}

/// Lists all that run, ends those that run no more, and leaves each of the others to be looked at.
fn look_at_all(shared: &Shared) {
    let began = now().running;
    shared.look_began.store(began, Ordering::Release);
    let mut pids = all();
    pids.sort_unstable();
    let there: HashSet<u32> = pids.iter().copied().collect();
    shared.with(|table| {
        let moment = table.moment;
        for slot in table.missing(&there, began) {
            let end = super::node::End { at: moment.running, wall: moment.wall, exit: None };
            table.end(slot, end);
        }
    });
    shared.jobs.look_at(pids);
}

fn look_at(shared: &Shared, pid: u32) {
    let seen = look(pid);
    let is_first = !shared.is_complete.load(Ordering::Acquire);
    let began = shared.look_began.load(Ordering::Acquire);
    if let Some(seen) = seen {
        shared.with(|table| table.looked(&seen, began, is_first, &*shared.heed));
    }
}

/// A look is done. After the last of them everybody finds his parent.
fn done_looking(shared: &Shared) {
    shared.jobs.looked();
    if !shared.jobs.is_looking() {
        shared.with(super::table::Table::place_all);
        shared.is_complete.store(true, Ordering::Release);
        shared.jobs.read();
    }
}
