//! What the tests of the record share. Knows nothing of what they test.

use super::support::wait_until;
use mcpwatch::model::process::Image;
use mcpwatch::sensor::lineage::{Lineage, Options};
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One at a time: what one forks is in the record of the others too.
static ALONE: Mutex<()> = Mutex::new(());
static NEXT: AtomicU32 = AtomicU32::new(0);

/// The record, alone; or why not.
pub(crate) fn lineage(options: Options) -> Option<(Lineage, MutexGuard<'static, ()>)> {
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    match Lineage::start(options) {
        Ok(_) if !is_root() => {
            eprintln!(
                "not run: without root the kernel's queue is small and nobody goes first: not all can be demanded"
            );
            None
        }
        Ok(lineage) => Some((lineage, alone)),
        Err(why) => {
            eprintln!("not run: {why}");
            None
        }
    }
}

/// Whether all may be demanded. Since Linux 6.6 the kernel tells anybody, but with a smaller queue and no priority.
pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Seconds to sleep that nobody else sleeps, by which a process is known.
pub(crate) fn number() -> String {
    format!("{}.{}", 600 + NEXT.fetch_add(1, Ordering::Relaxed), std::process::id())
}

/// A shell that runs that, and no more of its environment than it needs.
pub(crate) fn shell(script: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]).env_clear().env("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

/// A program as it was called.
pub(crate) fn line(image: &Image) -> String {
    image.args.iter().map(|text| text.reveal()).collect::<Vec<_>>().join(" ")
}

/// A shell that stops at every `read` until it is sent on. What it runs stands still so long, and is read in time on
/// the slowest machine.
pub(crate) struct Held(pub(crate) Child);

impl Held {
    pub(crate) fn spawn(mut command: Command) -> Self {
        Self(command.stdin(Stdio::piped()).spawn().unwrap())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Waits until it is known to run that, by the beginning of its line.
    pub(crate) fn wait(&self, lineage: &Lineage, begins: &str) {
        wait_until(begins, || {
            let ancestry = lineage.ancestry(self.pid(), None);
            let image = ancestry.as_ref().and_then(|ancestry| ancestry.process()?.image());
            image.is_some_and(|image| line(image).starts_with(begins))
        });
    }

    /// Lets it go on to the next `read`.
    pub(crate) fn go_on(&mut self) {
        self.0.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    }

    /// Lets it go on to its end.
    pub(crate) fn end(mut self) {
        self.go_on();
        self.0.wait().unwrap();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// A process that sleeps until the test is over.
pub(crate) struct Sleeper {
    pub(crate) pid: u32,
    pub(crate) start: u64,
}

impl Sleeper {
    /// Waits for the one that sleeps so long.
    pub(crate) fn wait(lineage: &Lineage, mark: &str) -> Self {
        let mut found = None;
        wait_until("it sleeps", || {
            let wanted = format!("sleep {mark}");
            let is_it = |image: &Image| line(image) == wanted;
            let sleepers = lineage
                .roots_matching(&|process| process.ended.is_none() && process.image().is_some_and(is_it));
            found = sleepers.first().map(|process| process.id);
            found.is_some()
        });
        let id = found.unwrap();
        Self { pid: id.pid, start: id.start }
    }

    /// Whose child it is now.
    pub(crate) fn parent(&self) -> u32 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap();
        stat.rsplit(')').next().unwrap().split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        let _ = Command::new("kill").args(["-KILL", &self.pid.to_string()]).stderr(Stdio::null()).status();
    }
}
