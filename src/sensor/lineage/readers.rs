//! The threads that read what processes run. One does the work; a process that holds it up costs that thread, and
//! another takes over. Must not decide what is read.

use super::Told;
use super::apply::Unread;
use super::jobs::Job;
use super::shared::{SECOND, Shared};
use crate::host::proc_connector::now;
use crate::host::process::{all, hurry, look};
use crate::model::process::Process;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;

/// A reader that has been at one process for longer is taken for lost, until it comes back.
const LOST: u64 = SECOND / 2;
/// Not more of them are ever started.
const MOST: usize = 8;

/// The readers.
#[derive(Debug, Default)]
pub(super) struct Readers(Mutex<Vec<Arc<Reader>>>);

/// One of them.
#[derive(Debug, Default)]
struct Reader {
    /// Since when it has been at what it does; 0 when it waits.
    since: AtomicU64,
    /// It looks at a process that was there before.
    is_looking: AtomicBool,
}

impl Reader {
    fn is_lost(&self) -> bool {
        let since = self.since.load(Ordering::Acquire);
        since != 0 && since + LOST < now().running
    }
}

impl Readers {
    /// Starts one if nobody is there who could do what waits.
    pub(super) fn relieve(&self, shared: &Arc<Shared>) {
        let mut readers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for reader in readers.iter().filter(|reader| reader.is_lost()) {
            if reader.is_looking.swap(false, Ordering::AcqRel) {
                done_looking(shared);
            }
        }
        if readers.len() >= MOST || !readers.iter().all(|reader| reader.is_lost()) {
            return;
        }
        let reader = Arc::<Reader>::default();
        let (shared, own) = (Arc::clone(shared), Arc::clone(&reader));
        let started = Builder::new().name("lineage-read".into()).spawn(move || work(&shared, &own));
        match started {
            Ok(_) => readers.push(reader),
            Err(error) => tracing::warn!(%error, "no thread for reading command lines"),
        }
    }

    /// Whether every one that there may be is lost.
    pub(super) fn are_stuck(&self) -> bool {
        let readers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        readers.len() >= MOST && readers.iter().all(|reader| reader.is_lost())
    }
}

fn work(shared: &Shared, own: &Reader) {
    hurry();
    while let Some(job) = shared.jobs.next() {
        let is_look = matches!(job, Job::Look(_) | Job::LookAtAll);
        own.is_looking.store(is_look, Ordering::Release);
        own.since.store(now().running.max(1), Ordering::Release);
        match job {
            Job::Read(unread) => read(shared, &unread),
            Job::Ended(process) => tell(shared.on_exit.as_ref(), Some(&process)),
            Job::LookAtAll => look_at_all(shared),
            Job::Look(pid) => look_at(shared, pid),
        }
        if own.is_looking.swap(false, Ordering::AcqRel) {
            done_looking(shared);
        }
        own.since.store(0, Ordering::Release);
    }
}

fn read(shared: &Shared, unread: &Unread) {
    let seen = look(unread.pid);
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
