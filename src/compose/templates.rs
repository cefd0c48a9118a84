//! Where the templates lie, and reading them all. Knows nothing of what they say.

use super::error::ComposeError;
use super::places::{TEMPLATES, absolute};
use crate::baseline::template;
use crate::config::Config;
use crate::host::files::Files as _;
use crate::host::machine::Machine;
use crate::host::trusted::{trusted_input, trusted_list};
use crate::model::template::Template;
use std::path::{Path, PathBuf};

/// A template is no larger than this.
pub(super) const TEMPLATE_CAP: u64 = 16 << 20;

/// The directories that were asked for, else those of the configuration, else the usual one if it is there.
pub(super) fn dirs(wished: &[PathBuf], config: &Config) -> Result<Vec<PathBuf>, ComposeError> {
    if !wished.is_empty() {
        return wished.iter().map(|dir| absolute(dir)).collect();
    }
    if let Some(dirs) = &config.baselines {
        return Ok(dirs.clone());
    }
    let usual = PathBuf::from(TEMPLATES);
    Ok(if Machine.exists(&usual) { vec![usual] } else { Vec::new() })
}

/// Every template, directory by directory, each in the order of its files' names. What cannot be understood in
/// any of them is said of all of them.
pub(super) fn load(dirs: &[PathBuf]) -> Result<Vec<Template>, ComposeError> {
    let mut templates = Vec::new();
    let mut problems = Vec::new();
    for file in files(dirs)? {
        let bytes = trusted_input(&file, TEMPLATE_CAP)?.bytes;
        let parsed = template::parse(bytes, &file);
        problems.extend(parsed.errors().map(ToString::to_string));
        templates.extend(parsed.template);
    }
    if problems.is_empty() { Ok(templates) } else { Err(ComposeError::Template(problems)) }
}

fn files(dirs: &[PathBuf]) -> Result<Vec<PathBuf>, ComposeError> {
    let mut files = Vec::new();
    for dir in dirs {
        let mut names = trusted_list(dir)?;
        names.sort();
        files.extend(names.into_iter().map(|name| dir.join(name)).filter(|file| is_template(file)));
    }
    Ok(files)
}

fn is_template(file: &Path) -> bool {
    let is_hidden = file.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !is_hidden && file.extension().is_some_and(|extension| extension == "json")
}
