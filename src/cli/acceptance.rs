//! What accepting something means: the approvals that are recorded for it. Records nothing itself.

use crate::drift::{file_content, target_content};
use crate::journal::NewApproval;
use crate::model::drift::{Drift, Judgement, Source};
use crate::model::inventory::{Inventory, Server, SurfaceReading, Target};
use crate::model::secret::Secret;
use crate::model::setting::Setting;
use crate::model::subject::Subject;
use crate::model::value::Value;
use jiff::Timestamp;
use std::path::Path;

/// Who accepts, and on what terms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// The person's name.
    pub(crate) by: String,
    /// Why.
    pub(crate) reason: Option<String>,
    /// Until when.
    pub(crate) expires: Option<Timestamp>,
    /// The event it is approved from.
    pub(crate) event: Option<String>,
}

/// Whether accepting can make this drift go away: a file that cannot be read is never in order.
pub(crate) fn is_acceptable(drift: &Drift) -> bool {
    drift.source != Source::Lint || drift.finding.is_some()
}

/// Whether only the template's keeper can make this drift go away.
pub(crate) fn is_ruled(judgement: &Judgement, drift: &Drift) -> bool {
    judgement.ruled_by.is_some() && drift.finding.is_none()
}

impl Terms {
    /// The approvals that make these drifts of one judgement go away: one of its subject, and one a finding.
    pub(crate) fn of_drifts<'d>(
        &self,
        judgement: &Judgement,
        drifts: impl IntoIterator<Item = &'d Drift>,
    ) -> Vec<NewApproval> {
        let mut approvals: Vec<NewApproval> = Vec::new();
        for drift in drifts {
            let approval = match &drift.finding {
                Some(finding) => {
                    let content = drift.observed.clone().map_or(Value::Null, Value::Text);
                    self.approval(finding.clone(), content, Secret::new(""), &judgement.surface.file)
                }
                None => self.approval(
                    judgement.subject.clone(),
                    judgement.observed.clone().unwrap_or(Value::Null),
                    judgement.raw.clone(),
                    &judgement.surface.file,
                ),
            };
            if !approvals.iter().any(|known| known.subject == approval.subject) {
                approvals.push(approval);
            }
        }
        approvals
    }

    /// The approval of a server as it stands.
    pub(crate) fn of_server(&self, server: &Server) -> NewApproval {
        self.approval(
            Subject::server(server),
            server.entry.to_value(),
            server.raw.clone(),
            &server.surface.file,
        )
    }

    /// The approval of a setting as it stands.
    pub(crate) fn of_setting(&self, setting: &Setting) -> NewApproval {
        self.approval(
            Subject::setting(setting),
            setting.value.clone(),
            Secret::new(""),
            &setting.surface.file,
        )
    }

    /// The approvals of a file's identity, and of a managed file's content.
    pub(crate) fn of_surface(&self, reading: &SurfaceReading) -> Vec<NewApproval> {
        let file = &reading.surface.file;
        let identity = reading.facts.as_ref().map(|facts| (Subject::File(file.clone()), file_content(facts)));
        let content = reading.content.clone().map(|content| (Subject::Managed(file.clone()), content));
        let both = identity.into_iter().chain(content);
        both.map(|(subject, content)| self.approval(subject, content, Secret::new(""), file)).collect()
    }

    /// The approval of a program's content.
    pub(crate) fn of_target(&self, target: &Target) -> NewApproval {
        self.approval(
            Subject::Target(target.file.clone()),
            target_content(target),
            Secret::new(""),
            &target.file,
        )
    }

    /// The approvals of everything that is there.
    pub(crate) fn of_inventory(&self, inventory: &Inventory) -> Vec<NewApproval> {
        let mut approvals: Vec<NewApproval> = Vec::new();
        let all = inventory
            .servers
            .iter()
            .map(|server| self.of_server(server))
            .chain(inventory.settings.iter().map(|setting| self.of_setting(setting)))
            .chain(inventory.surfaces.iter().flat_map(|reading| self.of_surface(reading)))
            .chain(inventory.targets.iter().map(|target| self.of_target(target)));
        for approval in all {
            if !approvals.iter().any(|known| known.subject == approval.subject) {
                approvals.push(approval);
            }
        }
        approvals
    }

    fn approval(&self, subject: Subject, content: Value, raw: Secret, file: &Path) -> NewApproval {
        NewApproval {
            subject,
            content,
            raw,
            file: file.to_path_buf(),
            by: self.by.clone(),
            reason: self.reason.clone(),
            expires: self.expires,
            event: self.event.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::samples::{drift, server};
    use crate::model::kind::DriftKind;
    use crate::model::surface::Scope;

    #[test]
    fn several_drifts_of_one_entry_are_one_approval_and_a_finding_is_its_own() {
        let mut judgement = server("linear", Scope::User, None);
        let mut finding = drift(DriftKind::EndpointSuspicious, Source::Lint);
        finding.finding =
            Some(Subject::Finding { kind: finding.kind, about: "user server linear url.host".into() });
        judgement.drifts.push(drift(DriftKind::EndpointSchemeDowngraded, Source::Approval));
        judgement.drifts.push(finding.clone());
        let terms = Terms { by: "alice".into(), ..Terms::default() };
        let approvals = terms.of_drifts(&judgement, &judgement.drifts);
        assert_eq!(approvals.len(), 2);
        assert_eq!(approvals[0].subject, judgement.subject);
        assert_eq!(Some(&approvals[0].content), judgement.observed.as_ref());
        assert_eq!(Some(&approvals[1].subject), finding.finding.as_ref());
        judgement.ruled_by = Some("acme".into());
        assert!(is_ruled(&judgement, &judgement.drifts[0]) && !is_ruled(&judgement, &finding));
    }

    #[test]
    fn what_cannot_be_read_cannot_be_accepted() {
        assert!(!is_acceptable(&drift(DriftKind::ConfigUnreadable, Source::Lint)));
        assert!(is_acceptable(&drift(DriftKind::ConfigReplaced, Source::Approval)));
    }

    #[test]
    fn absence_is_accepted_too() {
        let mut judgement = server("linear", Scope::User, None);
        judgement.observed = None;
        assert_eq!(Terms::default().of_drifts(&judgement, &judgement.drifts)[0].content, Value::Null);
    }
}
