//! The kernel's fanotify: what happened to a marked file or directory, under which name, and who did it. Must not
//! know why it is asked.
//!
//! No crate does this whole: `nix` reads no names and no handles, `rustix` has none of the calls. What reads handles
//! is young and ten times as long as what is needed here.

mod call;
mod event;
mod handle;
mod opened;
mod process;

pub use event::{Event, Malformed, Named, What, events};
pub use handle::Handle;
pub use opened::Opened;
pub use process::{Doer, Doers};

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
/// What the kernel refuses with.
pub use rustix::io::Errno;
use std::os::fd::{AsFd, OwnedFd};

/// What to hear of a marked place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Interest {
    /// A directory that only leads on: that it, or a directory in it, is moved or removed. Nothing about the files in it,
    /// so that whoever is busy there wakes nobody.
    Way,
    /// A directory in which files count: all that happens in it, but for reading.
    Directory,
    /// A file: what is done to it under any name.
    File,
    /// A file: who opens it, and that another one takes its place.
    Openings,
}

/// Somebody who listens. The kernel keeps a bounded number of events for him (`fs.fanotify.max_queued_events`): who
/// makes events shall not be able to take the machine's memory. What does not fit is lost, and that is told.
#[derive(Debug)]
pub struct Group(OwnedFd);

/// What ends the waiting of a [`Group`]. Every clone of a reference is the same one.
#[derive(Debug)]
pub struct Bell(OwnedFd);

/// Why waiting ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Somebody rang.
    pub is_rung: bool,
    /// There are events.
    pub has_events: bool,
}

impl Group {
    /// A group that is told names, files, and processes.
    ///
    /// # Errors
    /// `EPERM` without the privilege, `EINVAL` before Linux 5.17, `ENOSYS` where it was left out of the kernel,
    /// `EMFILE` where this user has as many groups as he may (`fs.fanotify.max_user_groups`).
    pub fn new() -> Result<Self, Errno> {
        call::init().map(Self)
    }

    /// Hears of that place from now on, in addition to what was asked for there before.
    ///
    /// # Errors
    /// The kernel's; above all `ENODEV`, `EXDEV` and `EOPNOTSUPP` of file systems that cannot tell their files apart.
    pub fn mark(&self, place: &Opened, interest: Interest) -> Result<(), Errno> {
        // First, since marking a way again must not make it deaf in between: more is heard, never less. A file never was a way.
        if interest == Interest::Directory {
            match call::mark(&self.0, call::UNHEED, call::NOT_IN_WAYS, place.path()) {
                // There was nothing to take back.
                Ok(()) | Err(Errno::NOENT | Errno::INVAL) => {}
                Err(error) => return Err(error),
            }
        }
        call::mark(&self.0, call::ADD, call::mask(interest), place.path())?;
        if interest == Interest::Way {
            // Before Linux 6.0 one wakes up more often, and that is all.
            let _old = call::mark(&self.0, call::HEED_NOT, call::NOT_IN_WAYS, place.path());
        }
        Ok(())
    }

    /// Hears no more of that place.
    pub fn unmark(&self, place: &Opened) {
        for interest in [Interest::Directory, Interest::File] {
            // What was not asked for need not be taken back.
            let _none = call::mark(&self.0, call::REMOVE, call::mask(interest), place.path());
        }
        let _none = call::mark(&self.0, call::UNHEED, call::NOT_IN_WAYS, place.path());
    }

    /// Hears of nothing any more.
    pub fn unmark_all(&self) {
        if let Err(error) = call::flush(&self.0) {
            tracing::warn!(%error, "fanotify marks could not be given up");
        }
    }

    /// Waits for events or for somebody who rings.
    ///
    /// # Errors
    /// The kernel's.
    pub fn wait(&self, bell: &Bell) -> Result<Ready, Errno> {
        let mut waited =
            [PollFd::new(&self.0, PollFlags::IN), PollFd::from_borrowed_fd(bell.0.as_fd(), PollFlags::IN)];
        loop {
            match poll(&mut waited, None) {
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
                Ok(_) => break,
            }
        }
        let [events, rung] = waited.map(|waited| !waited.revents().is_empty());
        if rung {
            let mut count = [0; 8];
            let _empty = rustix::io::read(&bell.0, &mut count);
        }
        Ok(Ready { is_rung: rung, has_events: events })
    }

    /// Takes the events that fit into the buffer and hands each on, with a descriptor of the process that did it if
    /// it was not reaped yet. Says whether there were any.
    ///
    /// # Errors
    /// The kernel's; [`Errno::PROTO`] if it says something that cannot be understood.
    pub fn read(
        &self,
        buffer: &mut [u8],
        hear: impl FnMut(&Event<'_>, Option<OwnedFd>),
    ) -> Result<bool, Errno> {
        call::read(&self.0, buffer, hear)
    }
}

impl Bell {
    /// A bell.
    ///
    /// # Errors
    /// Where there are no descriptors left.
    pub fn new() -> Result<Self, Errno> {
        eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).map(Self)
    }

    /// Rings it.
    pub fn ring(&self) {
        // Full: it rings.
        let _full = rustix::io::write(&self.0, &1u64.to_ne_bytes());
    }
}

/// The limit on groups, as the kernel states it.
pub fn groups() -> Option<u64> {
    std::fs::read_to_string("/proc/sys/fs/fanotify/max_user_groups").ok()?.trim().parse().ok()
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
