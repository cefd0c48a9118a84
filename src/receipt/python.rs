//! Python: `*.dist-info` directories, and the receipts of uv's tools. Seen with pip 23 and 24, uv 0.13.

use super::reading::{Circumstances, LIMIT, Problem, Reading, install, put};
use crate::model::install::{Manager, Package};
use crate::model::text::Text;
use serde_json::Value;
use std::path::Path;

/// The files of a `*.dist-info` directory that are looked at.
pub const DIST_INFO: [&str; 6] =
    ["METADATA", "INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json"];

/// One `*.dist-info` directory; `read` gives the bytes of its files, of those that are there.
pub fn dist_info(
    directory: &Path,
    read: &dyn Fn(&str) -> Option<Vec<u8>>,
    around: &Circumstances,
) -> Reading {
    let bytes = |name: &str| read(name).filter(|bytes| bytes.len() <= LIMIT);
    let text = |name: &str| Some(String::from_utf8_lossy(&bytes(name)?).into_owned());
    let metadata = directory.join("METADATA");
    let Some(content) = text("METADATA") else {
        return Reading::refused(Problem::new(&metadata, "it is not there"));
    };
    let header = |name: &str| {
        content.lines().take_while(|line| !line.trim().is_empty()).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let Some(name) = header("name").filter(|name| !name.is_empty()) else {
        return Reading::refused(Problem::at(&metadata, 1, "it names no package"));
    };
    let is_uv = text("INSTALLER").is_some_and(|installer| installer.trim() == "uv")
        || bytes("uv_cache.json").is_some();
    let origin: Option<Value> =
        bytes("direct_url.json").and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let from = origin.as_ref().and_then(|origin| origin.get("url")).and_then(Value::as_str);
    // A `.pth` file runs at every start of Python: the nearest thing to an install script that a wheel can bring.
    let scripts = text("RECORD").map(|record| {
        record.lines().any(|line| line.split(',').next().is_some_and(|file| file.ends_with(".pth")))
    });
    // Whether a source distribution was built, and its code run, nothing here says: only that it came from one.
    let is_source = from
        .is_some_and(|from| from.ends_with(".tar.gz") || from.ends_with(".zip") || from.starts_with("git+"));
    let scripts = scripts.map(|has| has || is_source).filter(|has| *has);
    let package = Package::new(name, header("version")).map(|package| {
        package.resolved(from).directory(directory.parent().map(Path::to_owned)).scripts(scripts)
    });
    let mut install =
        install(if is_uv { Manager::Uv } else { Manager::Pip }, &metadata, directory.parent(), around);
    put(&mut install, package.into_iter().collect());
    if read("REQUESTED").is_some() {
        let mut spec = vec![Text::plain(install.manager.as_str()), Text::plain("install")];
        spec.extend(install.packages.iter().map(|package| package.name.clone()));
        install.command_line = spec;
    }
    Reading::of(install)
}

/// `[tool]` with its `requirements`.
pub(super) fn uv_receipt(file: &Path, bytes: &[u8], around: &Circumstances) -> Reading {
    let text = String::from_utf8_lossy(bytes);
    let document: toml::Table = match text.parse() {
        Ok(document) => document,
        Err(error) => {
            let error: toml::de::Error = error;
            let before = error.span().and_then(|span| text.get(..span.start));
            let line = before.map(|before| before.matches('\n').count() + 1);
            return Reading::refused(Problem { line, ..Problem::new(file, "this is not TOML") });
        }
    };
    let tool =
        document.get("tool").and_then(|tool| tool.get("requirements")).and_then(|list| list.as_array());
    let Some(requirements) = tool else {
        return Reading::refused(Problem::new(file, "it names no requirements"));
    };
    let packages = requirements.iter().filter_map(|requirement| {
        let text = |name: &str| requirement.get(name).and_then(|value| value.as_str());
        let name = text("name").or(requirement.as_str())?;
        let version = text("specifier").and_then(|specifier| specifier.strip_prefix("=="));
        Package::new(name, version).map(|package| package.resolved(text("git").or_else(|| text("url"))))
    });
    let mut install = install(Manager::Uv, file, file.parent(), around);
    put(&mut install, packages.collect());
    Reading::of(install)
}
