//! An inventory held against a baseline: every subject once, with everything that is to be said about it.

mod files;
mod missing;
mod servers;
mod settings;

use super::world::{Vendors, World};
use crate::baseline::{Baseline, Verdicts};
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
use missing::{Absent, missing};
use servers::servers;
use settings::{expected_settings, settings};
use std::collections::BTreeSet;

/// The hosts that a baseline makes known, beside those of the vendors: the same for as long as the baseline is.
pub fn known(baseline: &Baseline, vendors: &Vendors) -> Known {
    Known::beside(&vendors.hosts, known_hosts(baseline).iter().map(String::as_str))
}

/// Judges everything. Without any baseline only the lint speaks. `known` is what [`known`] says of the baseline.
pub fn judge(inventory: &Inventory, baseline: &Baseline, known: &Known, world: &World<'_>) -> Vec<Judgement> {
    let absent = Absent::of(inventory, world);
    let steers = steering_variables(inventory);
    let verdicts = baseline.verdicts();

    let mut judgements = servers(inventory, &verdicts, known, world);
    judgements.extend(missing(baseline, inventory, &absent, &steers));
    judgements.extend(settings(inventory, &verdicts, &steers));
    judgements.extend(expected_settings(inventory, baseline, &steers));
    judgements.extend(files(inventory, baseline, &verdicts, world));
    judgements.extend(inventory.targets.iter().map(|target| {
        let subject = Subject::Target(target.file.clone());
        judge_target(target, &verdicts.content(&subject, &target_content(target)))
    }));
    judgements.extend(exposed_secrets(inventory));
    raise_trust(&mut judgements, &|directory| world.has(directory));

    for judgement in &mut judgements {
        judgement.drifts.retain(|drift| !is_accepted(drift, &verdicts));
        // Before the merge, or what the lint found would go with what it was merged into.
        if baseline.is_empty() {
            judgement.drifts.retain(|drift| drift.source == Source::Lint);
        }
        merge_findings(&mut judgement.drifts);
        judgement.drifts.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.kind.cmp(&b.kind)));
    }
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
