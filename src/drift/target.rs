//! What is said about a local file that a command, hook or helper runs.

use super::difference::{Difference, one_line};
use crate::model::approval::Approval;
use crate::model::drift::{Drift, Judgement, Source};
use crate::model::inventory::{Activation, Server, Target};
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::secret::Secret;
use crate::model::subject::Subject;
use crate::model::value::Value;
use crate::model::verdict::ContentVerdict;

/// The content of a target, as an approval keeps it.
pub fn target_content(target: &Target) -> Value {
    target.content.map_or(Value::Null, |digest| Value::plain(digest.to_string()))
}

/// A file that a server runs in another directory than the one it was approved in, where it is not the same.
pub fn other_target(server: &Server, target: &Target, approval: &Approval) -> Drift {
    let level = if server.activation == Activation::Pending { Level::Informational } else { Level::Low };
    Difference::new(
        DriftKind::TargetChanged,
        format!("target.{}", target.file.display()),
        "this server was approved in another directory, where the file that it runs has other content",
    )
    .at(level)
    .between(None, Some(one_line(&target_content(target))))
    .from(Source::Approval, Some(approval.id.to_string()))
}

/// Judges a target. One that nothing is known of is silent: the command that names it is not.
pub fn judge_target(target: &Target, verdict: &ContentVerdict<'_>) -> Judgement {
    let observed = target_content(target);
    let mut drifts = Vec::new();
    let mut expected = None;
    if let ContentVerdict::Differs { approval } = verdict {
        expected = Some(approval.content.clone());
        let gone = target.content.is_none();
        let level = if target.inside_project && target.by_server { Level::Informational } else { Level::Low };
        let summary = format!(
            "a file that {} runs {}",
            target.run_by.escape_debug(),
            match (gone, &approval.content) {
                (true, _) => "is gone or cannot be read",
                (false, Value::Null) => "was not there and is now",
                _ => "has other content",
            }
        );
        drifts.push(
            Difference::new(DriftKind::TargetChanged, "content", summary)
                .at(level)
                .between(Some(one_line(&approval.content)), (!gone).then(|| one_line(&observed)))
                .from(Source::Approval, Some(approval.id.to_string())),
        );
    }
    Judgement {
        subject: Subject::Target(target.file.clone()),
        surface: target.surface.clone(),
        project: target.surface.project.as_deref().map(std::path::Path::to_path_buf),
        server: None,
        line: None,
        expected,
        observed: Some(observed),
        raw: Secret::new(""),
        drifts,
        ruled_by: None,
    }
}
