//! yarn: `.yarn-integrity` of version 1, `.yarn-state.yml` of the later ones. Seen with 1.22 and 4.18.

use super::reading::{Circumstances, Problem, Reading, install, json, name_and_version, put};
use crate::model::install::{Manager, Package};
use serde_json::Value;
use std::path::Path;

pub(super) fn integrity(file: &Path, bytes: &[u8], around: &Circumstances) -> Reading {
    let document = match json(file, bytes) {
        Ok(document) => document,
        Err(problem) => return Reading::refused(problem),
    };
    let Some(entries) = document.get("lockfileEntries").and_then(Value::as_object) else {
        return Reading::refused(Problem::new(file, "it names no packages"));
    };
    // What a package's own scripts have built is listed as its artifacts.
    let built = document.get("artifacts").and_then(Value::as_object);
    let packages = entries.iter().filter_map(|(pattern, resolved)| {
        let (name, _) = name_and_version(pattern);
        let is_built = built.is_some_and(|built| built.keys().any(|spec| name_and_version(spec).0 == name));
        let package = Package::new(name, None)?;
        Some(package.resolved(resolved.as_str()).scripts(is_built.then_some(true)))
    });
    let mut install = install(Manager::Yarn, file, file.parent().and_then(Path::parent), around);
    put(&mut install, packages.collect());
    Reading::of(install)
}

/// `"left-pad@npm:1.3.0":` at the beginning of a line, and below it where it lies.
pub(super) fn state(file: &Path, bytes: &[u8], around: &Circumstances) -> Reading {
    let text = String::from_utf8_lossy(bytes);
    let mut packages = Vec::new();
    let mut has_head = false;
    for (number, line) in text.lines().enumerate() {
        if line.starts_with([' ', '#']) || line.trim().is_empty() {
            continue;
        }
        let Some(key) = line.trim_end().strip_suffix(':') else {
            return Reading::refused(Problem::at(file, number + 1, "a key without a colon"));
        };
        let key = key.trim_matches('"');
        if key == "__metadata" {
            has_head = true;
            continue;
        }
        let (name, reference) = name_and_version(key);
        // A workspace is the project's own.
        let reference = reference.unwrap_or_default();
        if let Some(version) =
            reference.strip_prefix("npm:").or((!reference.starts_with("workspace:")).then_some(""))
        {
            let resolved = (version.is_empty() && !reference.is_empty()).then_some(reference);
            packages.extend(Package::new(name, Some(version)).map(|package| package.resolved(resolved)));
        }
    }
    if !has_head {
        return Reading::refused(Problem::at(file, 1, "this is no state of yarn"));
    }
    let mut install = install(Manager::Yarn, file, file.parent().and_then(Path::parent), around);
    put(&mut install, packages);
    Reading::of(install)
}
