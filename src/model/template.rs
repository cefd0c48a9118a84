//! A managed baseline: what the administrator says should be there. Knows nothing of how it is written down.

use crate::model::entry::Entry;
use crate::model::surface::Scope;
use crate::model::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

/// One pattern of an allow or deny list. Exactly one of Claude Code's three keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Exact name.
    Name(String),
    /// Exact program and arguments, in order.
    Command(Vec<String>),
    /// URL with `*` anywhere.
    Url(String),
}

/// What happens to a server that no template names or allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Unlisted {
    /// It is drift, and cannot be approved on this machine.
    Deny,
    /// It is judged by approvals.
    #[default]
    Approve,
}

/// One template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// What it calls itself; its file's name where it does not say.
    pub name: String,
    /// Its version.
    pub version: Option<u64>,
    /// Where it was read from.
    pub file: PathBuf,
    /// In which scopes it rules.
    pub scopes: BTreeSet<Scope>,
    /// Servers that must be exactly so where they are.
    pub servers: BTreeMap<String, Entry>,
    /// Servers that are in order; `None` when it does not say.
    pub allow: Option<Vec<Pattern>>,
    /// Servers that are not to be.
    pub deny: Vec<Pattern>,
    /// Servers that must be there.
    pub required: BTreeSet<String>,
    /// What happens to the others.
    pub unlisted: Unlisted,
    /// Settings that must be exactly so, by their path in the client's settings (`hooks.SessionStart`).
    pub settings: BTreeMap<String, Value>,
}

/// A signed template that was in force: kept so that neither nothing nor an older one can take its place.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedTemplate {
    /// The directory that demands signatures.
    pub dir: PathBuf,
    /// Where it lay.
    pub file: PathBuf,
    /// What it calls itself.
    pub name: String,
    /// Its version.
    pub version: u64,
    /// All of it; it may hold secrets.
    pub content: Vec<u8>,
    /// Its signature, by which it is believed.
    pub signature: String,
}

/// Shows which it is, not what it says.
impl fmt::Debug for SignedTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, name, version, .. } = self;
        f.debug_struct("SignedTemplate")
            .field("file", file)
            .field("name", name)
            .field("version", version)
            .finish_non_exhaustive()
    }
}
