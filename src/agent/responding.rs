//! What is done about a drift once it is on record: the policy asked, a thread sent to put it right, what came of it
//! told. Changes no file itself.

use super::Wake;
use super::answer::{Answer, drift_ids, is_clients, still_contested};
use super::fights::{Fights, Terms};
use super::home::Home;
use super::running::Running;
use crate::config::{Case, Respond};
use crate::host::accounts;
use crate::host::clock::Clock;
use crate::journal::Batch;
use crate::model::drift::Judgement;
use crate::model::event::{AgentAction, Event};
use crate::model::kind::DriftKind;
use crate::model::provenance::{Actor, Confidence};
use crate::restore::{self, Mend, Mended, Order, Plan, Refused, Scene, Trust};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::Duration;

/// How soon what was put right should have been seen so.
const CONFIRMING: Duration = Duration::from_millis(50);

/// What is to be put right and what is being put right.
#[derive(Debug, Default)]
pub(super) struct Responding {
    policy: Respond,
    /// The drifts that wait for it, by home: each with the event that told it.
    wanted: BTreeMap<PathBuf, BTreeMap<String, Event>>,
    /// Those at which a thread is at work.
    underway: BTreeMap<u64, BTreeMap<String, Event>>,
    /// What was put right and not seen so yet.
    unconfirmed: BTreeMap<u64, Unconfirmed>,
    /// What was refused, and why: it is tried again when something about its file has ended, and at every comparison.
    refused: BTreeMap<PathBuf, BTreeMap<String, (Event, String)>>,
    fights: Fights,
    /// When something that waits is due, by the clock that nobody sets.
    due: Option<Duration>,
}

/// What was put right in one home and not seen so yet. Whoever changes it back at once, before anybody has looked, makes
/// no news: the home looks as it did before.
#[derive(Debug)]
struct Unconfirmed {
    drifts: BTreeMap<String, Event>,
    /// When to ask for a look.
    due: Duration,
    has_asked: bool,
}

/// What came of it in one home.
#[derive(Debug)]
pub(super) struct Responded {
    home: u64,
    done: Vec<(Mend, Result<Mended, String>, Duration)>,
    refused: Vec<Refused>,
}

impl Responding {
    /// Goes by that policy.
    pub(super) fn by(policy: Respond) -> Self {
        Self { policy, ..Self::default() }
    }

    /// Goes by another policy from now on.
    pub(super) fn go_by(&mut self, policy: Respond) {
        self.policy = policy;
    }

    /// Takes note of what was told and is to be put right.
    pub(super) fn heed(&mut self, events: &[Event]) {
        if !self.policy.reverts_at_all() {
            return;
        }
        for event in events {
            if event.action() == AgentAction::DriftEnded.as_str() {
                self.heed_end(event);
            }
            if self.is_wanted(event)
                && let (Some(home), Some(drift)) = (event.home(), event.drift_id())
            {
                let wanted = self.wanted.entry(PathBuf::from(home)).or_default();
                wanted.insert(drift.to_owned(), event.clone());
            }
        }
    }

    /// Something has ended: it is not wanted any more, and what was refused about the same file may be possible now.
    fn heed_end(&mut self, ended: &Event) {
        let (Some(home), Some(id)) = (ended.home().map(PathBuf::from), ended.drift_id()) else { return };
        let Some(refused) = self.refused.get_mut(&home) else { return };
        refused.remove(id);
        let wanted = self.wanted.entry(home).or_default();
        let of_file = |event: &Event| event.text("file.path") == ended.text("file.path");
        wanted.extend(
            refused
                .iter()
                .filter(|(_, (event, _))| of_file(event))
                .map(|(id, (event, _))| (id.clone(), event.clone())),
        );
    }

    /// Tries again what was refused.
    pub(super) fn try_again(&mut self) {
        for (home, refused) in &self.refused {
            let wanted = self.wanted.entry(home.clone()).or_default();
            wanted.extend(refused.iter().map(|(id, (event, _))| (id.clone(), event.clone())));
        }
    }

    /// Takes note of why drifts were refused; says whether that is news.
    fn refuse(&mut self, home: &Path, told: impl Iterator<Item = (String, Event)>, why: &str) -> bool {
        let refused = self.refused.entry(home.to_path_buf()).or_default();
        let mut is_news = false;
        for (id, event) in told {
            let before = refused.insert(id, (event, why.to_owned()));
            is_news |= before.is_none_or(|(_, before)| before != why);
        }
        is_news
    }

    /// Says of drifts that end while they are being put right, or just were, whose doing that is.
    pub(super) fn credit(&self, events: &mut [Event]) {
        let is_ours = |event: &Event| {
            let of =
                |drifts: &BTreeMap<String, Event>| event.drift_id().is_some_and(|id| drifts.contains_key(id));
            self.underway.values().chain(self.unconfirmed.values().map(|left| &left.drifts)).any(of)
        };
        let ended = events.iter_mut().filter(|event| event.action() == AgentAction::DriftEnded.as_str());
        ended.filter(|event| is_ours(event)).for_each(Event::credit_revert);
    }

    fn is_wanted(&self, event: &Event) -> bool {
        let Ok(kind) = event.action().parse::<DriftKind>() else { return false };
        let word = |field| event.text(field).unwrap_or_default();
        let case = Case {
            kind,
            level: event.level(),
            actor: Actor::from_word(word("mcpwatch.provenance.actor")).unwrap_or(Actor::Unknown),
            confidence: Confidence::from_word(word("mcpwatch.provenance.confidence"))
                .unwrap_or(Confidence::Unknown),
        };
        event.get("mcpwatch.drift.passing").is_none() && self.policy.reverts(case)
    }

    /// When something that waits is due.
    pub(super) fn due(&self) -> Option<Duration> {
        let unconfirmed = self.unconfirmed.values().filter(|left| !left.has_asked).map(|left| left.due);
        unconfirmed.chain(self.due).min()
    }

    fn terms(&self) -> Terms {
        Terms { after: self.policy.contest_after, within: self.policy.contest_within }
    }
}

impl Running<'_> {
    /// What stood before the agent started counts as if it were told now.
    pub(super) fn heed_standing(&mut self) {
        if !self.responding.policy.reverts_at_all() {
            return;
        }
        let standing = self.homes.iter().flat_map(|home| home.pipeline.standing());
        let told = standing.filter_map(|drift| {
            let stored = self.recorder.journal().event(drift.event_id.as_deref()?).ok()??;
            stored.event()
        });
        let told: Vec<Event> = told.collect();
        self.responding.heed(&told);
    }

    /// Sees that what was put right is so; what is not is wanted again.
    fn confirm(&mut self) {
        let now = self.elapsed();
        for home in &mut self.homes {
            let Some(mut left) = self.responding.unconfirmed.remove(&home.number) else { continue };
            let standing = |id: &String| {
                home.judgements().iter().any(|one| drift_ids(one, home, &self.parts).contains(id))
            };
            left.drifts.retain(|id, _| standing(id));
            if left.drifts.is_empty() {
                continue;
            }
            if left.has_asked && home.asked.is_none() {
                let wanted = self.responding.wanted.entry(home.dir().to_path_buf()).or_default();
                wanted.append(&mut left.drifts);
                continue;
            }
            if !left.has_asked && left.due <= now {
                left.has_asked = true;
                home.look(now);
            }
            self.responding.unconfirmed.insert(home.number, left);
        }
    }

    /// Sends a thread wherever something is to be put right. Only what is on record is acted on.
    pub(super) fn respond(&mut self) {
        self.confirm();
        if self.responding.wanted.is_empty() || self.beginning.is_some() || !self.recorder.is_well() {
            return;
        }
        let now = self.elapsed();
        self.responding.due = None;
        let mut said = Vec::new();
        for home in &self.homes {
            // One that was not looked at yet has nothing that could be put right.
            if self.responding.underway.contains_key(&home.number) || !home.is_known {
                continue;
            }
            let Some(mut wanted) = self.responding.wanted.remove(home.dir()) else { continue };
            let mut later = BTreeMap::new();
            let mut chosen = Vec::new();
            for judgement in home.judgements() {
                let ids = drift_ids(judgement, home, &self.parts);
                let told: Vec<(String, Event)> =
                    ids.iter().filter_map(|id| wanted.remove_entry(id)).collect();
                let Some((_, event)) = told.first() else { continue };
                match self.responding.fights.wait(home.dir(), &judgement.subject, now) {
                    Some((until, is_new)) => {
                        if is_new && !is_clients(event) {
                            let wait = until.saturating_sub(now);
                            said.push(still_contested(judgement, event, wait, home, &self.parts));
                        }
                        let due = self.responding.due.map_or(until, |due| due.min(until));
                        self.responding.due = Some(due);
                        later.extend(told);
                    }
                    None => chosen.push((judgement, told)),
                }
            }
            if !later.is_empty() {
                self.responding.wanted.insert(home.dir().to_path_buf(), later);
            }
            if chosen.is_empty() {
                continue;
            }
            let plan = plan(home, chosen.iter().map(|(judgement, _)| *judgement));
            let told = chosen.into_iter().flat_map(|(_, told)| told).collect();
            match send(home, plan, self.plan.cap, self.parts.clock, self.wake.clone()) {
                Ok(()) => drop(self.responding.underway.insert(home.number, told)),
                Err(error) => tracing::error!(%error, "nothing can be put right: no thread"),
            }
        }
        if !said.is_empty() {
            self.record(Batch { events: said, standing: Vec::new() });
        }
    }

    /// Tells what came of it.
    pub(super) fn responded(&mut self, responded: Responded) {
        let told = self.responding.underway.remove(&responded.home).unwrap_or_default();
        let Some(home) = self.homes.iter().find(|home| home.number == responded.home) else { return };
        let (now, terms) = (self.parts.clock.elapsed(), self.responding.terms());
        let (mut events, mut unconfirmed) = (Vec::new(), BTreeMap::new());
        for (mend, outcome, took) in &responded.done {
            let edits =
                mend.edits.iter().map(|edit| (&edit.judgement, edit.wanted.is_some(), Some(&edit.ground)));
            let opened = mend.opened.iter().map(|judgement| (judgement, true, None));
            for (judgement, is_kept, ground) in edits.chain(opened) {
                let answer = Answer { home, judgement, told: &told };
                match outcome {
                    Ok(mended) => {
                        if let Some(refused) = self.responding.refused.get_mut(home.dir()) {
                            answer.told(&self.parts).for_each(|(id, _)| drop(refused.remove(&id)));
                        }
                        if mended.changed > 0 {
                            unconfirmed.extend(answer.told(&self.parts));
                        }
                        events.push(answer.done(is_kept, ground, mended, *took, &self.parts));
                        let (fights, by_client) = (&mut self.responding.fights, answer.is_clients());
                        let contest = fights.reverted(home.dir(), &judgement.subject, now, terms, by_client);
                        events.extend(contest.and_then(|contest| answer.contested(contest, &self.parts)));
                    }
                    Err(why) => {
                        if self.responding.refuse(home.dir(), answer.told(&self.parts), why) {
                            events.push(answer.not_done(why, &self.parts));
                        }
                    }
                }
            }
        }
        for refused in &responded.refused {
            let answer = Answer { home, judgement: &refused.judgement, told: &told };
            if self.responding.refuse(home.dir(), answer.told(&self.parts), &refused.why) {
                events.push(answer.not_done(&refused.why, &self.parts));
            }
        }
        if !unconfirmed.is_empty() {
            let before = self.responding.unconfirmed.remove(&home.number);
            unconfirmed.extend(before.map(|left| left.drifts).unwrap_or_default());
            let left = Unconfirmed { drifts: unconfirmed, due: now + CONFIRMING, has_asked: false };
            self.responding.unconfirmed.insert(home.number, left);
        }
        events.iter_mut().for_each(|event| self.parts.rules.apply(event));
        self.record(Batch { events, standing: Vec::new() });
    }
}

fn plan<'j>(home: &Home, chosen: impl IntoIterator<Item = &'j Judgement>) -> Plan {
    let Some((inventory, baseline)) = home.seen() else { return Plan::default() };
    let is_for_others = accounts::own_uid() == 0 && home.watched.owner.is_some_and(|owner| owner != 0);
    let trust = if is_for_others { Trust::Administrators } else { Trust::All };
    restore::plan(chosen, Scene { all: home.judgements(), inventory, baseline, trust })
}

/// Starts the thread that puts right what is planned, file by file, and then wakes the main one.
fn send(
    home: &Home,
    plan: Plan,
    cap: u64,
    clock: &'static dyn Clock,
    wake: SyncSender<Wake>,
) -> std::io::Result<()> {
    let (number, dir) = (home.number, home.dir().to_path_buf());
    let owner = home.watched.owner;
    let work = move || {
        let owner = owner.or_else(|| accounts::owner_of(&dir)).unwrap_or_else(accounts::own_uid);
        let mend = |mend: Mend| {
            let start = clock.elapsed();
            let outcome = restore::carry_out(&Order::new(&mend, owner, cap), clock);
            (mend, outcome, clock.elapsed() - start)
        };
        let done = plan.mends.into_iter().map(mend).collect();
        let responded = Responded { home: number, done, refused: plan.refused };
        // The end of the main thread is the end of the process.
        let _over = wake.send(Wake::Responded(Box::new(responded)));
    };
    thread::Builder::new().name("responder".into()).spawn(work).map(drop)
}
