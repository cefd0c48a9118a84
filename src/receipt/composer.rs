//! composer: `vendor/composer/installed.json`, of version 2 and 1. Seen with composer 2.5.

use super::reading::{Circumstances, Problem, Reading, install, json, put};
use crate::model::install::{Manager, Package};
use serde_json::Value;
use std::path::Path;

pub(super) fn installed(file: &Path, bytes: &[u8], around: &Circumstances) -> Reading {
    let document = match json(file, bytes) {
        Ok(document) => document,
        Err(problem) => return Reading::refused(problem),
    };
    let Some(entries) = document.get("packages").unwrap_or(&document).as_array() else {
        return Reading::refused(Problem::new(file, "it names no packages"));
    };
    let vendor = file.parent();
    let packages = entries.iter().filter_map(|entry| {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let from = entry.get("dist").or_else(|| entry.get("source"));
        let part = |name: &str| from.and_then(|from| from.get(name)).and_then(Value::as_str);
        let directory = text("install-path").and_then(|path| Some(vendor?.join(path)));
        // A plugin's code runs inside composer, from its own install on.
        let is_plugin = matches!(text("type"), Some("composer-plugin" | "composer-installer"));
        let package = Package::new(text("name")?, text("version"))?;
        let sum = part("shasum").or_else(|| part("reference"));
        Some(package.resolved(part("url")).integrity(sum).directory(directory).scripts(Some(is_plugin)))
    });
    let project = vendor.and_then(Path::parent).and_then(Path::parent);
    let mut install = install(Manager::Composer, file, project, around);
    put(&mut install, packages.collect());
    Reading::of(install)
}
