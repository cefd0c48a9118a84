//! Whether directories are there that a document of a home names: asked with the rights of the home's owner, on a thread
//! that may be lost when one of them lies on a file system that hangs. Must not know why it is asked.

use crate::host::files::Files;
use crate::host::fs_identity::{self, FsIdentity};
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

/// So long the main thread waits for an answer.
const PATIENCE: Duration = Duration::from_millis(100);

/// Whoever asks for one home.
pub(super) struct Presence {
    files: &'static dyn Files,
    identity: Option<FsIdentity>,
    helper: RefCell<Option<Helper>>,
}

/// The thread, which is started with the first question.
struct Helper {
    questions: SyncSender<PathBuf>,
    answers: Receiver<bool>,
    /// Whether an answer that was too late is still to come. Nothing is asked meanwhile.
    is_lost: bool,
}

impl Presence {
    pub(super) fn new(files: &'static dyn Files, identity: Option<FsIdentity>) -> Self {
        Self { files, identity, helper: RefCell::new(None) }
    }

    /// Whether that is there. What cannot be told in time counts as there.
    pub(super) fn of(&self, path: &Path) -> bool {
        let mut helper = self.helper.borrow_mut();
        if helper.is_none() {
            *helper = self.start();
        }
        helper.as_mut().and_then(|helper| helper.ask(path)).unwrap_or(true)
    }

    fn start(&self) -> Option<Helper> {
        let (questions, asked) = sync_channel::<PathBuf>(1);
        let (answer, answers) = sync_channel(1);
        let (files, identity) = (self.files, self.identity.clone());
        let work = move || {
            for path in asked {
                let is_there = fs_identity::with(identity.as_ref(), || files.exists(&path));
                if answer.send(is_there).is_err() {
                    return;
                }
            }
        };
        let started = thread::Builder::new().name("presence".into()).spawn(work);
        started.ok().map(|_| Helper { questions, answers, is_lost: false })
    }
}

impl Helper {
    fn ask(&mut self, path: &Path) -> Option<bool> {
        if self.is_lost && self.answers.try_recv() == Err(TryRecvError::Empty) {
            return None;
        }
        self.is_lost = self.questions.send(path.to_path_buf()).is_err();
        let answer = self.answers.recv_timeout(PATIENCE).ok();
        self.is_lost |= answer.is_none();
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::clock::{Clock as _, SystemClock};
    use crate::host::files::Contents;
    use crate::host::read_error::ReadError;
    use crate::model::surface::FileFacts;
    use std::ffi::OsString;
    use std::sync::{Condvar, Mutex};

    /// A file system that hangs until it is let go.
    #[derive(Default)]
    struct Hanging {
        hangs: Mutex<bool>,
        changed: Condvar,
    }

    impl Hanging {
        fn hang(&self, hangs: bool) {
            *self.hangs.lock().unwrap() = hangs;
            self.changed.notify_all();
        }
    }

    impl Files for Hanging {
        fn read(&self, path: &Path, _: u64) -> Result<Contents, ReadError> {
            Err(ReadError::Missing(path.into()))
        }

        fn facts(&self, path: &Path) -> Result<FileFacts, ReadError> {
            Err(ReadError::Missing(path.into()))
        }

        fn list(&self, path: &Path) -> Result<Vec<OsString>, ReadError> {
            Err(ReadError::Missing(path.into()))
        }

        fn exists(&self, path: &Path) -> bool {
            drop(self.changed.wait_while(self.hangs.lock().unwrap(), |hangs| *hangs).unwrap());
            path.ends_with("there")
        }
    }

    #[test]
    fn what_hangs_counts_as_there_and_holds_nobody_up_twice() {
        let files: &'static Hanging = Box::leak(Box::default());
        let presence = Presence::new(files, None);
        assert_eq!(["/there", "/gone"].map(|path| presence.of(Path::new(path))), [true, false]);
        files.hang(true);
        assert!(presence.of(Path::new("/gone")));
        let start = SystemClock.elapsed();
        assert!((0..1_000).all(|_| presence.of(Path::new("/gone"))));
        assert!(SystemClock.elapsed() - start < PATIENCE * 10, "each of them waited");
        files.hang(false);
        // Its late answer is taken for that of no later question.
        while presence.of(Path::new("/gone")) {
            assert!(SystemClock.elapsed() - start < Duration::from_secs(60));
        }
        assert!(presence.of(Path::new("/there")));
    }
}
