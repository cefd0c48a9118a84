//! gem: a specification of an installed gem, which is Ruby written by RubyGems. Seen with gem 3.3.

use super::reading::{Circumstances, Problem, Reading, install, put};
use crate::model::install::{Manager, Package};
use std::path::Path;

pub(super) fn specification(file: &Path, bytes: &[u8], around: &Circumstances) -> Reading {
    let text = String::from_utf8_lossy(bytes);
    let value = |name: &str| {
        text.lines().find_map(|line| {
            let rest = line.trim().strip_prefix("s.")?.strip_prefix(name)?;
            let value = rest.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
            Some(value.split('"').next().unwrap_or_default())
        })
    };
    let Some(name) = value("name").filter(|name| !name.is_empty()) else {
        return Reading::refused(Problem::at(file, 1, "it names no gem"));
    };
    let has_extension = text.lines().any(|line| line.trim().starts_with("s.extensions = ["));
    // `…/gems/NAME-VERSION` lies beside `…/specifications`.
    let folder = file.parent().and_then(Path::parent).map(|root| root.join("gems"));
    let directory = folder.zip(file.file_stem()).map(|(folder, stem)| folder.join(stem));
    let package = Package::new(name, value("version"))
        .map(|package| package.directory(directory).scripts(Some(has_extension)));
    let mut install = install(Manager::Gem, file, file.parent().and_then(Path::parent), around);
    put(&mut install, package.into_iter().collect());
    Reading::of(install)
}
