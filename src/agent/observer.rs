//! One home observed, on a thread of its own: what changes is read at once, so that a tamper that is undone a
//! moment later has been seen. What was read is handed on; what says the same as before is forgotten. Judges nothing.

use super::mailbox::{Mailbox, Orders};
use super::observation::{Observation, Sight, Word};
use super::promise;
use super::unread::Tally;
use crate::attribution::{Attribution, Authors};
use crate::baseline::Baseline;
use crate::check::{Place, Reader, Reading};
use crate::host::clock::Clock;
use crate::host::entry::Entry;
use crate::host::files::Files;
use crate::host::fs_identity::{self, FsIdentity};
use crate::host::process::hurry;
use crate::model::digest::Key;
use crate::model::inventory::Inventory;
use crate::model::touch::Touches;
use crate::sensor::{Hint, Means, Sensor, Versions, Watches};
use crate::surface::claude_code::Layout;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How often files are looked at of which the system tells nothing.
const POLLING: Duration = Duration::from_secs(2);

/// Of more files that were touched at once it is not asked whether somebody has them open still.
const MOST_HELD: usize = 64;

/// Somebody who makes directories faster than this is told of at the next hint.
const ROUNDS: usize = 5;

/// What an observer works with.
pub(super) struct Observer {
    pub(super) home: u64,
    pub(super) files: &'static dyn Files,
    pub(super) clock: &'static dyn Clock,
    pub(super) layout: Layout,
    /// With whose rights files are read, where not with ours.
    pub(super) identity: Option<FsIdentity>,
    pub(super) cap: u64,
    pub(super) attribution: Arc<Attribution>,
    pub(super) mailbox: Mailbox,
    pub(super) bell: Receiver<()>,
    /// Whose home it is, and with what secrets are masked: events about it are prepared with both.
    pub(super) owner: Option<u32>,
    pub(super) key: Key,
}

/// What it remembers.
struct Watch {
    reader: Reader,
    sensor: Result<Sensor, String>,
    /// Directories in which every file counts.
    drop_ins: Vec<PathBuf>,
    baseline: Arc<Baseline>,
    watches: Watches,
    last: Option<(Arc<Inventory>, Sight)>,
    tally: Tally,
    /// Who touched what since it was last handed on.
    touches: Touches,
    /// Files that somebody had open for writing when they were read: what he writes through memory, nobody tells.
    held: BTreeSet<PathBuf>,
}

/// What a sensor heard of.
struct Heard {
    touched: BTreeSet<PathBuf>,
    versions: BTreeMap<PathBuf, Versions>,
    /// Whether it may have missed something.
    is_lost: bool,
}

impl Observer {
    /// Starts observing; `hand_on` may wait, and while it does the system's notifications queue up.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub(super) fn start(self, hand_on: impl Fn(Word) -> bool + Send + 'static) -> std::io::Result<()> {
        thread::Builder::new().name("observer".into()).spawn(move || self.run(&hand_on)).map(drop)
    }

    fn run(self, hand_on: &dyn Fn(Word) -> bool) {
        // Whoever keeps the machine busy could otherwise put in and take back what nobody has read.
        hurry();
        let bell = self.mailbox.clone();
        let mut watch = Watch {
            reader: Reader::without_waiting(self.cap),
            sensor: Sensor::start(Box::new(move || bell.ring())),
            drop_ins: vec![self.layout.roots().managed_drop_in],
            baseline: Arc::default(),
            watches: Watches::default(),
            last: None,
            tally: Tally::default(),
            touches: Touches::default(),
            held: BTreeSet::new(),
        };
        loop {
            let is_blind = watch.sensor.is_err() || !watch.watches.unwatched.is_empty();
            let is_blind = is_blind || !watch.held.is_empty();
            match self.wait(is_blind.then_some(POLLING)) {
                Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let Orders { baseline, look, stop } = self.mailbox.take();
            if stop {
                return;
            }
            if let Some(baseline) = baseline {
                watch.baseline = baseline;
            }
            let Heard { touched, versions, is_lost } = watch.heard();
            let wants_all = look || is_lost || watch.sensor.is_err();
            let is_first = watch.last.is_none();
            if !self.observe(&mut watch, &touched, wants_all, look, hand_on) {
                return;
            }
            let held = || touched.into_iter().take(MOST_HELD).filter(|file| is_held(file)).collect();
            watch.held = fs_identity::with(self.identity.as_ref(), held);
            // What was read after them said nothing new: they are of no consequence.
            watch.touches = Touches::default();
            if is_first || is_lost {
                watch.reader.forget_versions();
            } else if !self.count(&mut watch, versions, hand_on) {
                return;
            }
        }
    }

    fn wait(&self, at_most: Option<Duration>) -> Result<(), RecvTimeoutError> {
        match at_most {
            Some(at_most) => self.bell.recv_timeout(at_most),
            None => self.bell.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    /// Reads what was touched, or everything, and again for as long as that leads to files that were not watched
    /// before: what happened to them between the look and the watch was heard by nobody. Every reading that says
    /// something else than the one before is handed on. Says whether anybody still listens.
    fn observe(
        &self,
        watch: &mut Watch,
        touched: &BTreeSet<PathBuf>,
        mut wants_all: bool,
        is_answer: bool,
        hand_on: &dyn Fn(Word) -> bool,
    ) -> bool {
        let baseline = Arc::clone(&watch.baseline);
        let place = Place { files: self.files, clock: self.clock, layout: &self.layout, baseline: &baseline };
        let mut answer = None;
        let mut is_settled = true;
        if !wants_all {
            // What was touched is read before it is marked anew: nobody waits for that. What happens to it meanwhile
            // its directory tells, but not what comes by another name that it has.
            let reading = || watch.reader.read_again(place, touched);
            let reading = fs_identity::with(self.identity.as_ref(), reading);
            wants_all = reading.as_ref().is_some_and(|reading| reading.is_new_way);
            if let Some(Reading { inventory, .. }) = reading
                && !self.hand_on(watch, inventory, false, hand_on)
            {
                return false;
            }
            wants_all |= fs_identity::with(self.identity.as_ref(), || watch.set()) > 0;
            let is_as_read = || watch.reader.is_as_read(place, touched);
            if !wants_all && fs_identity::with(self.identity.as_ref(), is_as_read) {
                return true;
            }
        }
        for _ in 0..ROUNDS {
            let added = fs_identity::with(self.identity.as_ref(), || watch.set());
            wants_all |= added > 0;
            let reading = fs_identity::with(self.identity.as_ref(), || match wants_all {
                true => Some(watch.reader.read(place)),
                false => watch.reader.read_again(place, touched),
            });
            let Some(Reading { inventory, is_new_way }) = reading else {
                is_settled = true;
                break;
            };
            is_settled = added == 0 && !is_new_way;
            if let Some(earlier) = answer.replace(inventory)
                && !self.hand_on(watch, earlier, false, hand_on)
            {
                return false;
            }
            wants_all = is_new_way;
            if is_settled {
                break;
            }
        }
        if !is_settled {
            self.mailbox.look();
        }
        answer.is_none_or(|last| self.hand_on(watch, last, is_answer, hand_on))
    }

    /// Counts the versions that came to be against those that were read; what was not read is handed on.
    fn count(
        &self,
        watch: &mut Watch,
        versions: BTreeMap<PathBuf, Versions>,
        hand_on: &dyn Fn(Word) -> bool,
    ) -> bool {
        for (file, came) in versions {
            let read = watch.reader.take_versions(&file);
            let versions = watch.tally.count(&file, came, read);
            if versions > 0 && !hand_on(Word::Unread { home: self.home, file, versions }) {
                return false;
            }
        }
        true
    }

    /// Hands on what was read, unless it says what the last one said and nobody asked.
    fn hand_on(
        &self,
        watch: &mut Watch,
        inventory: Inventory,
        is_answer: bool,
        hand_on: &dyn Fn(Word) -> bool,
    ) -> bool {
        let (inventory, sight) = (Arc::new(inventory), watch.sight());
        let is_news = match &watch.last {
            Some((last, before)) => **last != *inventory || *before != sight,
            None => true,
        };
        if !is_news && !is_answer {
            return true;
        }
        let (answer, authors) = promise::promise();
        let (home, baseline) = (self.home, Arc::clone(&watch.baseline));
        let seen = Observation { home, baseline, inventory, sight, is_answer, authors };
        let last = (Arc::clone(&seen.inventory), seen.sight.clone());
        let seen = Word::Seen(Box::new(seen));
        let is_listening = if !is_news {
            hand_on(seen)
        } else if watch.must_suspect(&self.attribution) {
            // That takes its time, and whoever judges has other homes too.
            answer.give(self.authors(watch));
            hand_on(seen)
        } else {
            // It is judged while it is found out who did it.
            let is_listening = hand_on(seen);
            let mut authors = self.authors(watch);
            self.attribution.judge_ahead(&mut authors, self.owner, &self.key);
            answer.give(authors);
            is_listening
        };
        watch.last = Some(last);
        is_listening
    }

    /// Who made what was read now another than it was.
    fn authors(&self, watch: &mut Watch) -> Authors {
        let touches = watch.take_touches();
        // Where nobody is told of, it is always said that somebody may be missing.
        if touches.iter().next().is_some() || watch.is_told_of_writers() && touches.is_incomplete {
            return self.attribution.authors(&touches);
        }
        if watch.must_suspect(&self.attribution) {
            let files = watch.reader.looked_at().filter(|file| file.ends_with(".mcp.json"));
            return self.attribution.suspects(&self.layout.home, files.filter_map(|file| file.parent()));
        }
        Authors::default()
    }
}

impl Watch {
    /// What the sensor heard of.
    fn heard(&mut self) -> Heard {
        let mut touched: BTreeSet<PathBuf> = self.watches.unwatched.iter().cloned().collect();
        touched.append(&mut self.held);
        let mut versions = BTreeMap::new();
        let mut is_lost = false;
        if let Ok(sensor) = &mut self.sensor {
            for hint in sensor.inbox().take() {
                match hint {
                    Hint::Changed(files) => touched.extend(files),
                    Hint::Versions(came) => versions = came,
                    Hint::Touched(touches) => self.touches.extend(touches),
                    Hint::Elsewhere(_) | Hint::Lost => is_lost = true,
                    Hint::Degraded(why) => {
                        tracing::warn!(why, "a file notification failed; everything is compared again");
                        is_lost = true;
                    }
                }
            }
        }
        Heard { touched, versions, is_lost }
    }

    /// Sets the watches that are needed now; says how many are new.
    fn set(&mut self) -> usize {
        let Ok(sensor) = &mut self.sensor else { return 0 };
        self.watches = sensor.watch(self.reader.looked_at().cloned(), &self.drop_ins, &Entry::at);
        self.watches.added
    }

    /// Who did what has just been read: all that the sensor heard, and what it is about to hear.
    fn take_touches(&mut self) -> Touches {
        if let Ok(sensor) = &self.sensor {
            self.touches.extend(sensor.touches());
        }
        std::mem::take(&mut self.touches)
    }

    fn is_told_of_writers(&self) -> bool {
        self.sensor.as_ref().is_ok_and(|sensor| sensor.means().contains(&Means::Fanotify))
    }

    /// At the start nobody saw what changed before it, and without privilege nobody sees who changes what.
    fn must_suspect(&self, attribution: &Attribution) -> bool {
        self.last.is_none() || !self.is_told_of_writers() || !attribution.is_recording()
    }

    fn sight(&self) -> Sight {
        let trouble = match (&self.sensor, &self.watches.failed) {
            (Err(why), _) => {
                Some((why.clone(), format!("no file notifications, looking every 2 seconds: {why}")))
            }
            (Ok(_), Some(failed)) => Some((failed.reason.clone(), failed.to_string())),
            (Ok(_), None) => None,
        };
        let projects = self.reader.looked_at().filter(|file| is_of_a_project(file)).count();
        Sight {
            surfaces: self.reader.looked_at().count(),
            projects,
            means: self.sensor.as_ref().map_or_else(|_| BTreeSet::new(), Sensor::means),
            trouble,
        }
    }
}

/// Whether somebody has it open for writing, or writes to it through memory.
fn is_held(file: &Path) -> bool {
    #[cfg(target_os = "linux")]
    return crate::host::lease::is_open_for_writing(file) == Some(true);
    #[cfg(not(target_os = "linux"))]
    return false;
}

fn is_of_a_project(file: &Path) -> bool {
    file.as_os_str().as_encoded_bytes().ends_with(b"/.claude/settings.local.json")
}
