//! Listening with privilege on Linux: fanotify says what happened, and who did it. Sets marks; what is heard is in
//! [`reading`].
//!
//! Each sensor has a group of its own, with a queue of its own: whoever floods one makes nobody else deaf.

mod reading;
mod table;

use super::hearing::Hearing;
use super::inbox::News;
use super::limits::too_many_open;
use super::means::{Refusal, Why};
use super::plan::Role;
use crate::host::entry::{Entry, Identity};
use crate::host::fanotify::{self, Bell, Errno, Group, Handle, Interest, Opened};
use reading::Reading;

use std::ffi::OsStr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use table::Table;

/// More marks on what was moved away are not left behind: then all are given up, and those that are wanted set anew.
const MOST_STRAY: usize = 4096;

/// The marks. Its thread ends when it is dropped.
pub(super) struct Fanotify {
    shared: Arc<Shared>,
    hearing: Hearing,
}

/// One mark.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    handle: Handle,
    interest: Interest,
}

/// What the one who sets marks and the one who reads events have in common.
struct Shared {
    group: Group,
    bell: Bell,
    table: Mutex<Table>,
    /// One reads at a time, so that what was done first is heard first.
    reading: Mutex<Reading>,
    rounds: Mutex<Rounds>,
    caught_up: Condvar,
    is_over: AtomicBool,
}

/// How often somebody asked that everything up to that moment be heard, and how often it was.
#[derive(Default)]
struct Rounds {
    asked: u64,
    done: u64,
}

impl Fanotify {
    /// Starts to listen.
    ///
    /// # Errors
    /// Why it cannot be, as a sentence.
    pub(super) fn start(hearing: Hearing) -> Result<Self, String> {
        let group = Group::new().map_err(refused)?;
        let bell = Bell::new().map_err(|error| error.to_string())?;
        let shared = Arc::new(Shared {
            group,
            bell,
            table: Mutex::default(),
            reading: Mutex::new(Reading::new(hearing.clone())),
            rounds: Mutex::default(),
            caught_up: Condvar::new(),
            is_over: AtomicBool::new(false),
        });
        shared.mark_first()?;
        let read = Arc::clone(&shared);
        let thread = thread::Builder::new().name("fanotify".into()).spawn(move || reading::run(&read));
        thread.map_err(|error| error.to_string())?;
        Ok(Self { shared, hearing })
    }

    /// Hears of that place from now on, if it is still that file or directory.
    pub(super) fn add(&self, path: &Arc<OsStr>, identity: Identity, role: Role) -> Result<Mark, Refusal> {
        if self.shared.is_over.load(Ordering::Acquire) {
            return Err(Refusal { why: Why::Unsupported, reason: "fanotify ended".into() });
        }
        let opened = Opened::at(Path::new(&**path), identity).map_err(why)?;
        let (handle, interest) = (opened.handle(), interest(role));
        // Before the mark: its first event must find its name.
        let is_new = self.shared.table().insert(handle, path);
        self.shared.group.mark(&opened, interest).map_err(|error| {
            if is_new {
                self.shared.table().remove(handle, path);
            }
            why(error)
        })?;
        Ok(Mark { handle, interest })
    }

    /// Hears no more of that place.
    pub(super) fn remove(&self, path: &OsStr, identity: Identity, mark: Mark) {
        let handle = mark.handle;
        if !self.shared.table().remove(handle, path) {
            return; // It has another name that is asked for, or is gone.
        }
        match Opened::at(Path::new(path), identity) {
            Ok(opened) if opened.handle() == handle => self.shared.group.unmark(&opened),
            // It was moved, and nobody knows where to: a mark is taken back by name only.
            _ => self.shared.table().leave(handle),
        }
    }

    /// As if the kernel had no more to say.
    #[cfg(test)]
    pub(super) fn end(&self) {
        self.shared.is_over.store(true, Ordering::Release);
        self.shared.bell.ring();
    }

    /// Whether more marks were left behind than there should be.
    pub(super) fn is_cluttered(&self) -> bool {
        self.shared.table().strays() > MOST_STRAY
    }

    /// Hears of nothing any more, until it is asked for again.
    pub(super) fn remove_all(&self) {
        self.shared.table().clear();
        self.shared.group.unmark_all();
        if let Err(why) = self.shared.mark_first() {
            tracing::debug!(why, "fanotify does not take the root directory any more");
        }
        // Until they are set again, whoever does something is not seen.
        self.hearing.tell(&News { is_blind: true, ..News::default() });
    }

    /// Hears everything that happened before; says whether that could be done in that time.
    pub(super) fn catch_up(&self, at_most: Duration) -> bool {
        match self.shared.reading.try_lock() {
            // To wake the one who else reads would take longer than to read.
            Ok(mut reading) => reading.read_for(&self.shared, at_most),
            // He reads already, and nobody knows for how long. To wait for the lock would have no end.
            Err(_) => self.ask_for_all(at_most),
        }
    }

    fn ask_for_all(&self, at_most: Duration) -> bool {
        let mut rounds = self.shared.rounds();
        rounds.asked += 1;
        let asked = rounds.asked;
        self.shared.bell.ring();
        let waited = self.shared.caught_up.wait_timeout_while(rounds, at_most, |rounds| rounds.done < asked);
        waited.unwrap_or_else(PoisonError::into_inner).0.done >= asked
    }
}

impl Drop for Fanotify {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Release);
        self.shared.bell.ring();
    }
}

impl Shared {
    /// Marks the root directory, before all others. Some file systems have no number of their own: the kernel takes their
    /// marks only if there is no other file system in the group, and then no other after them. Whoever mounts one must
    /// not make us deaf everywhere else.
    fn mark_first(&self) -> Result<(), String> {
        let root = Path::new("/");
        let Entry::Directory(identity) = Entry::at(root) else { return Err("there is no root".into()) };
        let marked = Opened::at(root, identity).and_then(|root| self.group.mark(&root, Interest::Way));
        marked.map_err(|error| format!("the root directory: {error}"))
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn rounds(&self) -> MutexGuard<'_, Rounds> {
        self.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mark {
    /// Whether it is on the same file or directory.
    pub(super) fn is_same(self, other: Self) -> bool {
        self.handle == other.handle
    }

    /// Whether it tells all that is to be heard of a place with that role.
    pub(super) fn is_enough(self, role: Role) -> bool {
        self.interest == interest(role) || (self.interest, role) == (Interest::Directory, Role::Way)
    }
}

fn interest(role: Role) -> Interest {
    match role {
        Role::Way => Interest::Way,
        Role::Directory => Interest::Directory,
        Role::File => Interest::File,
    }
}

/// Why there is no group, and what would help.
fn refused(error: Errno) -> String {
    match error {
        Errno::PERM => "it needs the capability CAP_SYS_ADMIN".into(),
        Errno::INVAL => "it needs Linux 5.17".into(),
        Errno::NOSYS => "this kernel was built without it".into(),
        Errno::MFILE => too_many_open(|| match fanotify::groups() {
            Some(most) => format!(
                "the limit of fanotify groups for this user is reached ({most}): raise it with sysctl \
                 fs.fanotify.max_user_groups={}",
                most.saturating_mul(2)
            ),
            None => "the limit of fanotify groups for this user is reached".into(),
        }),
        error => error.to_string(),
    }
}

fn why(error: Errno) -> Refusal {
    let why = match error {
        Errno::NOENT | Errno::NOTDIR | Errno::LOOP => Why::Gone,
        Errno::NOMEM | Errno::NOSPC | Errno::MFILE | Errno::NFILE => Why::Full,
        // No numbers for its files, or another file system's part, or nothing that we may listen to.
        _ => Why::Unsupported,
    };
    Refusal { why, reason: error.to_string() }
}
