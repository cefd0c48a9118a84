//! One home as the agent's main thread keeps it: what is expected, what was seen last, and what was told. Must not
//! read files.

use super::Watched;
use super::guarding;
use super::mailbox::Mailbox;
use super::observation::{Observation, Sight, Word};
use super::observer::Observer;
use super::presence::Presence;
use super::promise::Promise;
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
use std::cell::{LazyCell, RefCell};
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
    /// Who touched what of late, and until when that counts, by the clock that nobody sets.
    authors: (Duration, Authors),
    /// And who touched what was seen last.
    promised: Option<Promise<Authors>>,
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
            owner: watched.owner,
            key: parts.key.clone(),
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
            authors: Default::default(),
            promised: None,
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
        self.promised = Some(authors);
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

    /// Gives back what is not needed any more. For when nobody waits.
    pub(super) fn rest(&mut self) {
        self.outdated = None;
    }

    /// Judges what was seen last, at this moment.
    pub(super) fn step(&mut self, parts: &Parts) -> Batch {
        let Some(Seen { inventory, judge }) = &mut self.seen else { return Batch::default() };
        let judgements = judged(judge, inventory, self.watched.owner, &self.presence);
        let (time, elapsed) = (parts.clock.now(), parts.clock.elapsed());
        let home = &self.watched.layout.home;
        let context = Context {
            time,
            host: &parts.host,
            home: Some(home),
            user: self.watched.user.as_ref(),
            key: &parts.key,
        };
        let (authors, promised, owner) = (&mut self.authors, &mut self.promised, self.watched.owner);
        // As late as can be: it is found out meanwhile.
        let authors = LazyCell::new(|| remembered(authors, promised.take(), elapsed));
        let judging = LazyCell::new(|| RefCell::new(parts.attribution.judging(&authors, time, owner)));
        let author = |file: &Path, project: Option<&Path>| Some(judging.borrow_mut().of(file, project));
        let moment = Moment {
            home,
            judgements: &judgements,
            inventory,
            context: &context,
            elapsed,
            rules: &parts.rules,
            history: &parts.history,
            author: &author,
        };
        let mut step = self.pipeline.step(moment, &mut || (parts.event_id)(time));
        let author = |file: &Path| judging.borrow_mut().of(file, None);
        let due = guarding::step(&mut self.guard, inventory, &context, parts, &author, &mut step.batch);
        // Nobody may have asked, and what waits to be told will be asked about.
        LazyCell::force(&authors);
        self.authors.1.forget_judged();
        self.due = step.due.into_iter().chain(due).min();
        self.judgements = judgements;
        step.batch
    }
}

/// Who touched what of late, with what was promised: kept for as long as a drift may wait to be told. What is found
/// later, when a template changes, is nobody's doing of just now.
fn remembered(
    (until, known): &mut (Duration, Authors),
    promised: Option<Promise<Authors>>,
    now: Duration,
) -> &Authors {
    if *until < now {
        *known = Authors::default();
    }
    if let Some(authors) = promised.and_then(Promise::wait).filter(|authors| !authors.is_empty()) {
        known.extend(authors);
        *until = now + 2 * SETTLING;
    }
    known
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
