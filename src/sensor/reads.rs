//! Who opens files that hold credentials: one group of fanotify for all of them, on a thread of its own. Must not
//! judge who may.
//!
//! A mark is on the file and not on its directory, so that what else is opened there wakes nobody. The file tells
//! itself when another one takes its place.

use crate::host::clock::{Clock as _, SystemClock};
use crate::host::entry::Entry;
use crate::host::fanotify::{Bell, Doers, Errno, Group, Handle, Interest, Opened};
use crate::model::touch::{Deed, Touch};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Room for some hundred events.
const BUFFER: usize = 8 * 1024;
/// More files are not watched.
const MOST: usize = 4096;

/// Takes every opening, on the sensor's own thread.
pub type Opening = Box<dyn Fn(Touch) + Send>;

/// The watch over these files. It ends when it is dropped.
pub struct Reads(Arc<Shared>);

struct Shared {
    group: Group,
    bell: Bell,
    wanted: Mutex<Vec<Arc<Path>>>,
    /// Not every file that is wanted was there.
    is_wanting: AtomicBool,
    is_over: AtomicBool,
}

/// The files that are marked.
#[derive(Default)]
struct Marked {
    by_handle: HashMap<Handle, Arc<Path>>,
}

impl Reads {
    /// Starts it.
    ///
    /// # Errors
    /// Why the kernel does not tell, as a sentence.
    pub fn start(opening: Opening) -> Result<Self, String> {
        let shared = Shared {
            group: Group::new().map_err(|error| error.to_string())?,
            bell: Bell::new().map_err(|error| error.to_string())?,
            wanted: Mutex::default(),
            is_wanting: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        };
        let shared = Arc::new(shared);
        let own = Arc::clone(&shared);
        let thread = thread::Builder::new().name("reads".into());
        thread.spawn(move || listen(&own, &opening)).map_err(|error| error.to_string())?;
        Ok(Self(shared))
    }

    /// Watches these files and no others any more. Those that are not there are looked for whenever it is asked to.
    pub fn watch(&self, files: impl Iterator<Item = PathBuf>) {
        *self.0.wanted() = files.take(MOST).map(Arc::from).collect();
        self.0.bell.ring();
    }

    /// Looks again for what was not there.
    pub fn look(&self) {
        if self.0.is_wanting.load(Ordering::Acquire) {
            self.0.bell.ring();
        }
    }
}

impl Drop for Reads {
    fn drop(&mut self) {
        self.0.is_over.store(true, Ordering::Release);
        self.0.bell.ring();
    }
}

impl Shared {
    fn wanted(&self) -> MutexGuard<'_, Vec<Arc<Path>>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn listen(shared: &Shared, opening: &Opening) {
    let mut buffer = vec![0; BUFFER];
    let (mut marked, mut doers) = (Marked::default(), Doers::default());
    let own = std::process::id();
    loop {
        let ready = shared.group.wait(&shared.bell);
        if shared.is_over.load(Ordering::Acquire) {
            return;
        }
        let Ok(ready) = ready else { return tracing::warn!("nobody hears who reads credentials") };
        let mut is_moved = ready.is_rung;
        let mut openings = Vec::new();
        loop {
            let read = shared.group.read(&mut buffer, |event, process| {
                is_moved |= event.what.is_overflow() || event.what.is_replaced();
                let file = event.file.and_then(|file| marked.by_handle.get(&file));
                let Some(file) = file.filter(|_| event.what.is_opened() && event.pid != own) else {
                    return;
                };
                let who = doers.who(event.pid, process);
                openings.push(Touch {
                    file: Arc::clone(file),
                    pid: who.pid,
                    started: who.started,
                    deed: Deed::Opened,
                    elapsed: SystemClock.elapsed(),
                    is_reaped: who.is_reaped,
                });
            });
            match read {
                Ok(true) | Err(Errno::PROTO) => {}
                Ok(false) => break,
                Err(error) => return tracing::warn!(%error, "nobody hears who reads credentials"),
            }
        }
        // First, so that the next one who opens it is heard.
        if is_moved {
            marked.renew(shared);
        }
        openings.into_iter().for_each(opening);
    }
}

impl Marked {
    /// Marks the files that stand there now.
    fn renew(&mut self, shared: &Shared) {
        let wanted = shared.wanted().clone();
        let mut is_wanting = false;
        let mut now = HashMap::new();
        for file in wanted {
            let Entry::File(identity) = Entry::at(&file) else {
                is_wanting = true;
                continue;
            };
            // By its handle: the number of a file that is gone is given to the next one.
            let marked = Opened::at(&file, identity).and_then(|opened| {
                let handle = opened.handle();
                if !self.by_handle.contains_key(&handle) {
                    shared.group.mark(&opened, Interest::Openings)?;
                }
                Ok(handle)
            });
            match marked {
                Ok(handle) => {
                    // One that was replaced before its mark was set does not say so.
                    if Entry::at(&file) != Entry::File(identity) {
                        shared.bell.ring();
                    }
                    now.insert(handle, file);
                }
                Err(error) => {
                    is_wanting = true;
                    tracing::debug!(%error, file = %file.display(), "nobody hears who reads it");
                }
            }
        }
        // A mark on what lies elsewhere by now stays, unheeded, as long as that file lives.
        self.by_handle = now;
        shared.is_wanting.store(is_wanting, Ordering::Release);
    }
}
