//! A process and those above it, read from the machine as they are now: what is left where nothing is recorded. Must
//! not say more than that: who was forked by whom it cannot know.

use crate::host::clock::{Clock as _, SystemClock};
use crate::host::proc_connector::now;
use crate::host::process::{Seen, all, facts, look, ticks_per_second};
use crate::model::process::{Ancestry, Image, Process, ProcessId};
use jiff::Timestamp;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread::Builder;
use std::time::Duration;

/// No line is followed further.
const LONGEST: usize = 256;
/// So long a process may make its reader wait.
const PATIENCE: Duration = Duration::from_millis(300);
/// More readers that are held up are not left behind.
const MOST_LOST: usize = 4;

/// How many readers there are now, those that are held up among them.
static READERS: AtomicUsize = AtomicUsize::new(0);

/// A process with those above it as they are now. A parent that has ended is missing, and with it all above: then
/// whoever adopted the child stands in its place. `is_fork_seen`, `is_whole` and `is_lossless` are never true.
pub fn sampled(pid: u32) -> Option<Ancestry> {
    let (send, receive) = sync_channel(1);
    let read = move || {
        let read = read(pid);
        READERS.fetch_sub(1, Ordering::AcqRel);
        let _ = send.send(read);
    };
    let answer = if READERS.fetch_add(1, Ordering::AcqRel) < MOST_LOST
        && Builder::new().name("lineage-sample".into()).spawn(read).is_ok()
    {
        receive.recv_timeout(PATIENCE).ok()
    } else {
        READERS.fetch_sub(1, Ordering::AcqRel);
        None
    };
    // One that holds up its reader still has a name and a parent.
    answer.unwrap_or_else(|| {
        line(pid, &|pid| {
            let facts = facts(pid)?;
            let image = Image { name: facts.name.clone(), ..Image::default() };
            Some(Seen { facts, elsewhere: Default::default(), image, has_command_line: false })
        })
    })
}

/// Every process that runs now and of which that is so, each with those above it.
pub fn sampled_where(is_so: &dyn Fn(&Process) -> bool) -> Vec<Ancestry> {
    let running = all().into_iter().filter(|pid| look(*pid).is_some_and(|seen| is_so(&process(seen))));
    running.filter_map(sampled).collect()
}

/// Every process that runs now as a child of one of these, each with those above it.
pub fn sampled_below(parents: &[ProcessId]) -> Vec<Ancestry> {
    let is_child =
        |pid: &u32| facts(*pid).is_some_and(|facts| parents.iter().any(|parent| parent.pid == facts.parent));
    let lines = all().into_iter().filter(is_child).filter_map(sampled);
    // The parent's number may be another one's by now.
    lines.filter(|line| line.processes.get(1).is_some_and(|parent| parents.contains(&parent.id))).collect()
}

fn read(pid: u32) -> Option<Ancestry> {
    line(pid, &look)
}

fn line(pid: u32, look: &dyn Fn(u32) -> Option<Seen>) -> Option<Ancestry> {
    let mut processes: Vec<Process> = Vec::new();
    let mut known = HashSet::new();
    let mut next = pid;
    while next != 0 && processes.len() < LONGEST && known.insert(next) {
        let Some(seen) = look(next) else { break };
        // Its number was used again between two looks: a parent is never younger.
        let is_parent = processes.last().is_none_or(|child| seen.facts.id.start <= child.id.start);
        if !is_parent {
            break;
        }
        if let Some(child) = processes.last_mut() {
            child.parent = Some(seen.facts.id);
        }
        next = seen.facts.parent;
        processes.push(process(seen));
    }
    // Still the same one? Otherwise those above may be another one's.
    let first = processes.first()?.id;
    (facts(pid)?.id == first).then(|| Ancestry {
        processes: processes.into_iter().map(Arc::new).collect(),
        is_whole: false,
        is_lossless: false,
    })
}

fn process(seen: Seen) -> Process {
    let facts = seen.facts;
    let ended = facts.is_ended.then(|| (SystemClock.now(), None));
    Process {
        started: started(facts.id),
        ended,
        session: facts.session,
        has_terminal: facts.has_terminal,
        credentials: facts.credentials,
        is_traced: facts.is_traced.unwrap_or(false),
        elsewhere: seen.elsewhere,
        images: vec![Arc::new(seen.image)],
        ..Process::new(facts.id)
    }
}

/// When it started, by the clock of people.
fn started(id: ProcessId) -> Option<Timestamp> {
    if cfg!(not(target_os = "linux")) {
        return Timestamp::from_second(i64::try_from(id.start).ok()?).ok();
    }
    let moment = now();
    let boot = u128::from(id.start) * 1_000_000_000 / u128::from(ticks_per_second());
    let ago = u128::from(moment.boot).saturating_sub(boot) / 1000;
    Timestamp::from_microsecond(moment.wall.checked_sub(i64::try_from(ago).ok()?)?).ok()
}
