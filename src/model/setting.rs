//! Settings beside the servers: those that run code, redirect traffic, widen what is allowed or grant trust.

use crate::model::surface::Surface;
use crate::model::value::Value;

/// What a setting can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettingKind {
    /// Commands run at events of the session (`hooks`).
    Hook,
    /// Any other setting whose value is a command (`apiKeyHelper`, …).
    Helper,
    /// `statusLine` and its like: a command, seen at every prompt.
    StatusLine,
    /// A variable that the client or the programs that it starts receive (`env`).
    Variable,
    /// What tools may do without asking (`permissions`, `sandbox`).
    Permission,
    /// Which project servers or plugins are accepted.
    Approval,
    /// A directory whose own settings are believed.
    Trust,
    /// What protects everything else (`disableAllHooks`, …).
    Defense,
}

/// One setting as a surface holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Where it stands.
    pub surface: Surface,
    /// The directory it is about, for what `.claude.json` says of a project.
    pub project: Option<std::path::PathBuf>,
    /// Its path in the document, such as `hooks.SessionStart` or `env.HTTPS_PROXY`.
    pub key: String,
    /// What it can do.
    pub kind: SettingKind,
    /// Its value.
    pub value: Value,
}
