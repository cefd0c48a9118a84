//! Accepting, on somebody's terms: what a check would accept becomes what the journal records. Knows nothing of
//! how things are found or kept.

use crate::check::{Acceptance, Report, acceptance};
use crate::compose::Caller;
use crate::journal::NewApproval;
use crate::model::drift::{Drift, Judgement, Source};
use crate::model::event::Event;
use crate::model::subject::Subject;
use jiff::Timestamp;

/// Who accepts, and on what terms.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// The person.
    pub(crate) by: Caller,
    /// Why.
    pub(crate) reason: Option<String>,
    /// Until when.
    pub(crate) expires: Option<Timestamp>,
    /// The event it is approved from.
    pub(crate) event: Option<String>,
}

/// Whether accepting can make this drift go away: a file that cannot be read is never in order.
pub(crate) fn is_acceptable(judgement: &Judgement, drift: &Drift) -> bool {
    !is_ruled(judgement, drift) && (drift.source != Source::Lint || drift.finding.is_some())
}

/// Whether only the template's keeper can make this drift go away.
pub(crate) fn is_ruled(judgement: &Judgement, drift: &Drift) -> bool {
    judgement.ruled_by.is_some() && drift.source != Source::Lint
}

/// What accepting these drifts of one judgement accepts. Its content goes with any drift of it; a finding only
/// when it is among them.
pub(crate) fn of_drifts(judgement: &Judgement, drifts: &[&Drift], report: &Report) -> Vec<Acceptance> {
    let takes_content = drifts.iter().any(|drift| drift.source != Source::Lint);
    acceptance(judgement, report)
        .into_iter()
        .filter(|accepted| match &accepted.subject {
            finding @ Subject::Finding { .. } => {
                drifts.iter().any(|drift| drift.finding.as_ref() == Some(finding))
            }
            _ => takes_content,
        })
        .collect()
}

impl Terms {
    /// Says in an event who accepts, why and until when.
    pub(crate) fn describe(&self, event: &mut Event) {
        event.set("mcpwatch.approval.by", self.by.to_string());
        event.set("mcpwatch.approval.uid", self.by.uid.to_string());
        event.set_some("mcpwatch.approval.reason", self.reason.clone());
        event.set_some("mcpwatch.approval.expires", self.expires.map(|expires| expires.to_string()));
    }

    /// What the journal records.
    pub(crate) fn approval(&self, accepted: Acceptance) -> NewApproval {
        NewApproval {
            subject: accepted.subject,
            content: accepted.content,
            raw: accepted.raw,
            file: accepted.file,
            by: self.by.to_string(),
            uid: Some(self.by.account),
            reason: self.reason.clone(),
            expires: self.expires,
            event: self.event.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::samples::{HOME, drift, server};
    use crate::model::inventory::Inventory;
    use crate::model::kind::DriftKind;
    use crate::model::surface::Scope;

    #[test]
    fn a_finding_is_accepted_only_when_it_is_meant() {
        let report = Report { home: HOME.into(), judgements: vec![], inventory: Inventory::default() };
        let mut judgement = server("linear", Scope::User, None);
        let mut finding = drift(DriftKind::EndpointSuspicious, Source::Lint);
        finding.finding =
            Some(Subject::Finding { kind: finding.kind, about: "user server linear url.host".into() });
        judgement.drifts.push(finding);
        let all: Vec<&Drift> = judgement.drifts.iter().collect();
        let subjects = |drifts: &[&Drift]| -> Vec<Subject> {
            of_drifts(&judgement, drifts, &report).into_iter().map(|accepted| accepted.subject).collect()
        };
        let finding = judgement.drifts[1].finding.clone().unwrap();
        assert_eq!(subjects(&all), [judgement.subject.clone(), finding.clone()]);
        assert_eq!(subjects(&all[..1]), [judgement.subject.clone()]);
        assert_eq!(subjects(&all[1..]), [finding]);
    }

    #[test]
    fn what_is_ruled_or_cannot_be_read_cannot_be_accepted() {
        let mut judgement = server("linear", Scope::User, None);
        assert!(is_acceptable(&judgement, &judgement.drifts[0]));
        assert!(!is_acceptable(&judgement, &drift(DriftKind::ConfigUnreadable, Source::Lint)));
        judgement.ruled_by = Some("acme".into());
        assert!(
            is_ruled(&judgement, &judgement.drifts[0]) && !is_acceptable(&judgement, &judgement.drifts[0])
        );
    }
}
