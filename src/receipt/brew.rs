//! Homebrew: `Cellar/NAME/VERSION/INSTALL_RECEIPT.json`. Written from its documentation, not seen.

use super::reading::{Circumstances, Problem, Reading, install, json, put};
use crate::model::install::{Manager, Package};
use jiff::Timestamp;
use serde_json::Value;
use std::path::Path;

pub(super) fn receipt(file: &Path, bytes: &[u8], around: &Circumstances) -> Reading {
    let document = match json(file, bytes) {
        Ok(document) => document,
        Err(problem) => return Reading::refused(problem),
    };
    let keg = file.parent();
    let name_of = |path: Option<&Path>| path?.file_name()?.to_str().map(str::to_owned);
    let (version, name) = (name_of(keg), name_of(keg.and_then(Path::parent)));
    let Some(name) = name.filter(|_| document.is_object()) else {
        return Reading::refused(Problem::new(file, "it belongs to no formula"));
    };
    let seconds = ["install_time", "time"].iter().find_map(|name| document.get(*name)?.as_i64());
    let mut install = install(Manager::Brew, file, keg, around);
    install.ended = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok()).or(install.ended);
    // A bottle is unpacked; what is built runs the formula's code.
    let is_bottle = document.get("poured_from_bottle").and_then(Value::as_bool);
    let package = Package::new(&name, version.as_deref());
    let package = package.map(|package| {
        package.directory(keg.map(Path::to_owned)).scripts(is_bottle.map(|is_bottle| !is_bottle))
    });
    put(&mut install, package.into_iter().collect());
    Reading::of(install)
}
