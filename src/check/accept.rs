//! What an approval keeps: of one judgement, or of everything that is there.

use super::Report;
use super::judge::finding_content;
use crate::baseline::Baseline;
use crate::drift::{file_content, target_content};
use crate::model::drift::Judgement;
use crate::model::level::Level;
use crate::model::secret::Secret;
use crate::model::subject::Subject;
use crate::model::surface::{Scope, SurfaceState};
use crate::model::value::Value;
use crate::model::verdict::{ContentVerdict, ServerVerdict};
use std::path::PathBuf;

/// One thing to approve.
#[derive(Clone, Debug, PartialEq)]
pub struct Acceptance {
    /// What it is about.
    pub subject: Subject,
    /// What is accepted; `Null` accepts that it is gone.
    pub content: Value,
    /// The text as it stands in the file.
    pub raw: Secret,
    /// The file it stands in.
    pub file: PathBuf,
}

/// What approving `judgement` accepts: its content, its findings, and the local files that it runs.
pub fn acceptance(judgement: &Judgement, report: &Report) -> Vec<Acceptance> {
    let file = judgement.surface.file.to_path_buf();
    let mut accepted = Vec::new();
    if !matches!(judgement.subject, Subject::Finding { .. }) {
        accepted.push(Acceptance {
            subject: judgement.subject.clone(),
            content: judgement.observed.clone().unwrap_or(Value::Null),
            raw: judgement.raw.clone(),
            file: file.clone(),
        });
    }
    for drift in &judgement.drifts {
        if let Some(finding) = &drift.finding {
            accepted.push(plain(finding.clone(), finding_content(drift), file.clone()));
        }
    }
    let runs = match &judgement.subject {
        Subject::Server { name, .. } => Some(format!("server {name}")),
        Subject::Setting { key, .. } => Some(key.clone()),
        _ => None,
    };
    let targets = report
        .inventory
        .targets
        .iter()
        .filter(|target| runs.as_ref() == Some(&target.run_by) && *target.surface.file == *file);
    accepted.extend(
        targets
            .map(|target| plain(Subject::Target(target.file.clone()), target_content(target), file.clone())),
    );
    accepted
}

/// What a capture accepts: everything that is there, except what a template rules and what the lint finds at
/// level high and above.
pub fn capture(report: &Report, baseline: &Baseline) -> Vec<Acceptance> {
    let inventory = &report.inventory;
    let verdicts = baseline.verdicts();
    let mut accepted = Vec::new();
    for server in &inventory.servers {
        // An allow entry does not look at headers, variables and helpers: those are kept to be compared.
        let ruled = !matches!(
            verdicts.server(server),
            ServerVerdict::Approved { .. }
                | ServerVerdict::Differs { .. }
                | ServerVerdict::Unknown
                | ServerVerdict::Allowed { .. }
        );
        if !ruled && server.surface.scope != Scope::Managed {
            accepted.push(Acceptance {
                subject: Subject::server(server),
                content: server.entry.to_value(),
                raw: server.raw.clone(),
                file: server.surface.file.to_path_buf(),
            });
        }
    }
    for setting in &inventory.settings {
        let ruled = matches!(verdicts.setting(setting), ContentVerdict::Ruled { .. });
        if !ruled && setting.surface.scope != Scope::Managed {
            accepted.push(plain(
                Subject::setting(setting),
                setting.value.clone(),
                setting.surface.file.to_path_buf(),
            ));
        }
    }
    for reading in inventory.surfaces.iter().filter(|reading| reading.state != SurfaceState::Missing) {
        let file = reading.surface.file.to_path_buf();
        if let Some(facts) = &reading.facts {
            accepted.push(plain(Subject::File(file.clone()), file_content(facts), file.clone()));
        }
        if let Some(content) = &reading.content {
            accepted.push(plain(Subject::Managed(file.clone()), content.clone(), file));
        }
    }
    // That a file is not there yet is kept too: who puts one there later changes what is run.
    for target in &inventory.targets {
        accepted.push(plain(
            Subject::Target(target.file.clone()),
            target_content(target),
            target.surface.file.to_path_buf(),
        ));
    }
    accepted.extend(gone(report));
    for judgement in &report.judgements {
        for drift in judgement.drifts.iter().filter(|drift| drift.level < Level::High) {
            if let Some(finding) = &drift.finding {
                accepted.push(plain(
                    finding.clone(),
                    finding_content(drift),
                    judgement.surface.file.to_path_buf(),
                ));
            }
        }
    }
    accepted
}

/// What was approved and is no longer there: a capture takes the present state, so that too.
fn gone(report: &Report) -> impl Iterator<Item = Acceptance> {
    report
        .judgements
        .iter()
        .filter(|judgement| judgement.observed.is_none() && judgement.ruled_by.is_none())
        .filter(|judgement| {
            judgement.drifts.iter().any(|drift| drift.finding.is_none())
                && matches!(
                    judgement.subject,
                    Subject::Server { .. } | Subject::Setting { .. } | Subject::File(_) | Subject::Managed(_)
                )
                && judgement.drifts.iter().all(|drift| {
                    use crate::model::kind::DriftKind;
                    !matches!(drift.kind, DriftKind::ConfigUnreadable | DriftKind::ConfigUnparsable)
                })
        })
        .map(|judgement| plain(judgement.subject.clone(), Value::Null, judgement.surface.file.to_path_buf()))
}

fn plain(subject: Subject, content: Value, file: PathBuf) -> Acceptance {
    Acceptance { subject, content, raw: Secret::new(""), file }
}
