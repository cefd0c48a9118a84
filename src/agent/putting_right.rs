//! What is done about a drift once it is on record: a thread sent to put it right, what came of it told. Decides neither
//! what is put right nor how, and changes no file itself.

use super::Wake;
use super::answer::{Answer, drift_ids, is_clients, still_contested};
use super::responder::{self, Responded};
use super::responding::Unconfirmed;
use super::running::Running;
use crate::journal::Batch;
use crate::model::event::Event;
use std::collections::BTreeMap;
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// So long is waited at the end for what was begun: it takes milliseconds, unless a disk or a file system hangs.
const ENDING: Duration = Duration::from_secs(2);

/// How soon what was put right should have been seen so.
const CONFIRMING: Duration = Duration::from_millis(50);

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
        if self.responding.is_ending {
            return;
        }
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
            let plan = responder::plan(home, chosen.iter().map(|(judgement, _)| *judgement));
            let told = chosen.into_iter().flat_map(|(_, told)| told).collect();
            match responder::send(home, plan, self.plan.cap, &self.parts, self.wake.clone()) {
                Ok(()) => drop(self.responding.underway.insert(home.number, told)),
                Err(error) => tracing::error!(%error, "nothing can be put right: no thread"),
            }
        }
        if !said.is_empty() {
            self.record(Batch { events: said, standing: Vec::new() });
        }
    }

    /// Begins nothing more, and waits for what was begun: who ends in the midst of it leaves a draft and a lock behind,
    /// and nobody tells that the file was put right.
    pub(super) fn end_responding(&mut self, woken: &Receiver<Wake>) {
        self.responding.is_ending = true;
        let deadline = self.elapsed() + ENDING;
        while !self.responding.underway.is_empty() {
            match woken.recv_timeout(deadline.saturating_sub(self.elapsed())) {
                Ok(Wake::Responded(responded)) => self.responded(*responded),
                // What else changes now is found at the next start.
                Ok(_) => {}
                Err(_) => return,
            }
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
                let answer = Answer { home, judgement, told: &told, running: &responded.running };
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
            let answer = Answer { home, judgement: &refused.judgement, told: &told, running: &[] };
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
