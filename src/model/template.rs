//! A managed baseline: what the administrator says should be there. Knows nothing of how it is written down.

use crate::model::entry::Entry;
use crate::model::surface::Scope;
use crate::model::value::Value;
use std::collections::{BTreeMap, BTreeSet};
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
