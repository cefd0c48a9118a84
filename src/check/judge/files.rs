//! The surfaces themselves: there, readable, and still the files they were.

use crate::baseline::{Baseline, Verdicts};
use crate::check::world::World;
use crate::drift::{FileRules, judge_file, judge_managed, stands_in};
use crate::model::drift::Judgement;
use crate::model::inventory::Inventory;
use crate::model::subject::Subject;
use crate::model::surface::{Scope, SurfaceState};
use crate::model::value::Value;
use crate::model::verdict::ContentVerdict;
use crate::surface::claude_code::is_stand_in;
use std::collections::BTreeSet;
use std::path::Path;

pub(super) fn files(
    inventory: &Inventory,
    baseline: &Baseline,
    verdicts: &Verdicts<'_>,
    world: &World<'_>,
) -> Vec<Judgement> {
    let rules = FileRules { owner: world.owner, is_private_group: world.is_private_group };
    let protecting = protecting_files(baseline);
    let mut found = Vec::new();
    for reading in &inventory.surfaces {
        let subject = Subject::File(reading.surface.file.to_path_buf());
        let approval = match verdicts.content(&subject, &Value::Null) {
            ContentVerdict::Differs { approval } => Some(approval),
            _ => None, // that it is not there was approved, or nothing was
        };
        let managed = reading.surface.scope == Scope::Managed;
        let rules = FileRules { owner: rules.owner.filter(|_| !managed), ..rules };
        let protects = protecting.contains(reading.surface.file.as_ref());
        let mut judgement = judge_file(reading, approval, protects, &rules);
        let in_use = reading.state != SurfaceState::Missing
            && reading.facts.as_ref().is_none_or(|facts| facts.size > 0);
        if is_stand_in(&reading.surface) && in_use {
            judgement.drifts.push(stands_in(reading));
        }
        found.push(judgement);
        if managed && !matches!(reading.state, SurfaceState::Unreadable(_) | SurfaceState::Unparsable(_)) {
            let subject = Subject::Managed(reading.surface.file.to_path_buf());
            let content = reading.content.clone().unwrap_or(Value::Null);
            found.push(judge_managed(reading, &verdicts.content(&subject, &content)));
        }
    }
    found
}

/// Files in which hooks or denials stand that were approved: without the file they are gone.
fn protecting_files(baseline: &Baseline) -> BTreeSet<&Path> {
    let protects = |key: &str| {
        key.starts_with("hooks.")
            || matches!(key, "permissions.deny" | "permissions.ask" | "deniedMcpServers")
    };
    baseline
        .approvals
        .iter()
        .filter_map(|approval| match &approval.subject {
            Subject::Setting { file, key, .. } if protects(key) && approval.content != Value::Null => {
                Some(file.as_path())
            }
            _ => None,
        })
        .collect()
}
