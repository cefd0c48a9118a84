//! The settings of an inventory, and those that a template expects.

use super::missing::blank_surface;
use crate::baseline::{Baseline, Verdicts};
use crate::drift::{judge_expected_setting, judge_setting, lint_setting, moved_hook};
use crate::model::drift::Judgement;
use crate::model::inventory::Inventory;
use crate::model::surface::{Format, Scope, Surface};
use crate::model::verdict::ContentVerdict;
use std::collections::BTreeSet;

pub(super) fn settings(
    inventory: &Inventory,
    verdicts: &Verdicts<'_>,
    steers: &BTreeSet<String>,
) -> Vec<Judgement> {
    inventory
        .settings
        .iter()
        .filter(|setting| setting.surface.scope != Scope::Managed)
        .filter_map(|setting| {
            let mut verdict = verdicts.setting(setting);
            let moved = matches!(verdict, ContentVerdict::Unknown).then(|| verdicts.moved(setting)).flatten();
            if let Some(approval) = moved {
                verdict = ContentVerdict::Differs { approval };
            }
            let findings = if matches!(verdict, ContentVerdict::Ruled { .. }) {
                Vec::new()
            } else {
                lint_setting(setting)
            };
            if findings.is_empty() && matches!(verdict, ContentVerdict::Approved { .. }) {
                return None; // the case of nearly every setting, at every check
            }
            let mut judgement = judge_setting(setting, &verdict, steers);
            judgement.drifts.extend(
                moved
                    .filter(|approval| approval.content == setting.value)
                    .map(|approval| moved_hook(setting, approval)),
            );
            judgement.drifts.extend(findings);
            Some(judgement)
        })
        .collect()
}

/// What templates expect of the settings, and no file has.
pub(super) fn expected_settings(
    inventory: &Inventory,
    baseline: &Baseline,
    steers: &BTreeSet<String>,
) -> Vec<Judgement> {
    let there: BTreeSet<&str> = inventory.settings.iter().map(|setting| setting.key.as_str()).collect();
    let user = inventory
        .surfaces
        .iter()
        .map(|reading| &reading.surface)
        .find(|surface| surface.format == Format::Settings && surface.scope == Scope::User);
    baseline
        .settings_expected()
        .into_iter()
        .filter(|one| !there.contains(one.key))
        .filter_map(|one| {
            let surface = user.cloned().unwrap_or_else(|| Surface {
                format: Format::Settings,
                ..blank_surface(one.template.file.clone(), Scope::User, None)
            });
            judge_expected_setting(one.template, one.key, one.expected, surface, steers)
        })
        .collect()
}
