//! An inventory held against a baseline: every subject once, with everything that is to be said about it.

mod files;
mod memory;
mod missing;
mod servers;
mod settings;

use super::world::{Vendors, World};
use crate::baseline::{Baseline, Index, Verdicts};
use crate::drift::{Known, exposed_secrets, judge_target, raise_trust, target_content};
use crate::model::drift::{Drift, Judgement, Source};
use crate::model::entry::Entry;
use crate::model::inventory::Inventory;
use crate::model::subject::Subject;
use crate::model::text::Text;
use crate::model::value::Value;
use crate::model::variables::{Variables, names};
use crate::model::verdict::ContentVerdict;
use files::files;
use memory::Memory;
use missing::{Absent, missing};
use settings::{expected_settings, settings};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Judges a home by one baseline, again and again: what has not changed since is not judged again.
#[derive(Debug)]
pub struct Judge {
    baseline: Arc<Baseline>,
    /// The hosts that the baseline makes known, beside those of the vendors.
    known: Known,
    index: Index,
    memory: Memory,
}

impl Judge {
    /// One that goes by that baseline.
    pub fn by(baseline: Arc<Baseline>, vendors: &Vendors) -> Self {
        Self {
            known: known(&baseline, vendors),
            index: baseline.index(),
            memory: Memory::default(),
            baseline,
        }
    }

    /// What it goes by.
    pub fn baseline(&self) -> &Arc<Baseline> {
        &self.baseline
    }

    /// Judges everything. Without any baseline only the lint speaks.
    pub fn judge(&mut self, inventory: &Arc<Inventory>, world: &World<'_>) -> Vec<Judgement> {
        let Self { baseline, known, index, memory } = self;
        judge(inventory, &Measure { baseline, known, verdicts: baseline.verdicts_by(index) }, memory, world)
    }
}

/// Judges everything, once.
pub(super) fn judge_once(
    inventory: &Arc<Inventory>,
    baseline: &Baseline,
    world: &World<'_>,
) -> Vec<Judgement> {
    let known = &known(baseline, world.vendors);
    let measure = Measure { baseline, known, verdicts: baseline.verdicts() };
    judge(inventory, &measure, &mut Memory::default(), world)
}

/// What is judged by.
struct Measure<'b> {
    baseline: &'b Baseline,
    known: &'b Known,
    verdicts: Verdicts<'b>,
}

fn judge(
    inventory: &Arc<Inventory>,
    measure: &Measure<'_>,
    memory: &mut Memory,
    world: &World<'_>,
) -> Vec<Judgement> {
    let Measure { baseline, known, verdicts } = measure;
    memory.renew(inventory, &|servers| {
        let mut judged = servers::servers(servers, inventory, verdicts, known, world);
        judged.iter_mut().for_each(|(_, judgement)| measure.settle(judgement));
        judged
    });

    let absent = Absent::of(inventory, world);
    let steers = steering_variables(inventory);
    let mut judgements = missing(baseline, inventory, &absent, &steers);
    judgements.extend(settings(inventory, verdicts, &steers));
    judgements.extend(expected_settings(inventory, baseline, &steers));
    judgements.extend(files(inventory, baseline, verdicts, world));
    judgements.extend(inventory.targets.iter().map(|target| {
        let subject = Subject::Target(target.file.clone());
        judge_target(target, &verdicts.content(&subject, &target_content(target)))
    }));
    judgements.extend(exposed_secrets(memory.exposed()));
    raise_trust(&mut judgements, &|directory| world.has(directory));
    judgements.iter_mut().for_each(|judgement| measure.settle(judgement));
    judgements.splice(0..0, memory.judgements().cloned());
    judgements.retain(|judgement| !judgement.drifts.is_empty());
    // Most of what is judged is in order, and what is not is kept for as long as it stands.
    judgements.shrink_to_fit();
    judgements.sort_by(|a, b| {
        b.level()
            .cmp(&a.level())
            .then_with(|| a.surface.file.cmp(&b.surface.file))
            .then_with(|| a.subject.cmp(&b.subject))
    });
    judgements
}

impl Measure<'_> {
    /// Leaves of a judgement what is to be said, the gravest first.
    fn settle(&self, judgement: &mut Judgement) {
        judgement.drifts.retain(|drift| !is_accepted(drift, &self.verdicts));
        // Before the merge, or what the lint found would go with what it was merged into.
        if self.baseline.is_empty() {
            judgement.drifts.retain(|drift| drift.source == Source::Lint);
        }
        merge_findings(&mut judgement.drifts);
        judgement.drifts.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.kind.cmp(&b.kind)));
    }
}

/// The hosts that a baseline makes known, beside those of the vendors.
fn known(baseline: &Baseline, vendors: &Vendors) -> Known {
    Known::beside(&vendors.hosts, known_hosts(baseline).iter().map(String::as_str))
}

/// What an approval of a finding keeps.
pub(super) fn finding_content(drift: &Drift) -> Value {
    drift.observed.clone().map_or(Value::Null, Value::Text)
}

fn is_accepted(drift: &Drift, verdicts: &Verdicts<'_>) -> bool {
    drift.source == Source::Lint
        && drift.finding.as_ref().is_some_and(|finding| {
            matches!(verdicts.content(finding, &finding_content(drift)), ContentVerdict::Approved { .. })
        })
}

/// What the lint found and the baseline says too is said once; approving it still approves the finding.
fn merge_findings(drifts: &mut Vec<Drift>) {
    let (findings, mut said): (Vec<_>, Vec<_>) =
        drifts.drain(..).partition(|drift| drift.source == Source::Lint);
    for finding in findings {
        let same = |drift: &&mut Drift| {
            drift.source != Source::Lint && drift.kind == finding.kind && drift.field == finding.field
        };
        match said.iter_mut().find(same) {
            Some(same) => {
                same.level = same.level.max(finding.level);
                same.finding = finding.finding;
            }
            None => said.push(finding),
        }
    }
    *drifts = said;
}

/// The hosts that the baseline names.
fn known_hosts(baseline: &Baseline) -> BTreeSet<String> {
    let nothing = Variables::default();
    let of_entry =
        |entry: &Entry| entry.effective(&nothing).endpoints().into_iter().map(|endpoint| endpoint.host);
    let templates =
        baseline.templates.iter().flat_map(|template| template.servers.values()).flat_map(of_entry);
    let approved = baseline.approvals.iter().filter_map(|approval| {
        let url = approval.content.get("url").and_then(Value::as_text).map(Text::reveal)?;
        crate::model::endpoint::Endpoint::parse(&url).map(|endpoint| endpoint.host)
    });
    templates.chain(approved).collect()
}

/// The variables that decide where a server is or what it runs.
fn steering_variables(inventory: &Inventory) -> BTreeSet<String> {
    inventory
        .servers
        .iter()
        .flat_map(|server| {
            let entry = &server.entry;
            entry.text("url").into_iter().chain(entry.text("command")).chain(entry.arguments())
        })
        .flat_map(|text| names(&text.reveal()))
        .collect()
}
