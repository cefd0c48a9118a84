//! pnpm: `node_modules/.modules.yaml`, which is JSON since version 9 and was YAML before.

use super::reading::{Circumstances, Problem, Reading, install, json, name_and_version, put};
use crate::model::install::{Manager, Package};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

pub(super) fn modules(file: &Path, bytes: &[u8], around: &Circumstances) -> Reading {
    let text = String::from_utf8_lossy(bytes);
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let (packages, pruned) = if start.starts_with('{') {
        match json(file, bytes) {
            Ok(document) => of_json(&document),
            Err(problem) => return Reading::refused(problem),
        }
    } else {
        match of_yaml(file, &text) {
            Ok(found) => found,
            Err(problem) => return Reading::refused(problem),
        }
    };
    let project = file.parent().and_then(Path::parent);
    let mut install = install(Manager::Pnpm, file, project, around);
    install.started = pruned.filter(|pruned| install.ended.is_none_or(|ended| *pruned <= ended));
    let packages = packages.into_iter().filter_map(|(spec, scripts)| {
        let (name, version) = name_and_version(&spec);
        Package::new(name, version).map(|package| package.scripts(scripts))
    });
    put(&mut install, packages.collect());
    Reading::of(install)
}

type Found = (BTreeMap<String, Option<bool>>, Option<Timestamp>);

fn of_json(document: &Value) -> Found {
    let keys = |name: &str| document.get(name).and_then(Value::as_object).into_iter().flatten();
    let list = |name: &str| document.get(name).and_then(Value::as_array).into_iter().flatten();
    let mut packages = BTreeMap::new();
    for (spec, _) in keys("hoistedDependencies") {
        packages.insert(plain(spec), None);
    }
    for (spec, allowed) in keys("allowBuilds") {
        packages.insert(plain(spec), (allowed == &Value::Bool(true)).then_some(true));
    }
    for spec in list("pendingBuilds").chain(list("ignoredBuilds")).filter_map(Value::as_str) {
        packages.insert(plain(spec), Some(true));
    }
    (packages, document.get("prunedAt").and_then(Value::as_str).and_then(time))
}

/// Of the YAML only the top level, its maps' keys and its lists' items are looked at.
fn of_yaml(file: &Path, text: &str) -> Result<Found, Problem> {
    let mut packages = BTreeMap::new();
    let mut pruned = None;
    let mut section = String::new();
    for (number, line) in text.lines().enumerate() {
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') || content == "---" {
            continue;
        }
        if line.starts_with('\t') {
            return Err(Problem::at(file, number + 1, "a tab does not indent YAML"));
        }
        let is_inside = line.starts_with(' ') || content.starts_with("- ");
        if !is_inside {
            let Some((key, value)) = content.split_once(':') else {
                return Err(Problem::at(file, number + 1, "a key without a colon"));
            };
            section = key.trim().to_owned();
            if section == "prunedAt" {
                pruned = time(unquoted(value.trim()));
            }
        } else if matches!(section.as_str(), "pendingBuilds" | "ignoredBuilds") {
            let item = content.strip_prefix("- ").unwrap_or(content);
            packages.insert(plain(unquoted(item)), Some(true));
        } else if section == "hoistedDependencies" && !line.starts_with("   ") {
            let key = content.trim_end_matches(':');
            packages.entry(plain(unquoted(key))).or_insert(None);
        }
    }
    if section.is_empty() {
        return Err(Problem::at(file, 1, "there is nothing in it"));
    }
    Ok((packages, pruned))
}

/// `/left-pad@1.3.0(peer)` → `left-pad@1.3.0`.
fn plain(spec: &str) -> String {
    spec.trim_start_matches('/').split('(').next().unwrap_or_default().to_owned()
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\''])
}

fn time(text: &str) -> Option<Timestamp> {
    Some(rfc2822::parse(text).ok()?.timestamp())
}
