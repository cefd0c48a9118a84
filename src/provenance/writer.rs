//! One writer: how sure it is that it was the one, and whose doing that was. Must not know of other writers.

use super::actor::{Origin, origin};
use super::facts::{Facts, Identity, Through, Writer};
use super::installs::{Survey, survey};
use crate::model::process::{Ancestry, Elsewhere, Process};
use crate::model::provenance::{
    Actor, Broker, Confidence, Evidence, InstallLink, Method, Provenance, Remark,
};
use jiff::SignedDuration;
use std::sync::Arc;

/// How many ancestors a judgement names. What is left out lies in the middle.
const ANCESTORS: usize = 32;

/// How long after it was handed over something is still looked for behind a broker that keeps jobs.
const KEPT: SignedDuration = SignedDuration::from_hours(96);

/// And behind one that people live in, whose every shell would be suspected otherwise.
const LIVED_IN: SignedDuration = SignedDuration::from_mins(10);

/// What one writer says, without candidates and other writers.
pub(super) fn of_writer(facts: &Facts<'_>, writer: &Writer) -> Provenance {
    let chain = &writer.ancestry.processes;
    let Some(process) = chain.first() else {
        return Provenance { deed: writer.deed, method: Method::None, ..Provenance::unknown() };
    };
    let mut remarks = Vec::new();
    let seen = seen(writer, process, &mut remarks);
    let Survey { link, has_runner } = survey(&writer.ancestry, facts.manifest);
    let origin = origin(chain, facts.is_client);
    let mut judged = Provenance {
        confidence: seen,
        method: writer.method,
        actor: origin.actor,
        deed: writer.deed,
        writer: Some(Arc::clone(process)),
        ancestors: ancestors(&writer.ancestry),
        remarks,
        ..Provenance::unknown()
    };
    if has_runner {
        judged.remarks.push(Remark::PackageProgram);
    }
    let link = link.map(|link| InstallLink { confidence: link.confidence.min(seen), ..link });
    if link.as_ref().is_some_and(|link| link.confidence >= Confidence::Likely) {
        judged.actor = Actor::Install;
        judged.install = link;
    } else {
        by_hand(facts, &origin, chain, link, &mut judged);
        judged.remarks.extend(&origin.remarks);
    }
    judged
}

/// How sure it is that this process was the writer.
fn seen(writer: &Writer, process: &Process, remarks: &mut Vec<Remark>) -> Confidence {
    let mut likely = |is: bool, remark: Remark| {
        if is {
            remarks.push(remark);
        }
        is
    };
    let chain = &writer.ancestry.processes;
    let is_elsewhere = chain.iter().any(|process| process.elsewhere != Elsewhere::default());
    let caps = [
        likely(!writer.ancestry.is_lossless && writer.method != Method::Sample, Remark::Lost),
        likely(writer.identity == Identity::Guessed && writer.method != Method::Sample, Remark::Gone),
        likely(writer.identity == Identity::Guessed, Remark::Reused),
        likely(writer.through == Through::Mapping, Remark::Mapped),
        likely(writer.through == Through::Descriptor, Remark::Descriptor),
        likely(is_elsewhere, Remark::Elsewhere),
        likely(process.is_traced, Remark::Traced),
        writer.method == Method::Sample,
    ];
    if writer.identity == Identity::Recorded {
        remarks.push(Remark::Gone);
    }
    if process.credentials.is_some_and(|who| who.real != who.effective) {
        remarks.push(Remark::Elevated);
    }
    if process.images.is_empty() || matches!(writer.method, Method::Receipt | Method::None) {
        return Confidence::Possible;
    }
    if caps.contains(&true) { Confidence::Likely } else { Confidence::Proven }
}

/// No install is above: the client, its agent, a person, a broker, some program.
fn by_hand(
    facts: &Facts<'_>,
    origin: &Origin,
    chain: &[Arc<Process>],
    weak: Option<InstallLink>,
    judged: &mut Provenance,
) {
    let is_shell = judged.actor == Actor::Person;
    if is_shell || origin.is_claim {
        judged.confidence = judged.confidence.min(Confidence::Likely);
    }
    let handed = origin
        .broker
        .and_then(|broker| handed_over(facts, broker, judged, is_shell).map(|link| (broker, link)));
    match handed {
        Some((broker, link)) => {
            judged.actor = Actor::Broker;
            judged.broker = Some(broker);
            judged.install = Some(link);
        }
        None => {
            judged.broker = origin.broker.filter(|_| judged.actor == Actor::Broker);
            judged.install = weak.or_else(|| claimed(chain));
        }
    }
}

/// The install below which somebody told that broker to run something, the latest before the change.
fn handed_over(
    facts: &Facts<'_>,
    broker: Broker,
    judged: &Provenance,
    is_shell: bool,
) -> Option<InstallLink> {
    let is_lived_in = matches!(broker, Broker::Tmux | Broker::Screen | Broker::Ide | Broker::Dbus);
    // A desktop's terminals descend from `systemd` too: between it and a job that it keeps there is no person.
    if is_shell && !is_lived_in {
        return None;
    }
    let window = if is_lived_in { LIVED_IN } else { KEPT };
    let told = facts.handovers.iter().filter(|one| {
        let since = facts.changed.duration_since(one.when);
        one.broker == broker && since >= SignedDuration::ZERO && since <= window
    });
    let mut links: Vec<_> = told
        .filter_map(|one| Some((one.when, survey(&one.by, facts.manifest).link?)))
        .filter(|(_, link)| link.confidence >= Confidence::Likely)
        .collect();
    links.sort_by_key(|(when, _)| *when);
    let (_, mut link) = links.pop()?;
    link.confidence = Confidence::Likely.min(judged.confidence);
    link.evidence.push(Evidence::Handover);
    Some(link)
}

/// What the writer's own environment, or that of one above it, claims: anybody can write that, so it is possible and
/// no more.
fn claimed(chain: &[Arc<Process>]) -> Option<InstallLink> {
    super::managers::claim_of(chain).map(|(install, hook)| InstallLink {
        install,
        hook: Some(hook),
        confidence: Confidence::Possible,
        evidence: vec![Evidence::Environment],
    })
}

/// The ancestors, without the middle of a chain that nobody could read.
fn ancestors(ancestry: &Ancestry) -> Vec<Arc<Process>> {
    let above: Vec<Arc<Process>> = ancestry.processes.iter().skip(1).cloned().collect();
    if above.len() <= ANCESTORS {
        return above;
    }
    let half = ANCESTORS / 2;
    let end = above.len() - half;
    above.iter().take(half).chain(above.iter().skip(end)).cloned().collect()
}
