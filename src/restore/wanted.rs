//! What one entry should say, and the proof that the client reads it so. Must not know which file it is put into.

use super::canonical::canonical;
use super::{Ground, Trust};
use crate::baseline::Baseline;
use crate::model::approval::Approval;
use crate::model::drift::{Judgement, Source};
use crate::model::kind::DriftKind;
use crate::model::secret::Secret;
use crate::model::subject::Subject;
use crate::model::surface::Surface;
use crate::model::value::Value;
use crate::splice::{Change, splice};
use crate::surface::claude_code;

/// What an entry should be, and on whose word; no text: it should not be there.
#[derive(Debug, PartialEq)]
pub(super) struct Wanted {
    pub(super) text: Option<Secret>,
    pub(super) ground: Ground,
}

/// What the subject of this judgement should say.
pub(super) fn wanted(judgement: &Judgement, baseline: &Baseline, trust: Trust) -> Result<Wanted, String> {
    let said = || judgement.drifts.iter().filter(|drift| drift.source != Source::Lint);
    if said().next().is_none() {
        return Err(
            "nothing else was approved that could be put back: approve it, or change it by hand".into()
        );
    }
    let is_unwanted =
        |kind| matches!(kind, DriftKind::ServerAdded | DriftKind::ServerDenied | DriftKind::ServerShadowed);
    let template =
        said().find(|drift| drift.source == Source::Template).and_then(|drift| drift.baseline.clone());
    let ruled = template.clone().map_or(Ground::Nobody, Ground::Template);
    if judgement.observed.is_some() && said().any(|drift| is_unwanted(drift.kind)) {
        return Ok(Wanted { text: None, ground: ruled });
    }
    if template.is_some() {
        return match &judgement.expected {
            Some(expected) => Ok(Wanted { text: Some(printed(expected)?), ground: ruled }),
            None if judgement.observed.is_some() => Ok(Wanted { text: None, ground: ruled }),
            None => Err("the template requires it and does not say what it is".into()),
        };
    }
    let Some(number) = said().find_map(|drift| drift.baseline.as_deref()) else {
        return Ok(Wanted { text: None, ground: Ground::Nobody });
    };
    let approval = baseline.approvals.iter().find(|approval| approval.id.to_string() == number);
    let approval = approval.ok_or_else(|| format!("approval {number} is no longer there"))?;
    if approval.subject != judgement.subject {
        return Err("the entry itself is as it was approved, in another place".into());
    }
    if trust == Trust::Administrators && !is_administrators(approval) {
        return Err(format!(
            "{} approved that for themselves, and root does not put it back without being asked: \
             name it in a template, or approve it as root",
            approval.by
        ));
    }
    let ground = Ground::Approval(approval.id);
    match (&approval.content, approval.raw.reveal()) {
        (Value::Null, _) => Ok(Wanted { text: None, ground }),
        (content, "") => Ok(Wanted { text: Some(printed(content)?), ground }),
        (_, _) => Ok(Wanted { text: Some(approval.raw.clone()), ground }),
    }
}

/// Whether root, or somebody as root, gave it. Of one that was given before that was recorded nobody knows.
fn is_administrators(approval: &Approval) -> bool {
    approval.uid == Some(0)
}

fn printed(content: &Value) -> Result<Secret, String> {
    canonical(content)
        .map(Secret::new)
        .ok_or_else(|| "only a fingerprint of it was kept, not what it says".into())
}

/// Proves that this text at this place is read by the client as what was expected.
pub(super) fn prove(
    judgement: &Judgement,
    surface: &Surface,
    path: &[&str],
    wanted: &Wanted,
) -> Result<(), String> {
    let (Some(text), Some(expected)) = (&wanted.text, &judgement.expected) else { return Ok(()) };
    let unproven = || "what was kept of it does not read back as what was approved".to_owned();
    let spliced = splice(b"{}", path, Change::Set(text.reveal())).map_err(|error| error.to_string())?;
    let document = String::from_utf8(spliced.bytes).map_err(|_| unproven())?;
    let found = claude_code::extract(surface, &document).map_err(|_| unproven())?;
    let says = match &judgement.subject {
        Subject::Server { name, .. } => {
            found.servers.iter().find(|server| server.name == *name).map(|server| server.entry.to_value())
        }
        Subject::Setting { key, .. } => {
            found.settings.iter().find(|setting| setting.key == *key).map(|setting| setting.value.clone())
        }
        _ => None,
    };
    // What is off, or empty, is no setting at all.
    let is_so = says.as_ref() == Some(expected) || (says.is_none() && is_nothing(expected));
    if is_so && found.rejected.is_none() { Ok(()) } else { Err(unproven()) }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::List(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}
