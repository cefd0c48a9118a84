//! From facts to a judgement; `docs/provenance.md` shows the table that it follows. Must not raise anything for what
//! the writer says of itself.

use super::candidates::{Subject, candidates};
use super::facts::{Facts, Writer};
use super::writer::of_writer;
use crate::model::process::ProcessId;
use crate::model::provenance::{
    Actor, Candidate, Confidence, Evidence, InstallLink, Method, OtherWriter, Provenance, Remark,
};
use crate::model::touch::Deed;
use std::sync::Arc;

/// More writers between two readings are counted and not judged.
const WRITERS: usize = 32;

/// Who did it.
///
/// What stands was written by the last one, but what it wrote may be what it had found there: the client reads, changes
/// and writes its file all the time. So where several wrote between two readings, the one that comes from an install is
/// named before others, and nobody is proven.
pub fn judge(facts: &Facts<'_>) -> Provenance {
    let subject = Subject { changed: facts.changed, user: facts.user, project: facts.project };
    let candidates = candidates(&subject, facts.installs, facts.window);
    let late = facts.writers.get(facts.writers.len().saturating_sub(WRITERS)..).unwrap_or_default();
    let judged = each(facts, late);
    let by_install = judged.iter().rposition(|one| one.install_confidence() >= Confidence::Likely);
    let Some((at, one)) =
        by_install.or(judged.len().checked_sub(1)).and_then(|at| Some((at, judged.get(at)?)))
    else {
        return unseen(facts.at_work, candidates);
    };
    let mut chosen = one.clone();
    let is_mixed = late
        .iter()
        .zip(&judged)
        .any(|(writer, other)| writer.deed != Some(Deed::Attributes) && whose(other) != whose(&chosen));
    if is_mixed {
        chosen.remarks.push(Remark::Several);
        chosen.confidence = chosen.confidence.min(Confidence::Likely);
        if let Some(link) = &mut chosen.install {
            link.confidence = link.confidence.min(Confidence::Likely);
        }
    }
    chosen.other_writers =
        late.iter().enumerate().filter(|(number, _)| *number != at).map(|(_, one)| other(one)).collect();
    if chosen.writer.is_none() && !candidates.is_empty() {
        chosen.method = Method::Receipt;
    }
    chosen.candidates = candidates;
    chosen.remarks.sort_unstable();
    chosen.remarks.dedup();
    chosen
}

/// What each writer says. One process mostly does several things to a file, and what is above it is looked at once.
fn each(facts: &Facts<'_>, writers: &[Writer]) -> Vec<Provenance> {
    let mut judged: Vec<Provenance> = Vec::with_capacity(writers.len());
    for (at, writer) in writers.iter().enumerate() {
        let before = writers.iter().take(at).position(|other| is_same_hand(other, writer));
        let known = before.and_then(|before| judged.get(before));
        let one = known.map(|known| Provenance { deed: writer.deed, ..known.clone() });
        judged.push(one.unwrap_or_else(|| of_writer(facts, writer)));
    }
    judged
}

/// Whether two deeds were done by one process in one way, so that all that is to be said of both is the same.
fn is_same_hand(one: &Writer, other: &Writer) -> bool {
    let (above, others) = (&one.ancestry, &other.ancestry);
    (one.method, one.identity, one.through) == (other.method, other.identity, other.through)
        && (above.is_whole, above.is_lossless) == (others.is_whole, others.is_lossless)
        && above.processes.len() == others.processes.len()
        && above.processes.iter().zip(&others.processes).all(|(one, other)| Arc::ptr_eq(one, other))
}

/// Nobody was seen: an install that ran meanwhile, or brought scripts, is no more than a candidate.
fn unseen(at_work: &[InstallLink], candidates: Vec<Candidate>) -> Provenance {
    let install = only(at_work);
    let method = match (&install, candidates.is_empty()) {
        (Some(_), _) => Method::Sample,
        (None, false) => Method::Receipt,
        (None, true) => Method::None,
    };
    Provenance { method, install, candidates, ..Provenance::unknown() }
}

/// The one install whose hook ran just then, and the hook if it was one: it was there, and so was everybody else.
fn only(at_work: &[InstallLink]) -> Option<InstallLink> {
    let (first, others) = at_work.split_first()?;
    if others.iter().any(|other| other.install.process != first.install.process) {
        return None;
    }
    let is_one = others.iter().all(|other| other.hook == first.hook);
    let hook = first.hook.clone().filter(|_| is_one);
    let evidence = vec![Evidence::AtWork];
    Some(InstallLink { install: first.install.clone(), hook, confidence: Confidence::Possible, evidence })
}

/// What makes two writers one hand: the same install, the client, or the same process.
fn whose(one: &Provenance) -> (Actor, Option<ProcessId>) {
    match one.actor {
        Actor::Install => (Actor::Install, one.install.as_ref().and_then(|link| link.install.process)),
        Actor::Client => (Actor::Client, None),
        actor => (actor, one.writer.as_ref().map(|process| process.id)),
    }
}

fn other(other: &Writer) -> OtherWriter {
    OtherWriter {
        process: other.ancestry.processes.first().cloned(),
        deed: other.deed,
        when: other.when,
        method: other.method,
    }
}
