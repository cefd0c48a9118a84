//! One home as the agent's main thread keeps it: what is expected, what was seen last, and what was told. Must not
//! read files.

use super::Watched;
use super::guarding;
use super::mailbox::Mailbox;
use super::observer::{Observation, Observer, Sight, Word};
use super::presence::Presence;
use crate::attribution::{Attribution, Authors};
use crate::baseline::Baseline;
use crate::check::{Judge, Vendors, World};
use crate::credentials::Guard;
use crate::host::accounts;
use crate::host::clock::Clock;
use crate::host::files::Files;
use crate::host::fs_identity::FsIdentity;
use crate::journal::Batch;
use crate::model::digest::Key;
use crate::model::drift::Judgement;
use crate::model::event::{Context, HostFacts};
use crate::model::history::History;
use crate::model::inventory::Inventory;
use crate::pipeline::{Moment, Pipeline, SETTLING};
use crate::rules::Rules;
use jiff::Timestamp;
use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What every home is judged with.
pub(super) struct Parts {
    pub(super) files: &'static dyn Files,
    pub(super) clock: &'static dyn Clock,
    pub(super) host: HostFacts,
    pub(super) key: Key,
    pub(super) event_id: fn(Timestamp) -> String,
    pub(super) rules: Rules,
    pub(super) attribution: Arc<Attribution>,
    /// What was told before, in any home.
    pub(super) history: RefCell<History>,
}

/// One home.
pub(super) struct Home {
    pub(super) number: u64,
    pub(super) watched: Watched,
    pub(super) sight: Sight,
    /// When to take another step at the latest.
    pub(super) due: Option<Duration>,
    /// Since when an order to look waits for its answer.
    pub(super) asked: Option<Duration>,
    /// Whether everything in it was looked at once.
    pub(super) is_known: bool,
    pub(super) pipeline: Pipeline,
    /// What was told of the client's credentials.
    pub(super) guard: Guard,
    mailbox: Mailbox,
    baseline: Arc<Baseline>,
    seen: Option<Seen>,
    /// What was seen before that. Its memory is the observer's: to give it back while he works holds up both.
    outdated: Option<Arc<Inventory>>,
    /// What was said of it.
    judgements: Vec<Judgement>,
    /// What is to be said of what was read and not taken in yet.
    ahead: Option<(Arc<Inventory>, Vec<Judgement>)>,
    /// Who touched what of late, and until when that counts, by the clock that nobody sets.
    authors: (Duration, Authors),
    presence: Presence,
}

/// What was seen last, and who judges it by what it was measured by.
struct Seen {
    inventory: Arc<Inventory>,
    judge: Judge,
}

impl Home {
    /// Starts to observe a home, of which that much was told before.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub(super) fn start(
        number: u64,
        watched: Watched,
        pipeline: Pipeline,
        cap: u64,
        parts: &Parts,
        hand_on: impl Fn(Word) -> bool + Send + 'static,
    ) -> std::io::Result<Self> {
        let (mailbox, bell) = Mailbox::new();
        let (files, clock, layout) = (parts.files, parts.clock, watched.layout.clone());
        let attribution = Arc::clone(&parts.attribution);
        let mailbox_of = mailbox.clone();
        let identity = watched.owner.and_then(FsIdentity::of);
        let presence = Presence::new(files, identity.clone());
        let observer = Observer {
            home: number,
            files,
            clock,
            layout,
            identity,
            cap,
            attribution,
            mailbox: mailbox_of,
            bell,
        };
        observer.start(hand_on)?;
        Ok(Self {
            number,
            watched,
            sight: Sight::default(),
            due: None,
            asked: None,
            is_known: false,
            pipeline,
            guard: Guard::default(),
            mailbox,
            baseline: Arc::default(),
            seen: None,
            outdated: None,
            judgements: Vec::new(),
            ahead: None,
            authors: Default::default(),
            presence,
        })
    }

    /// The directory.
    pub(super) fn dir(&self) -> &Path {
        &self.watched.layout.home
    }

    /// What every event of it says.
    pub(super) fn context<'c>(&'c self, parts: &'c Parts) -> Context<'c> {
        let (home, user) = (self.dir(), self.watched.user.as_ref());
        Context { time: parts.clock.now(), host: &parts.host, home: Some(home), user, key: &parts.key }
    }

    /// What is expected of it.
    pub(super) fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    /// Everything that is not as it should be, as it was judged last.
    pub(super) fn judgements(&self) -> &[Judgement] {
        &self.judgements
    }

    /// What was seen last, and by what it was measured.
    pub(super) fn seen(&self) -> Option<(&Inventory, &Baseline)> {
        self.seen.as_ref().map(|seen| (&*seen.inventory, &**seen.judge.baseline()))
    }

    /// Expects something else from now on; everything is looked at by it.
    pub(super) fn expect(&mut self, baseline: Baseline, now: Duration) {
        self.baseline = Arc::new(baseline);
        self.asked.get_or_insert(now);
        self.mailbox.expect(Arc::clone(&self.baseline));
    }

    /// Asks for a look at everything.
    pub(super) fn look(&mut self, now: Duration) {
        self.asked.get_or_insert(now);
        self.mailbox.look();
    }

    /// Takes in what was seen; gives what is to be told of it.
    pub(super) fn take(&mut self, observation: Observation, parts: &Parts) -> Batch {
        let Observation { baseline, inventory, sight, is_answer, authors, .. } = observation;
        self.remember(authors, parts.clock.elapsed());
        if is_answer {
            self.asked = None;
            self.is_known = true;
        }
        self.sight = sight;
        let judge = match self.seen.take() {
            Some(before) if Arc::ptr_eq(before.judge.baseline(), &baseline) => {
                self.outdated = Some(before.inventory);
                before.judge
            }
            _ => Judge::by(baseline, Vendors::of_the_catalogue()),
        };
        self.seen = Some(Seen { inventory, judge });
        self.step(parts)
    }

    /// Keeps who touched what for as long as a drift may wait to be told. What is found later, when a template changes,
    /// is nobody's doing of just now.
    fn remember(&mut self, authors: Authors, now: Duration) {
        let (until, known) = &mut self.authors;
        if *until < now {
            *known = Authors::default();
        }
        if !authors.is_empty() {
            known.extend(authors);
            *until = now + 2 * SETTLING;
        }
    }

    /// Judges what was read by what it is measured by already; it is taken in when it is known who did it.
    pub(super) fn judge_ahead(&mut self, baseline: &Arc<Baseline>, inventory: Arc<Inventory>) {
        let Some(Seen { judge, .. }) = &mut self.seen else { return };
        if Arc::ptr_eq(judge.baseline(), baseline) {
            let judgements = judged(judge, &inventory, self.watched.owner, &self.presence);
            self.ahead = Some((inventory, judgements));
        }
    }

    /// Gives back what is not needed any more. For when nobody waits.
    pub(super) fn rest(&mut self) {
        self.outdated = None;
    }

    /// Judges what was seen last, at this moment.
    pub(super) fn step(&mut self, parts: &Parts) -> Batch {
        let Some(Seen { inventory, judge }) = &mut self.seen else { return Batch::default() };
        let judgements = match self.ahead.take() {
            Some((of, judgements)) if Arc::ptr_eq(&of, inventory) => judgements,
            _ => judged(judge, inventory, self.watched.owner, &self.presence),
        };
        let time = parts.clock.now();
        let home = &self.watched.layout.home;
        let context = Context {
            time,
            host: &parts.host,
            home: Some(home),
            user: self.watched.user.as_ref(),
            key: &parts.key,
        };
        let judging = parts.attribution.judging(&self.authors.1, time, self.watched.owner);
        let judging = RefCell::new(judging);
        let author = |file: &Path, project: Option<&Path>| Some(judging.borrow_mut().of(file, project));
        let moment = Moment {
            home,
            judgements: &judgements,
            inventory,
            context: &context,
            elapsed: parts.clock.elapsed(),
            rules: &parts.rules,
            history: &parts.history,
            author: &author,
        };
        let mut step = self.pipeline.step(moment, &mut || (parts.event_id)(time));
        let author = |file: &Path| judging.borrow_mut().of(file, None);
        let due = guarding::step(&mut self.guard, inventory, &context, parts, &author, &mut step.batch);
        self.due = step.due.into_iter().chain(due).min();
        self.judgements = judgements;
        step.batch
    }
}

fn judged(
    judge: &mut Judge,
    inventory: &Arc<Inventory>,
    owner: Option<u32>,
    presence: &Presence,
) -> Vec<Judgement> {
    let world = World {
        owner,
        is_private_group: &|group| owner.is_some_and(|owner| accounts::is_private_group(group, owner)),
        exists: &|path| presence.of(path),
        vendors: Vendors::of_the_catalogue(),
    };
    judge.judge(inventory, &world)
}

impl Drop for Home {
    fn drop(&mut self) {
        self.mailbox.stop();
    }
}
