//! bun: `bun.lock`, JSON with commas before closing brackets. Seen with bun 1.4.

use super::reading::{Circumstances, Problem, Reading, install, json, name_and_version, put};
use crate::model::install::{Manager, Package};
use serde_json::Value;
use std::path::Path;

pub(super) fn lock(file: &Path, bytes: &[u8], around: &Circumstances) -> Reading {
    let document = match json(file, &strict(bytes)) {
        Ok(document) => document,
        Err(problem) => return Reading::refused(problem),
    };
    let Some(entries) = document.get("packages").and_then(Value::as_object) else {
        return Reading::refused(Problem::new(file, "it names no packages"));
    };
    let packages = entries.values().filter_map(|entry| {
        let parts = entry.as_array()?;
        let (name, version) = name_and_version(parts.first()?.as_str()?);
        let sum = parts.iter().skip(1).filter_map(Value::as_str).find(|text| text.starts_with("sha"));
        let scripts = parts.iter().find_map(|part| part.get("hasInstallScript")?.as_bool()).unwrap_or(false);
        let is_version = version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit()));
        let package = Package::new(name, version.filter(|_| is_version))?;
        Some(package.resolved(version.filter(|_| !is_version)).integrity(sum).scripts(Some(scripts)))
    });
    let mut install = install(Manager::Bun, file, file.parent(), around);
    put(&mut install, packages.collect());
    Reading::of(install)
}

/// The same bytes with what JSON does not know blanked, so that places stay what they are.
fn strict(bytes: &[u8]) -> Vec<u8> {
    let mut strict = bytes.to_vec();
    let (mut in_text, mut escaped, mut comma, mut comment) = (false, false, None, false);
    for (at, byte) in bytes.iter().copied().enumerate() {
        if comment {
            comment = byte != b'\n';
            if comment && let Some(place) = strict.get_mut(at) {
                *place = b' ';
            }
            continue;
        }
        match byte {
            _ if in_text => {
                in_text = escaped || byte != b'"';
                escaped = !escaped && byte == b'\\';
            }
            b'"' => (in_text, comma) = (true, None),
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                comment = true;
                if let Some(place) = strict.get_mut(at) {
                    *place = b' ';
                }
            }
            b',' => comma = Some(at),
            b']' | b'}' => {
                if let Some(place) = comma.take().and_then(|at: usize| strict.get_mut(at)) {
                    *place = b' ';
                }
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
    }
    strict
}
