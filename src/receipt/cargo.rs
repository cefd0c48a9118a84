//! cargo: `.crates2.json`, what `cargo install` put there. Seen with cargo 1.95.

use super::reading::{Circumstances, Problem, Reading, install, json, put};
use crate::model::install::{Manager, Package};
use serde_json::Value;
use std::path::Path;

/// Keys are `ripgrep 14.1.0 (registry+https://…)`.
pub(super) fn crates(file: &Path, bytes: &[u8], around: &Circumstances) -> Reading {
    let document = match json(file, bytes) {
        Ok(document) => document,
        Err(problem) => return Reading::refused(problem),
    };
    let Some(installs) = document.get("installs").and_then(Value::as_object) else {
        return Reading::refused(Problem::new(file, "it names no installs"));
    };
    let packages = installs.keys().filter_map(|key| {
        let mut parts = key.splitn(3, ' ');
        let (name, version) = (parts.next()?, parts.next());
        let source = parts.next().map(|source| source.trim_matches(['(', ')']));
        let source = source.map(|source| source.split_once('+').map_or(source, |(_, url)| url));
        Package::new(name, version).map(|package| package.resolved(source))
    });
    let mut install = install(Manager::Cargo, file, file.parent(), around);
    put(&mut install, packages.collect());
    Reading::of(install)
}
