//! Where the templates lie, and reading them all. Knows nothing of what they say and of what a signature proves.

use super::error::ComposeError;
use super::places::{TEMPLATES, absolute};
use crate::baseline::signed::{self, Found, InForce, Keys, Rejected};
use crate::baseline::template;
use crate::config::Config;
use crate::host::files::Files as _;
use crate::host::machine::Machine;
use crate::host::trusted::{trusted_input, trusted_list};
use crate::model::template::SignedTemplate;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What a signature's name ends in, behind the template's.
const SIGNATURE: &str = ".minisig";
/// A signature is no larger than this.
const SIGNATURE_CAP: u64 = 16 << 10;

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

/// A directory with templates, and who must have signed them.
pub(super) type Signers = BTreeMap<PathBuf, Keys>;

/// The public keys of the configuration.
pub(super) fn signers(config: &Config) -> Result<Signers, ComposeError> {
    let parse = |(dir, keys): (&PathBuf, &Vec<String>)| {
        let parsed = Keys::parse(keys.iter().map(String::as_str));
        let failed = |problem| ComposeError::PublicKey { dir: dir.clone(), problem };
        Ok((dir.components().collect(), parsed.map_err(failed)?))
    };
    config.template_keys.iter().map(parse).collect()
}

/// Every template, directory by directory, each in the order of its files' names. What cannot be understood in
/// any of them is said of all of them; where signatures are demanded, the last good ones among `known` stand in for it.
pub(super) fn load(
    dirs: &[PathBuf],
    signers: &Signers,
    known: &[SignedTemplate],
) -> Result<InForce, ComposeError> {
    let mut in_force = InForce::default();
    let mut problems = Vec::new();
    for dir in dirs {
        if let Some(keys) = signers.get(&dir.components().collect::<PathBuf>()) {
            let InForce { templates, rejected, signed } = load_signed(dir, keys, known);
            in_force.templates.extend(templates);
            in_force.rejected.extend(rejected);
            in_force.signed.extend(signed);
            continue;
        }
        for file in files(dir, trusted_list(dir)?) {
            let bytes = trusted_input(&file, TEMPLATE_CAP)?.bytes;
            let parsed = template::parse(bytes, &file);
            problems.extend(parsed.errors().map(ToString::to_string));
            in_force.templates.extend(parsed.template);
        }
    }
    if problems.is_empty() { Ok(in_force) } else { Err(ComposeError::Template(problems)) }
}

/// Those of a directory that demands signatures. Whoever can write it can make any of them unreadable: that is said, and
/// ends nothing.
fn load_signed(dir: &Path, keys: &Keys, known: &[SignedTemplate]) -> InForce {
    let (names, unreadable) = match Machine.list(dir) {
        Ok(names) => (names, None),
        Err(error) => (Vec::new(), Some(Rejected { file: dir.to_path_buf(), why: error.to_string() })),
    };
    let read = |file: PathBuf| Found {
        content: Machine
            .read(&file, TEMPLATE_CAP)
            .map(|contents| contents.bytes)
            .map_err(|error| error.to_string()),
        signature: read_signature(&file),
        file,
    };
    let found = files(dir, names).into_iter().map(read).collect();
    let mut in_force = signed::judge(dir, found, keys, known);
    in_force.rejected.extend(unreadable);
    in_force
}

/// What lies beside a template as its signature, or why that cannot be read.
pub(super) fn read_signature(file: &Path) -> Result<String, String> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(SIGNATURE);
    let signature =
        Machine.read(&file.with_file_name(&name), SIGNATURE_CAP).map_err(|error| match error {
            error if error.is_missing() => {
                format!("there is no {}: sign it with minisign -S -m {}", name.display(), file.display())
            }
            error => error.to_string(),
        })?;
    String::from_utf8(signature.bytes).map_err(|_| format!("{} is no text", name.display()))
}

fn files(dir: &Path, mut names: Vec<OsString>) -> Vec<PathBuf> {
    names.sort();
    names.into_iter().map(|name| dir.join(name)).filter(|file| is_template(file)).collect()
}

fn is_template(file: &Path) -> bool {
    let is_hidden = file.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
    !is_hidden && file.extension().is_some_and(|extension| extension == "json")
}
