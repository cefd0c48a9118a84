//! The record of processes: who forked whom and ran what, so that the author of a change can be named with his
//! ancestors when all of them are gone. Must not judge what any of them is.
//!
//! One thread waits for what the kernel tells and reads at once what was run, since a process may live for a
//! millisecond; when that process holds it up, another one takes its place. Only what was run wakes it, and whoever
//! asks takes in first what is told until then.

mod apply;
mod dead;
mod jobs;
mod look;
mod losses;
mod node;
mod report;
mod sampled;
mod shared;
mod table;
mod upkeep;
mod workers;

pub use node::Heed;
pub use report::Report;
pub use sampled::{sampled, sampled_below, sampled_where};

use self::shared::Shared;
use crate::host::proc_connector::{Alarm, Connector};
use crate::host::process::facts;
use crate::model::process::{Ancestry, Process, ProcessId};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// The kernel's queue. It has held what eight forkers do in seconds while the machine was busy.
const BUFFER: usize = 32 << 20;
/// So long a start waits for the first look at all that run. What is not seen by then is seen a moment later.
const FIRST_LOOK: Duration = Duration::from_secs(3);
/// So long a question waits for programs that were run just now to be read.
const READING: Duration = Duration::from_millis(50);

/// Of a line so many are told at most from its end, and as many from its beginning.
const TOLD: usize = 128;

/// Of a line at most so many are asked for what no event tells.
const MOST_ASKED: usize = 64;

/// Whom the record tells of a process. It must not wait for anybody: meanwhile nothing is read.
pub type Told = Box<dyn Fn(&Arc<Process>) + Send>;

/// Says what to make of a process, by what it runs. It must not wait for anybody either.
pub type HeedOf = Box<dyn Fn(&Process) -> Heed + Send + Sync>;

/// What the record is to do besides.
pub struct Options {
    /// How many bytes the kernel's queue should have.
    pub buffer: usize,
    /// Told, on the reading thread, of a process that runs another program, once that was read.
    pub on_exec: Option<Told>,
    /// Told, on the reading thread, of a process that ended, if it had run a program; after `on_exec`.
    pub on_exit: Option<Told>,
    /// Asked of each program. Of what is run in a loop, and is heeded little, no more is read than which program it is,
    /// unless [`Lineage::ancestry`] asks while it lives.
    pub heed: HeedOf,
}

impl Default for Options {
    fn default() -> Self {
        Self { buffer: BUFFER, on_exec: None, on_exit: None, heed: Box::new(|_| Heed::Descendants) }
    }
}

/// The record. It ends when it is dropped. Every question may be asked from any thread.
pub struct Lineage {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Lineage {
    /// Begins it, with a look at all that run. Since Linux 6.6 the kernel tells anybody, and an account without
    /// privilege gets a smaller queue, its threads go before no others, and it reads its own processes only.
    ///
    /// # Errors
    /// Why the kernel does not tell, as a sentence that begins with `refused:`. [`sampled()`] is what is left then.
    pub fn start(options: Options) -> Result<Self, String> {
        let connector = Connector::open(options.buffer)?;
        let shared = Arc::new(Shared::new(connector, Alarm::new()?, options));
        shared.jobs.look_at_all();
        let own = Arc::clone(&shared);
        let thread = Builder::new()
            .name("lineage-guard".into())
            .spawn(move || workers::guard(&own))
            .map_err(|error| format!("refused: no thread: {error}"))?;
        let lineage = Self { shared, thread: Some(thread) };
        let shared = &lineage.shared;
        shared.workers.start(shared)?;
        shared.jobs.wait_until(FIRST_LOOK, || shared.is_complete.load(Ordering::Acquire));
        Ok(lineage)
    }

    /// A process with all that it descends from, or nothing if it is not remembered: then [`Lineage::sample`] may
    /// still know something. `start` is its start in clock ticks; without one it is who had that number last.
    ///
    /// In a very long line those in the middle are left out, and of the dead those between whom nothing else branched
    /// off: there a process's parent is not the next one.
    ///
    /// Everything that happened before the question is in the answer. It takes well below a millisecond, and in the
    /// worst case, when a program was run just now, 50 ms.
    pub fn ancestry(&self, pid: u32, start: Option<u64>) -> Option<Ancestry> {
        let shared = &self.shared;
        let found = shared.with(|table| {
            let first = table.find(pid, start)?;
            let mut unknown = Vec::new();
            let mut unread = Vec::new();
            let mut skimmed = Vec::new();
            for (slot, node) in table.line(first) {
                let is_asked = slot == first || !node.is_start_read || !node.is_owner_read;
                if is_asked && node.ended.is_none() && unknown.len() < MOST_ASKED {
                    unknown.push((node.id.pid, slot, node.serial));
                }
                if skimmed.len() < MOST_ASKED {
                    skimmed.extend(table.unskimmed(slot));
                }
                unread.extend(
                    node.inherited.iter().chain(&node.own).filter(|shot| shot.get().is_none()).cloned(),
                );
            }
            Some((first, table.get(first)?.serial, unknown, unread, skimmed))
        });
        let (slot, serial, unknown, unread, skimmed) = found?;
        let again: Vec<_> = skimmed.iter().filter_map(|unread| unread.again.clone()).collect();
        shared.read(skimmed);
        for (pid, slot, serial) in unknown {
            if let Some(facts) = facts(pid) {
                shared.with(|table| table.learn(slot, serial, &facts));
            }
        }
        if !unread.is_empty() || !again.is_empty() {
            let is_read = || unread.iter().all(|shot| shot.get().is_some());
            shared.jobs.wait_until(READING, || is_read() && again.iter().all(|done| done.get().is_some()));
        }
        shared.with(|table| {
            table.same(slot, serial)?;
            let line: Vec<_> = table.line(slot).map(|(_, node)| node).collect();
            let last = line.last()?;
            // From who was there before the record began it is not known who forked them.
            let known = line.iter().take_while(|node| node.origin == node::Origin::Fork).count();
            let is_whole =
                line.get(known).map_or(last.id.pid <= 2, |node| node.origin == node::Origin::Before);
            // Whoever ended before it was read where it lived may have lived elsewhere.
            let is_known = line.first().is_some_and(|node| !node.is_skimmed);
            let is_lossless = is_known && !line.iter().any(|node| node.is_doubtful(&table.losses));
            let left_out = TOLD..line.len().saturating_sub(TOLD);
            let told = line.iter().enumerate().filter(|(index, _)| !left_out.contains(index));
            let processes = told.map(|(_, node)| Arc::new(node.process())).collect();
            Some(Ancestry { processes, is_whole, is_lossless })
        })
    }

    /// A process with those above it as they are now, when the record does not know it.
    pub fn sample(&self, pid: u32) -> Option<Ancestry> {
        sampled(pid)
    }

    /// Every remembered process of which that is so, the living and the dead.
    pub fn roots_matching(&self, is_so: &dyn Fn(&Process) -> bool) -> Vec<Arc<Process>> {
        let mut matching = Vec::new();
        let mut last = (0, 0);
        loop {
            let some: Vec<_> = self.shared.with(|table| {
                let some = table.after(last, 256);
                last = some.last().map_or(last, |(key, _)| *key);
                some.iter()
                    .filter_map(|(_, slot)| table.get(*slot))
                    .map(|node| Arc::new(node.process()))
                    .collect()
            });
            if some.is_empty() {
                return matching;
            }
            matching.extend(some.into_iter().filter(|process| is_so(process)));
        }
    }

    /// Remembers a process, and with it those that it descends from, for that long, even when it has ended and
    /// nothing that descends from it lives: a run of a package manager. Asked again, the last word counts. A thousand at
    /// most.
    pub fn keep(&self, id: ProcessId, long: Duration) {
        self.shared.with(|table| {
            if let Some(slot) = table.find(id.pid, Some(id.start)) {
                let long = u64::try_from(long.as_nanos()).unwrap_or(u64::MAX);
                let until = table.moment.running.saturating_add(long);
                table.keep(slot, until);
            }
        });
    }

    /// How it fares.
    pub fn report(&self) -> Report {
        self.shared.report()
    }
}

impl Drop for Lineage {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        self.shared.alarm.ring();
        self.shared.workers.wake_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        // The others end by themselves, and one that a process holds up is not waited for.
    }
}
