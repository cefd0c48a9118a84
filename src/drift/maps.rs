//! How `env` and `headers` differ, name by name.

use super::difference::{Difference, one_line};
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::value::Value;
use crate::model::variables::{is_injecting, names};
use std::collections::{BTreeMap, BTreeSet};

/// Differences between two `env` objects.
pub(super) fn variables(before: Option<&Value>, after: Option<&Value>) -> Vec<Difference> {
    per_name("env", before, after, false, |name, before, after| {
        let what = change(before, after);
        if is_injecting(name) {
            let level = if after.is_some() { Level::High } else { Level::Low };
            let kind = if after.is_some() { DriftKind::EnvInjected } else { DriftKind::EnvChanged };
            let summary =
                format!("{} {what}: it decides what programs load, run or trust", name.escape_debug());
            Difference::new(kind, "", summary).at(level)
        } else {
            Difference::new(DriftKind::EnvChanged, "", format!("the variable {} {what}", name.escape_debug()))
        }
    })
}

/// Differences between two `headers` objects. Header names have no case.
pub(super) fn headers(before: Option<&Value>, after: Option<&Value>) -> Vec<Difference> {
    per_name("headers", before, after, true, |name, before, after| {
        let references = |value: Option<&Value>| {
            value.and_then(Value::as_text).map(|text| names(&text.reveal())).unwrap_or_default()
        };
        let rotated = before.is_some() && after.is_some() && references(before) == references(after);
        let level = if rotated { Level::Low } else { Level::Medium };
        let summary = format!("the header {} {}", name.escape_debug(), change(before, after));
        Difference::new(DriftKind::HeadersChanged, "", summary).at(level)
    })
}

fn change(before: Option<&Value>, after: Option<&Value>) -> &'static str {
    match (before, after) {
        (None, _) => "was added",
        (_, None) => "was removed",
        _ => "has another value",
    }
}

fn per_name(
    field: &str,
    before: Option<&Value>,
    after: Option<&Value>,
    fold_case: bool,
    judge: impl Fn(&str, Option<&Value>, Option<&Value>) -> Difference,
) -> Vec<Difference> {
    let (Some(old), Some(new)) = (object(before, fold_case), object(after, fold_case)) else {
        let summary = format!("{field} is no object of names and values");
        let kind = if field == "env" { DriftKind::EnvChanged } else { DriftKind::HeadersChanged };
        return vec![
            Difference::new(kind, field, summary).between(before.map(one_line), after.map(one_line)),
        ];
    };
    let all: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    all.into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| {
            let (old, new) = (old.get(name).copied(), new.get(name).copied());
            let mut difference = judge(name, old, new).between(old.map(one_line), new.map(one_line));
            difference.field = format!("{field}.{name}");
            difference
        })
        .collect()
}

/// The members by name; nothing at all counts as none.
fn object(value: Option<&Value>, fold_case: bool) -> Option<BTreeMap<String, &Value>> {
    match value {
        None => Some(BTreeMap::new()),
        Some(value) => Some(
            value
                .as_object()?
                .iter()
                .map(|(name, value)| {
                    (if fold_case { name.to_ascii_lowercase() } else { name.clone() }, value)
                })
                .collect(),
        ),
    }
}
