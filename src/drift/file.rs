//! What is said about a surface itself: that it is there, readable, and still the file it was.

use super::difference::{Difference, one_line};
use crate::model::approval::Approval;
use crate::model::drift::{Drift, Judgement, Source};
use crate::model::inventory::SurfaceReading;
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::secret::Secret;
use crate::model::subject::Subject;
use crate::model::surface::{FileFacts, Scope, SurfaceState};
use crate::model::text::Text;
use crate::model::value::{Members, Value};
use crate::model::verdict::ContentVerdict;
use std::path::Path;

/// What must be known of the machine to judge a file.
pub struct FileRules<'a> {
    /// The owner that the files of this home should have, where known.
    pub owner: Option<u32>,
    /// Whether a group has nobody but that owner in it.
    pub is_private_group: &'a dyn Fn(u32) -> bool,
}

/// The identity of a file, as an approval keeps it: where it links to, its owner, whether it has other names.
pub fn file_content(facts: &FileFacts) -> Value {
    Value::Object(Members::from_iter([
        (
            "link".to_owned(),
            facts.link_target.as_ref().map_or(Value::Null, |path| Value::plain(path.to_string_lossy())),
        ),
        ("owner".to_owned(), Value::Number(f64::from(facts.owner))),
        ("hardLinks".to_owned(), Value::Bool(facts.hard_links > 1)),
    ]))
}

/// Judges a surface. `approval` is what was approved of the file's identity; `protects` says whether hooks or
/// denials that were approved stand in it, which go when it goes.
pub fn judge_file(
    reading: &SurfaceReading,
    approval: Option<&Approval>,
    protects: bool,
    rules: &FileRules<'_>,
) -> Judgement {
    let mut judgement = blank(reading, Subject::File(reading.surface.file.to_path_buf()));
    let about = reading.surface.file.display().to_string();
    match &reading.state {
        SurfaceState::Missing => {
            if let Some(approval) = approval {
                judgement.expected = Some(approval.content.clone());
                judgement.drifts.push(
                    Difference::new(
                        DriftKind::ConfigMissing,
                        "file",
                        format!("a file that was there is gone{}", and_with_it(protects)),
                    )
                    .at(level_without(reading, protects, DriftKind::ConfigMissing))
                    .from(Source::Approval, Some(approval.id.to_string())),
                );
            }
        }
        SurfaceState::Unreadable(why) => judgement.drifts.push(
            Difference::new(
                DriftKind::ConfigUnreadable,
                "file",
                format!("this file cannot be checked: {why}"),
            )
            .from(Source::Lint, None),
        ),
        SurfaceState::Unparsable(why) => judgement.drifts.push(
            Difference::new(
                DriftKind::ConfigUnparsable,
                "file",
                format!("the client would not take this file: {why}{}", and_with_it(protects)),
            )
            .at(level_without(reading, protects, DriftKind::ConfigUnparsable))
            .from(Source::Lint, None),
        ),
        SurfaceState::Read => {}
    }
    if let Some(facts) = &reading.facts {
        judgement.observed = Some(file_content(facts));
        judgement.drifts.extend(identity(facts, approval, rules, &about));
        judgement.drifts.extend(permissions(facts, reading.surface.scope, rules, &about));
    }
    for duplicate in &reading.duplicates {
        let path: Vec<String> = duplicate.path.iter().map(|name| name.escape_debug().to_string()).collect();
        let summary =
            format!("this key stands more than once; the client takes the last, on line {}", duplicate.line);
        judgement
            .drifts
            .push(Difference::new(DriftKind::DuplicateKey, path.join("."), summary).found(about.clone()));
    }
    judgement
}

fn and_with_it(protects: bool) -> &'static str {
    if protects { "; hooks or denials that were approved go with it" } else { "" }
}

fn level_without(reading: &SurfaceReading, protects: bool, kind: DriftKind) -> Level {
    match (reading.surface.scope, protects) {
        (Scope::Managed, _) if kind == DriftKind::ConfigUnparsable => Level::Critical,
        (_, true) => Level::High,
        _ => kind.default_level(),
    }
}

/// A finding: the client takes this file instead of the one that it is known for.
pub fn stands_in(reading: &SurfaceReading) -> Drift {
    Difference::new(
        DriftKind::ConfigReplaced,
        "file",
        "the client takes this file, which few know of, and leaves .claude.json alone",
    )
    .found(reading.surface.file.display().to_string())
}

/// Judges the content of a managed file.
pub fn judge_managed(reading: &SurfaceReading, verdict: &ContentVerdict<'_>) -> Judgement {
    let mut judgement = blank(reading, Subject::Managed(reading.surface.file.to_path_buf()));
    judgement.observed.clone_from(&reading.content);
    let (expected, baseline, summary) = match verdict {
        ContentVerdict::Approved { .. } | ContentVerdict::Ruled { .. } => return judgement,
        ContentVerdict::Differs { approval } => {
            let summary =
                if reading.content.is_some() { "a managed file changed" } else { "a managed file is gone" };
            (Some(approval.content.clone()), Some(approval.id.to_string()), summary)
        }
        ContentVerdict::Unknown => (None, None, "a managed file appeared that nobody approved"),
    };
    judgement
        .drifts
        .push(Difference::new(DriftKind::DefenseDisabled, "file", summary).from(Source::Approval, baseline));
    judgement.expected = expected.filter(|value| *value != Value::Null);
    judgement
}

fn blank(reading: &SurfaceReading, subject: Subject) -> Judgement {
    Judgement {
        subject,
        surface: reading.surface.clone(),
        project: reading.surface.project.as_deref().map(Path::to_path_buf),
        server: None,
        line: None,
        expected: None,
        observed: None,
        raw: Secret::new(""),
        drifts: Vec::new(),
        ruled_by: None,
    }
}

fn identity(
    facts: &FileFacts,
    approval: Option<&Approval>,
    rules: &FileRules<'_>,
    about: &str,
) -> Vec<Drift> {
    let now = file_content(facts);
    let mut found = Vec::new();
    match approval {
        Some(approval) => {
            for (field, summary) in [
                ("link", "what this path leads to changed"),
                ("owner", "the file belongs to somebody else"),
                ("hardLinks", "the file has other names now"),
            ] {
                let (before, after) = (approval.content.get(field), now.get(field));
                if before == after || field == "link" && same_store(before, after) {
                    continue;
                }
                let was_link_is_file = field == "link" && after == Some(&Value::Null);
                let fewer_names = field == "hardLinks" && after == Some(&Value::Bool(false));
                if fewer_names {
                    continue;
                }
                let level = if was_link_is_file { Level::Medium } else { Level::High };
                found.push(
                    Difference::new(DriftKind::ConfigReplaced, field, summary)
                        .at(level)
                        .between(before.map(one_line), after.map(one_line))
                        .from(Source::Approval, Some(approval.id.to_string())),
                );
            }
        }
        None => {
            let mut lint = |field: &str, summary: &str| {
                found.push(
                    Difference::new(DriftKind::ConfigReplaced, field, summary)
                        .between(None, now.get(field).map(one_line))
                        .found(about.to_owned()),
                );
            };
            if facts.hard_links > 1 {
                lint("hardLinks", "the file has other names; who can write one of them writes this one");
            }
            if rules.owner.is_some_and(|owner| facts.owner != owner && facts.owner != 0) {
                lint("owner", "the file does not belong to the owner of this home");
            }
        }
    }
    found
}

/// Nix moves its links at every generation; what they lead to cannot be written by anybody.
fn same_store(before: Option<&Value>, after: Option<&Value>) -> bool {
    let in_store = |value: Option<&Value>| {
        value.and_then(Value::as_text).is_some_and(|text| Path::new(&text.reveal()).starts_with("/nix/store"))
    };
    in_store(before) && in_store(after)
}

/// Group-writable is harmless where the group is the owner's own (a umask of 002). Modes mean nothing on a
/// file system that gives 0777 to everything, as WSL does: there the owner is checked and nothing else.
fn permissions(facts: &FileFacts, scope: Scope, rules: &FileRules<'_>, about: &str) -> Option<Drift> {
    let flat = facts.mode & 0o777 == 0o777;
    let others = facts.mode & 0o002 != 0 && !flat;
    let group = facts.mode & 0o020 != 0 && !flat && !(rules.is_private_group)(facts.group);
    if !others && !group {
        return None;
    }
    let summary = if others {
        "anybody on this machine may write this file"
    } else {
        "a whole group may write this file"
    };
    let level = if scope == Scope::Managed { Level::High } else { Level::Medium };
    Some(
        Difference::new(DriftKind::ConfigPermissions, "mode", summary)
            .at(level)
            .between(None, Some(Text::plain(format!("{:04o}", facts.mode & 0o7777))))
            .found(about.to_owned()),
    )
}
