//! How `env` and `headers` differ, name by name.

use super::difference::{Difference, one_line};
use crate::model::command::urls_in;
use crate::model::endpoint::Endpoint;
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
            let moved = before.is_some() && hosts(before) != hosts(after);
            let what = if moved { "now leads to another place" } else { what };
            let level = if moved { Level::Medium } else { Level::Low };
            Difference::new(DriftKind::EnvChanged, "", format!("the variable {} {what}", name.escape_debug()))
                .at(level)
        }
    })
}

/// Differences between two `headers` objects. Header names have no case.
pub(super) fn headers(before: Option<&Value>, after: Option<&Value>) -> Vec<Difference> {
    per_name("headers", before, after, true, |name, before, after| {
        let references = |value: Option<&Value>| Some(names(&value?.as_text()?.reveal()));
        let rotated = references(before).is_some() && references(before) == references(after);
        let level = if rotated { Level::Low } else { Level::Medium };
        let summary = format!("the header {} {}", name.escape_debug(), change(before, after));
        Difference::new(DriftKind::HeadersChanged, "", summary).at(level)
    })
}

/// The hosts that a value leads to.
fn hosts(value: Option<&Value>) -> Vec<String> {
    let words = value.and_then(Value::as_text).map(|text| vec![text.reveal()]).unwrap_or_default();
    urls_in(&words).into_iter().filter_map(Endpoint::parse).map(|endpoint| endpoint.host).collect()
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
            let (old, new) = (old.get(name), new.get(name));
            let mut difference = judge(name, old, new).between(old.map(one_line), new.map(one_line));
            difference.field = format!("{field}.{name}");
            difference
        })
        .collect()
}

/// The members by name; nothing at all counts as none. A name that stands there in two spellings has both
/// values: which of them counts is for the server to say.
fn object(value: Option<&Value>, fold_case: bool) -> Option<BTreeMap<String, Value>> {
    let mut members: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    if let Some(value) = value {
        for (name, value) in value.as_object()? {
            let name = if fold_case { name.to_ascii_lowercase() } else { name.clone() };
            members.entry(name).or_default().push(value);
        }
    }
    let one_or_all = |values: Vec<&Value>| match values.as_slice() {
        [one] => (*one).clone(),
        all => Value::List(all.iter().map(|value| (*value).clone()).collect()),
    };
    Some(members.into_iter().map(|(name, values)| (name, one_or_all(values))).collect())
}
