//! Signed templates: which of those that lie in a directory are in force, and what stands in for the others. Pure;
//! knows nothing of where they lie and of how the last good ones are kept.
//!
//! Who can write such a directory need not be trusted: only what the keys' owner signed, under the name that it was
//! signed for, and never an older one than was in force before.

mod signature;

pub use signature::{KeyProblem, Keys, SignatureProblem, Signed};

use crate::baseline::template;
use crate::model::template::{SignedTemplate, Template};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Why a signed template without a version is not in force.
pub const NO_VERSION: &str =
    "a signed template needs \"version\" in \"mcpwatch\", or an older one could take its place";

/// What lies in the directory.
#[derive(Clone, Debug)]
pub struct Found {
    /// The template.
    pub file: PathBuf,
    /// Its bytes, or why they cannot be read.
    pub content: Result<Vec<u8>, String>,
    /// What lies beside it as its signature, or why that cannot be read.
    pub signature: Result<String, String>,
}

/// A template that is not in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The template.
    pub file: PathBuf,
    /// Why, and what is in force instead; one sentence.
    pub why: String,
}

/// What is in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InForce {
    /// The templates, in the order in which they count.
    pub templates: Vec<Template>,
    /// Those that are not.
    pub rejected: Vec<Rejected>,
    /// The signed ones among the templates, to be remembered.
    pub signed: Vec<SignedTemplate>,
}

/// A signed template that may be in force.
struct Candidate {
    signed: SignedTemplate,
    template: Template,
}

/// Judges what lies in `dir`. `known` are the last good ones, which are believed as far as the keys still speak for them.
pub fn judge(dir: &Path, found: Vec<Found>, keys: &Keys, known: &[SignedTemplate]) -> InForce {
    let mut newest: BTreeMap<String, Candidate> = BTreeMap::new();
    for signed in known.iter().filter(|signed| signed.dir == dir) {
        let (file, content) = (&signed.file, signed.content.clone());
        if let Ok(candidate) = candidate(dir, file, content, &signed.signature, keys) {
            newest.insert(candidate.signed.name.clone(), candidate);
        }
    }
    let mut rejected = Vec::new();
    let mut there = Vec::new();
    for Found { file, content, signature } in found {
        let taken = content
            .and_then(|content| candidate(dir, &file, content, &signature?, keys))
            .and_then(|candidate| take(candidate, &mut newest));
        match taken {
            Ok(name) => there.push(name),
            Err(why) => rejected.push(Rejected { why: format!("{}: {why}", file.display()), file }),
        }
    }
    for Candidate { signed, .. } in newest.values().filter(|newest| !there.contains(&newest.signed.name)) {
        let SignedTemplate { name, version, file, .. } = signed;
        let instead = format!("{name} version {version}, the last good one, stays in force");
        match rejected.iter_mut().find(|rejected| rejected.file == *file) {
            Some(known) => known.why.push_str(&format!("; {instead}")),
            None => rejected.push(Rejected {
                file: file.clone(),
                why: format!(
                    "{} is gone; {instead}: to retire it, ship a higher version that says nothing",
                    file.display()
                ),
            }),
        }
    }
    let (mut templates, mut signed) = (Vec::new(), Vec::new());
    for candidate in newest.into_values() {
        templates.push(candidate.template);
        signed.push(candidate.signed);
    }
    templates.sort_by(|a, b| a.file.cmp(&b.file));
    InForce { templates, rejected, signed }
}

/// A template that is signed and says what can be understood.
fn candidate(
    dir: &Path,
    file: &Path,
    content: Vec<u8>,
    signature: &str,
    keys: &Keys,
) -> Result<Candidate, String> {
    keys.verify(&content, signature, file).map_err(|problem| problem.to_string())?;
    let parsed = template::parse(content.clone(), file);
    let problems: Vec<String> = parsed.errors().map(ToString::to_string).collect();
    let template = parsed.template.ok_or_else(|| problems.join("; "))?;
    let version = template.version.ok_or(NO_VERSION)?;
    let signed = SignedTemplate {
        dir: dir.to_path_buf(),
        file: file.to_path_buf(),
        name: template.name.clone(),
        version,
        content,
        signature: signature.to_owned(),
    };
    Ok(Candidate { signed, template })
}

/// Takes the place of the one of that name that was known, unless it is older or says something else under the same
/// number.
fn take(candidate: Candidate, newest: &mut BTreeMap<String, Candidate>) -> Result<String, String> {
    let SignedTemplate { name, version, content, .. } = &candidate.signed;
    if let Some(Candidate { signed: known, .. }) = newest.get(name) {
        if *version < known.version {
            return Err(format!(
                "it is version {version}, and version {} was in force: it was put back to an older one",
                known.version
            ));
        }
        if *version == known.version && *content != known.content {
            return Err(format!(
                "version {version} said something else before: raise \"version\" whenever the content changes"
            ));
        }
    }
    let name = name.clone();
    newest.insert(name.clone(), candidate);
    Ok(name)
}

#[cfg(test)]
#[path = "signed_tests.rs"]
mod tests;
