//! What is said about one setting, given what the baseline says of it.

use super::difference::{Difference, one_line};
use crate::model::approval::Approval;
use crate::model::drift::{Drift, Judgement, Source};
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::secret::Secret;
use crate::model::setting::{Setting, SettingKind, is_list_of_what_is_allowed};
use crate::model::subject::Subject;
use crate::model::surface::Surface;
use crate::model::template::Template;
use crate::model::value::Value;
use crate::model::variables::{is_command, is_injecting, is_redirecting, is_routing};
use crate::model::verdict::ContentVerdict;
use std::collections::BTreeSet;

/// Judges one setting. `steers` are the variables that decide where a server is or what it runs.
pub fn judge_setting(
    setting: &Setting,
    verdict: &ContentVerdict<'_>,
    steers: &BTreeSet<String>,
) -> Judgement {
    let (expected, source, baseline, ruled_by) = match verdict {
        ContentVerdict::Ruled { template, expected } => (
            Some((*expected).clone()),
            Source::Template,
            Some(template.name.clone()),
            Some(template.name.clone()),
        ),
        ContentVerdict::Differs { approval } => {
            (Some(approval.content.clone()), Source::Approval, Some(approval.id.to_string()), None)
        }
        ContentVerdict::Approved { approval } => {
            (Some(setting.value.clone()), Source::Approval, Some(approval.id.to_string()), None)
        }
        ContentVerdict::Unknown => (None, Source::Approval, None, None),
    };
    let expected = expected.filter(|value| *value != Value::Null);
    let found = difference(setting.kind, &setting.key, expected.as_ref(), Some(&setting.value), steers);
    Judgement {
        subject: Subject::setting(setting),
        surface: setting.surface.clone(),
        project: setting.project.as_deref().map(std::path::Path::to_path_buf),
        server: None,
        line: None,
        expected,
        observed: Some(setting.value.clone()),
        raw: Secret::new(""),
        drifts: found.into_iter().map(|difference| difference.from(source, baseline.clone())).collect(),
        ruled_by,
    }
}

/// A plugin's setting that is the same as in the directory of another version of that plugin.
pub fn moved_hook(setting: &Setting, approval: &Approval) -> Drift {
    let shown = Some(one_line(&setting.value));
    Difference::new(
        DriftKind::HookChanged,
        &setting.key,
        "the same commands come from another directory of this plugin",
    )
    .at(Level::Low)
    .between(shown.clone(), shown)
    .from(Source::Approval, Some(approval.id.to_string()))
}

/// Judges an approved setting that is no longer there.
pub fn judge_missing_setting(
    approval: &Approval,
    key: &str,
    surface: Surface,
    steers: &BTreeSet<String>,
) -> Option<Judgement> {
    let kind = SettingKind::of_key(key)?;
    let found =
        difference(kind, key, Some(&approval.content).filter(|value| **value != Value::Null), None, steers)?;
    let project = match &approval.subject {
        Subject::Setting { project, .. } => project.clone(),
        _ => None,
    };
    Some(Judgement {
        subject: approval.subject.clone(),
        surface,
        project,
        server: None,
        line: None,
        expected: Some(approval.content.clone()),
        observed: None,
        raw: Secret::new(""),
        drifts: vec![found.from(Source::Approval, Some(approval.id.to_string()))],
        ruled_by: None,
    })
}

/// Judges a setting that a template expects and no file has. One that is expected to be off is: nothing says
/// otherwise.
pub fn judge_expected_setting(
    template: &Template,
    key: &str,
    expected: &Value,
    surface: Surface,
    steers: &BTreeSet<String>,
) -> Option<Judgement> {
    let kind = SettingKind::of_key(key)?;
    let found = difference(kind, key, Some(expected), None, steers).filter(|_| has_effect(expected))?;
    Some(Judgement {
        subject: Subject::Setting { file: surface.file.to_path_buf(), project: None, key: key.to_owned() },
        surface,
        project: None,
        server: None,
        line: None,
        expected: Some(expected.clone()),
        observed: None,
        raw: Secret::new(""),
        drifts: vec![found.from(Source::Template, Some(template.name.clone()))],
        ruled_by: Some(template.name.clone()),
    })
}

fn has_effect(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::List(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}

/// Trust granted to several directories at once, or to one that is not there, is what an attack looks like.
pub fn raise_trust(judgements: &mut [Judgement], exists: &dyn Fn(&std::path::Path) -> bool) {
    let grants =
        |judgement: &Judgement| judgement.drifts.iter().any(|drift| drift.kind == DriftKind::TrustGranted);
    let several = judgements.iter().filter(|judgement| grants(judgement)).count() > 1;
    for judgement in judgements.iter_mut().filter(|judgement| grants(judgement)) {
        let absent = judgement.project.as_ref().is_some_and(|project| !exists(project));
        for drift in judgement.drifts.iter_mut().filter(|drift| drift.kind == DriftKind::TrustGranted) {
            if several || absent {
                drift.level = Level::Medium;
                let why = if absent { "the directory is not there" } else { "several were trusted at once" };
                drift.summary = format!("{}; {why}", drift.summary);
            }
        }
    }
}

/// How a setting differs, if it does in a way that matters: less trust and fewer permissions are silent.
fn difference(
    kind: SettingKind,
    key: &str,
    expected: Option<&Value>,
    observed: Option<&Value>,
    steers: &BTreeSet<String>,
) -> Option<Difference> {
    if expected == observed {
        return None;
    }
    let say = |kind, summary: &str| {
        Difference::new(kind, key, summary).between(expected.map(one_line), observed.map(one_line))
    };
    Some(match kind {
        SettingKind::Hook => say(
            DriftKind::HookChanged,
            match (expected, observed) {
                (None, _) => "a command runs at this event that nobody approved",
                (_, None) => "a hook that was approved is gone",
                _ => "other commands run at this event",
            },
        ),
        SettingKind::Helper => {
            say(DriftKind::HelperChanged, "a command that the client runs by itself changed")
        }
        SettingKind::StatusLine => {
            say(DriftKind::HelperChanged, "the command behind the status line changed").at(Level::Medium)
        }
        SettingKind::Variable => variable(key, steers, say),
        SettingKind::Permission if widens_permission(key, expected, observed) => {
            say(DriftKind::PermissionsWidened, "tools may do more without asking")
        }
        SettingKind::Approval if key == "forceLoginGatewayUrl" => {
            say(DriftKind::SettingsRedirect, "another gateway is asked for the login")
        }
        SettingKind::Approval if widens_approval(key, expected, observed) => {
            say(DriftKind::ApprovalWidened, "more servers, plugins or keys are accepted without asking")
        }
        SettingKind::Trust if is_true(observed) && !is_true(expected) => {
            say(DriftKind::TrustGranted, "this directory's own settings are believed from now on")
        }
        SettingKind::Defense if weakens_defense(key, expected, observed) => {
            say(DriftKind::DefenseDisabled, "a protection was switched off")
        }
        _ => return None,
    })
}

/// Whether a flag counts as set: to JavaScript anything does that is not nothing.
fn is_true(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::Number(number)) => *number != 0.0,
        Some(Value::Text(text)) => !text.reveal().is_empty(),
        Some(_) => true,
    }
}

fn variable(key: &str, steers: &BTreeSet<String>, say: impl Fn(DriftKind, &str) -> Difference) -> Difference {
    let name = key.strip_prefix("env.").unwrap_or(key);
    if is_command(name) {
        say(DriftKind::HelperChanged, "a variable names a command that the client runs")
    } else if is_redirecting(name) || is_routing(name) {
        say(
            DriftKind::SettingsRedirect,
            "a variable decides where the client's traffic goes or what it trusts",
        )
    } else if is_injecting(name) {
        say(DriftKind::EnvInjected, "a variable decides what every started program loads")
    } else if steers.contains(name) {
        say(DriftKind::SettingsRedirect, "a variable moves where a server is or what it runs")
    } else {
        say(DriftKind::EnvChanged, "a variable that the client hands on changed")
    }
}

fn items(value: Option<&Value>) -> BTreeSet<String> {
    match value {
        Some(Value::List(items)) => items.iter().map(|item| item.revealed().to_string()).collect(),
        Some(Value::Object(members)) => {
            members.iter().map(|(name, value)| format!("{name}={}", value.revealed())).collect()
        }
        Some(Value::Null) | None => BTreeSet::new(),
        Some(scalar) => BTreeSet::from([scalar.revealed().to_string()]),
    }
}

fn gains(expected: Option<&Value>, observed: Option<&Value>) -> bool {
    !items(observed).is_subset(&items(expected))
}

fn widens_permission(key: &str, expected: Option<&Value>, observed: Option<&Value>) -> bool {
    match key {
        "permissions.deny"
        | "permissions.ask"
        | "permissions.disableBypassPermissionsMode"
        | "permissions.disableAutoMode" => gains(observed, expected),
        "permissions.defaultMode" => mode_rank(observed) > mode_rank(expected),
        "sandbox.enabled" => is_true(expected) && !is_true(observed),
        _ if key.starts_with("sandbox.") => true,
        _ => gains(expected, observed),
    }
}

/// How much a permission mode lets pass. One that is not known counts as much.
fn mode_rank(value: Option<&Value>) -> u8 {
    match value.and_then(Value::as_text).map(|text| text.reveal()).as_deref() {
        Some("plan") => 0,
        None | Some("default") => 1,
        Some("acceptEdits") => 2,
        Some("auto" | "dontAsk") => 3,
        Some(_) => 4,
    }
}

fn widens_approval(key: &str, expected: Option<&Value>, observed: Option<&Value>) -> bool {
    match key {
        "disabledMcpjsonServers" | "disabledMcpServers" | "deniedMcpServers" => gains(observed, expected),
        // Without the list everything is allowed.
        "allowedMcpServers" => observed.is_none() || expected.is_some() && gains(expected, observed),
        "enabledPlugins" => {
            let on = |value: Option<&Value>| -> BTreeSet<String> {
                let members = value.and_then(Value::as_object).into_iter().flatten();
                let on = members.filter(|(_, on)| **on != Value::Bool(false));
                on.map(|(name, versions)| format!("{name} {}", versions.revealed())).collect()
            };
            !on(observed).is_subset(&on(expected))
        }
        _ if key.starts_with("marketplaces.") => observed.is_some(),
        _ => gains(expected, observed),
    }
}

fn weakens_defense(key: &str, expected: Option<&Value>, observed: Option<&Value>) -> bool {
    match key {
        "disableAllHooks" => observed.is_some_and(|value| *value != Value::Bool(false)),
        _ if is_list_of_what_is_allowed(key) => {
            expected.is_some() && (observed.is_none() || gains(expected, observed))
        }
        _ => expected.is_some() && gains(observed, expected),
    }
}
