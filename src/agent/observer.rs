//! One home observed, on a thread of its own: what changes is read at once, so that a tamper that is undone a
//! moment later has been seen. What was read is handed on; what says the same as before is forgotten. Judges nothing.

use super::mailbox::{Mailbox, Orders};
use super::observation::{Observation, Word};
use super::observed::{Heard, Observed};
use super::promise;
use crate::attribution::Attribution;
use crate::check::{Place, Reading};
use crate::host::clock::Clock;
use crate::host::files::Files;
use crate::host::fs_identity::{self, FsIdentity};
use crate::host::process::hurry;
use crate::model::digest::Key;
use crate::model::inventory::Inventory;
use crate::sensor::Versions;
use crate::surface::claude_code::Layout;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// How often files are looked at of which the system tells nothing.
const POLLING: Duration = Duration::from_secs(2);

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
        let drop_in = self.layout.roots().managed_drop_in;
        let mut observed = Observed::new(self.mailbox.clone(), drop_in, self.cap);
        loop {
            match self.wait(observed.must_be_polled().then_some(POLLING)) {
                Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let Orders { baseline, look, stop } = self.mailbox.take();
            if stop {
                return;
            }
            if let Some(baseline) = baseline {
                observed.baseline = baseline;
            }
            let Heard { touched, versions, is_lost } = observed.heard();
            let wants_all = look || is_lost || observed.is_deaf();
            let is_first = observed.last.is_none();
            if !self.observe(&mut observed, &touched, wants_all, look, hand_on) {
                return;
            }
            fs_identity::with(self.identity.as_ref(), || observed.hold(touched));
            observed.forget_touches();
            if is_first || is_lost {
                observed.reader.forget_versions();
            } else if !self.count(&mut observed, versions, hand_on) {
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
        observed: &mut Observed,
        touched: &BTreeSet<PathBuf>,
        mut wants_all: bool,
        is_answer: bool,
        hand_on: &dyn Fn(Word) -> bool,
    ) -> bool {
        let baseline = Arc::clone(&observed.baseline);
        let place = Place { files: self.files, clock: self.clock, layout: &self.layout, baseline: &baseline };
        let mut answer = None;
        let mut is_settled = true;
        if !wants_all {
            // What was touched is read before it is marked anew: nobody waits for that. What happens to it meanwhile
            // its directory tells, but not what comes by another name that it has.
            let reading = || observed.reader.read_again(place, touched);
            let reading = fs_identity::with(self.identity.as_ref(), reading);
            wants_all = reading.as_ref().is_some_and(|reading| reading.is_new_way);
            if let Some(Reading { inventory, .. }) = reading
                && !self.hand_on(observed, inventory, false, hand_on)
            {
                return false;
            }
            wants_all |= fs_identity::with(self.identity.as_ref(), || observed.set()) > 0;
            let is_as_read = || observed.reader.is_as_read(place, touched);
            if !wants_all && fs_identity::with(self.identity.as_ref(), is_as_read) {
                return true;
            }
        }
        for _ in 0..ROUNDS {
            let added = fs_identity::with(self.identity.as_ref(), || observed.set());
            wants_all |= added > 0;
            let reading = fs_identity::with(self.identity.as_ref(), || match wants_all {
                true => Some(observed.reader.read(place)),
                false => observed.reader.read_again(place, touched),
            });
            let Some(Reading { inventory, is_new_way }) = reading else {
                is_settled = true;
                break;
            };
            is_settled = added == 0 && !is_new_way;
            if let Some(earlier) = answer.replace(inventory)
                && !self.hand_on(observed, earlier, false, hand_on)
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
        answer.is_none_or(|last| self.hand_on(observed, last, is_answer, hand_on))
    }

    /// Counts the versions that came to be against those that were read; what was not read is handed on.
    fn count(
        &self,
        observed: &mut Observed,
        versions: BTreeMap<PathBuf, Versions>,
        hand_on: &dyn Fn(Word) -> bool,
    ) -> bool {
        for (file, came) in versions {
            let read = observed.reader.take_versions(&file);
            let versions = observed.tally.count(&file, came, read);
            if versions > 0 && !hand_on(Word::Unread { home: self.home, file, versions }) {
                return false;
            }
        }
        true
    }

    /// Hands on what was read, unless it says what the last one said and nobody asked.
    fn hand_on(
        &self,
        observed: &mut Observed,
        inventory: Inventory,
        is_answer: bool,
        hand_on: &dyn Fn(Word) -> bool,
    ) -> bool {
        let (inventory, sight) = (Arc::new(inventory), observed.sight());
        let is_news = match &observed.last {
            Some((last, before)) => **last != *inventory || *before != sight,
            None => true,
        };
        if !is_news && !is_answer {
            return true;
        }
        let (answer, authors) = promise::promise();
        let (home, baseline) = (self.home, Arc::clone(&observed.baseline));
        let seen = Observation { home, baseline, inventory, sight, is_answer, authors };
        let last = (Arc::clone(&seen.inventory), seen.sight.clone());
        let seen = Word::Seen(Box::new(seen));
        let is_listening = if !is_news {
            hand_on(seen)
        } else if observed.must_suspect(&self.attribution) {
            // That takes its time, and whoever judges has other homes too.
            answer.give(observed.authors(&self.attribution, &self.layout.home));
            hand_on(seen)
        } else {
            // It is judged while it is found out who did it.
            let is_listening = hand_on(seen);
            let mut authors = observed.authors(&self.attribution, &self.layout.home);
            self.attribution.judge_ahead(&mut authors, self.owner, &self.key);
            answer.give(authors);
            is_listening
        };
        observed.last = Some(last);
        is_listening
    }
}
