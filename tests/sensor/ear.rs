//! A sensor with somebody who listens, and waiting with a deadline.

use mcpwatch::host::entry::Entry;
use mcpwatch::sensor::{Hint, Means, Sensor, Watches};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up; never waited out.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Set to run every test with the system's notifications alone.
pub(crate) const BY_NOTIFY: &str = "MCPWATCH_TEST_BY_NOTIFY";

/// The sensor that is tested: the best that there is, or the one that works everywhere.
pub(crate) fn start(wake: Box<dyn Fn() + Send>) -> Result<Sensor, String> {
    if std::env::var_os(BY_NOTIFY).is_some() { Sensor::by_notify(wake) } else { Sensor::start(wake) }
}

pub(crate) struct Ear {
    pub(crate) sensor: Sensor,
    pub(crate) files: Vec<PathBuf>,
    pub(crate) directories: Vec<PathBuf>,
    woken: Receiver<()>,
}

impl Ear {
    /// Listens to these files.
    pub(crate) fn new(files: &[&Path]) -> Self {
        Self::with(files, &[])
    }

    pub(crate) fn with(files: &[&Path], directories: &[&Path]) -> Self {
        let owned = |paths: &[&Path]| paths.iter().map(|path| path.to_path_buf()).collect();
        Self::start(owned(files), owned(directories))
    }

    pub(crate) fn start(files: Vec<PathBuf>, directories: Vec<PathBuf>) -> Self {
        let (wake, woken) = sync_channel(1);
        let sensor = start(Box::new(move || _ = wake.try_send(()))).unwrap();
        let mut ear = Self { sensor, files, directories, woken };
        let watches = ear.settle();
        assert_eq!(watches.failed, None);
        assert!(watches.unwatched.is_empty());
        ear
    }

    pub(crate) fn watch(&mut self) -> Watches {
        let files = self.files.iter().map(PathBuf::as_path);
        self.sensor.watch(files, &self.directories, &Entry::at)
    }

    /// Asks for watches until nothing new is found, as an agent does.
    pub(crate) fn settle(&mut self) -> Watches {
        for _ in 0..5 {
            let watches = self.watch();
            if watches.added == 0 {
                return watches;
            }
        }
        panic!("the watches do not settle");
    }

    /// Waits for a hint of that file; nothing may be lost before.
    #[track_caller]
    pub(crate) fn hears(&mut self, file: &Path) {
        let heard = self.until(|hint| matches!(hint, Hint::Changed(files) if files.contains(file)));
        assert!(!heard.contains(&Hint::Lost), "lost, where a change of {} would do", file.display());
    }

    #[track_caller]
    pub(crate) fn loses(&mut self) {
        self.until(|hint| *hint == Hint::Lost);
    }

    /// Waits until everything is lost, and until what else the same move says is heard too.
    #[track_caller]
    pub(crate) fn loses_all(&mut self, sentinel: &Path) {
        self.loses();
        self.quiet(sentinel);
    }

    /// Waits until everything that was done before is heard, and every watch stands.
    #[track_caller]
    pub(crate) fn quiet(&mut self, sentinel: &Path) {
        let deadline = Instant::now() + PATIENCE;
        while !self.so_far_or_lost(sentinel) {
            assert!(Instant::now() < deadline, "it is lost again and again");
        }
    }

    /// What was done to the same file before and is not heard yet may be told together with what is done to it now: then
    /// it would come before what lies between.
    fn catch_up(&self) {
        let is_possible = !self.sensor.means().contains(&Means::Notify);
        let deadline = Instant::now() + PATIENCE;
        while is_possible && self.sensor.touches().is_incomplete {
            assert!(Instant::now() < deadline, "it is never all heard");
        }
    }

    fn so_far_or_lost(&mut self, sentinel: &Path) -> bool {
        self.catch_up();
        fs::write(sentinel, "sentinel").unwrap();
        let is_it = |hint: &Hint| matches!(hint, Hint::Changed(files) if files.contains(sentinel));
        self.until(|hint| *hint == Hint::Lost || is_it(hint)).iter().any(is_it)
    }

    /// Waits for a hint; says what came with it and before it.
    #[track_caller]
    pub(crate) fn until(&mut self, is_it: impl Fn(&Hint) -> bool) -> Vec<Hint> {
        let deadline = Instant::now() + PATIENCE;
        let mut heard = Vec::new();
        loop {
            let hints = self.sensor.inbox().take().into_iter();
            heard.extend(hints.filter(|hint| !matches!(hint, Hint::Versions(_) | Hint::Touched(_))));
            if heard.iter().any(&is_it) {
                self.settle();
                return heard;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(self.woken.recv_timeout(left).is_ok(), "not heard; heard was {heard:?}");
        }
    }

    /// Everything that was heard until now: what the system tells comes in order, so that it is all here once a
    /// change of `sentinel` (a file that is listened to) is.
    #[track_caller]
    pub(crate) fn so_far(&mut self, sentinel: &Path) -> Vec<Hint> {
        self.catch_up();
        fs::write(sentinel, "sentinel").unwrap();
        self.until(|hint| matches!(hint, Hint::Changed(files) if files.contains(sentinel)))
    }

    /// That nothing was heard of these files.
    #[track_caller]
    pub(crate) fn heard_nothing_of(&mut self, files: &[&Path], sentinel: &Path) {
        let heard = self.so_far(sentinel);
        for hint in &heard {
            let Hint::Changed(changed) = hint else { panic!("heard {hint:?}") };
            assert!(!files.iter().any(|file| changed.contains(*file)), "heard {changed:?}");
        }
    }
}
