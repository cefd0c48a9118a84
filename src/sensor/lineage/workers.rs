//! The threads of the record. One waits for what the kernel tells; when that is something to be read, it reads it at
//! once, and another waits in its place. A process that holds up its reader costs that thread. Must not decide what
//! is read.

use super::Told;
use super::apply::Unread;
use super::jobs::Job;
use super::shared::{SECOND, Shared};
use crate::host::proc_connector::now;
use crate::host::process::{all, glance, hurry, look};
use crate::model::process::Process;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// One that has been at one process for longer is taken for lost, until it comes back.
const LOST: u64 = SECOND / 2;
/// So many there are at first, and not more are ever started.
const FIRST: usize = 2;
const MOST: usize = 8;
/// A loss is looked into at most this often.
const LOOK_AGAIN: u64 = SECOND;
/// How often it is looked for processes whose end was missed.
const SWEEP: u64 = 600 * SECOND;
/// While all are at work, so long somebody else waits at a time for what the kernel tells.
const GUARDING: Duration = Duration::from_millis(5);

/// The threads.
#[derive(Debug, Default)]
pub(super) struct Workers {
    all: Mutex<Vec<Arc<Worker>>>,
    /// How many are at work, and not waiting for what the kernel tells.
    busy: AtomicUsize,
    /// Held by the one that waits for what the kernel tells.
    waits: Mutex<Upkeep>,
    guard: Condvar,
}

/// What was seen to, and when.
#[derive(Debug, Default)]
struct Upkeep {
    tidied: u64,
    looked: u64,
    swept: u64,
}

/// One of them.
#[derive(Debug, Default)]
struct Worker {
    /// Since when it has been at what it does; 0 when it waits.
    since: AtomicU64,
    /// It looks at a process that was there before.
    is_looking: AtomicBool,
}

impl Worker {
    fn is_lost(&self) -> bool {
        let since = self.since.load(Ordering::Acquire);
        since != 0 && since + LOST < now().running
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
        let worker = Arc::<Worker>::default();
        let (shared, own) = (Arc::clone(shared), Arc::clone(&worker));
        let started = Builder::new().name("lineage".into()).spawn(move || work(&shared, &own));
        started.map_err(|error| format!("refused: no thread: {error}"))?;
        all.push(worker);
        Ok(())
    }

    /// Whether all are at work, so that nobody waits for what the kernel tells.
    fn are_busy(&self) -> bool {
        self.busy.load(Ordering::Acquire) >= self.all().len()
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

    /// Whether every one that there may be is lost.
    pub(super) fn are_stuck(&self) -> bool {
        let all = self.all();
        all.len() >= MOST && all.iter().all(|worker| worker.is_lost())
    }

    /// Wakes who stands in while all are at work, or is to end.
    pub(super) fn wake_guard(&self) {
        drop(self.all());
        self.guard.notify_all();
    }

    fn all(&self) -> MutexGuard<'_, Vec<Arc<Worker>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes in what the kernel tells while all who read are at work, and replaces them when they are lost.
pub(super) fn guard(shared: &Arc<Shared>) {
    let workers = &shared.workers;
    let is_over = || shared.is_over.load(Ordering::Acquire);
    while !is_over() {
        let is_idle =
            |all: &mut Vec<Arc<Worker>>| !is_over() && workers.busy.load(Ordering::Acquire) < all.len();
        drop(workers.guard.wait_while(workers.all(), is_idle));
        while workers.are_busy() && !is_over() {
            if let Ok(_waits) = workers.waits.try_lock() {
                while shared.drain() {}
                shared.connector.wait(&shared.alarm, GUARDING);
            }
            workers.relieve(shared);
        }
    }
}

fn work(shared: &Shared, own: &Worker) {
    hurry();
    let workers = &shared.workers;
    while !shared.is_over.load(Ordering::Acquire) {
        let Some(job) = shared.jobs.next().or_else(|| wait(shared)) else { continue };
        let is_look = matches!(job, Job::Look(_) | Job::LookAtAll);
        own.is_looking.store(is_look, Ordering::Release);
        own.since.store(now().running.max(1), Ordering::Release);
        workers.busy.fetch_add(1, Ordering::AcqRel);
        if workers.are_busy() {
            workers.wake_guard();
        }
        match job {
            Job::Read(unread) => read(shared, &unread),
            Job::Ended(process) => tell(shared.on_exit.as_ref(), Some(&process)),
            Job::LookAtAll => look_at_all(shared),
            Job::Look(pid) => look_at(shared, pid),
        }
        if own.is_looking.swap(false, Ordering::AcqRel) {
            done_looking(shared);
        }
        workers.busy.fetch_sub(1, Ordering::AcqRel);
        own.since.store(0, Ordering::Release);
    }
}

/// Waits until the kernel tells something, and sees meanwhile to what only time brings about. Gives what there is to
/// do, if anything.
fn wait(shared: &Shared) -> Option<Job> {
    let mut upkeep = shared.workers.waits.lock().unwrap_or_else(PoisonError::into_inner);
    let is_over = || shared.is_over.load(Ordering::Acquire);
    while !is_over() {
        let has_more = shared.drain();
        let rest = upkeep.see_to(shared);
        if let Some(job) = shared.jobs.next() {
            return Some(job);
        }
        if !has_more {
            shared.connector.wait(&shared.alarm, rest);
        }
    }
    None
}

impl Upkeep {
    /// Does what is due; says for how long nothing will be.
    fn see_to(&mut self, shared: &Shared) -> Duration {
        let time = now().running;
        if self.tidied + SECOND < time {
            self.tidied = time;
            shared.lock().tidy();
        }
        let is_lossy = shared.is_lossy.load(Ordering::Acquire);
        let is_complete = shared.is_complete.load(Ordering::Acquire);
        if self.swept == 0 {
            self.swept = time;
        }
        let is_due = self.looked + LOOK_AGAIN < time && is_complete;
        if is_due && (is_lossy || self.swept + SWEEP < time) && !shared.jobs.is_looking() {
            shared.is_lossy.store(false, Ordering::Release);
            (self.looked, self.swept) = (time, time);
            shared.jobs.look_at_all();
        }
        if is_lossy {
            Duration::from_millis(250)
        } else if shared.lock().has_dead() {
            Duration::from_secs(20)
        } else {
            Duration::from_nanos(SWEEP)
        }
    }
}

fn read(shared: &Shared, unread: &Unread) {
    let seen = glance(unread.pid);
    let process = shared.with(|table| {
        let seen = seen.as_ref().filter(|seen| seen.has_command_line)?;
        let is_its = table.read(unread, seen) && shared.on_exec.is_some();
        is_its.then(|| table.get(unread.slot).map(|node| Arc::new(node.process())))?
    });
    if unread.shot.get().is_none() {
        shared.missed(unread);
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
        shared.with(|table| table.looked(&seen, began, is_first));
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
