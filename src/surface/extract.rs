//! What one document says, before it is put together with the others. Knows no client.

use crate::model::entry::Entry;
use crate::model::inventory::DuplicateKey;
use crate::model::secret::Secret;
use crate::model::setting::Setting;
use crate::model::surface::Surface;
use crate::model::value::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A server as one document holds it.
#[derive(Clone, Debug)]
pub struct FoundServer {
    /// Its name, as the client will call it.
    pub name: String,
    /// The project it is for, where the document says so or lies in one.
    pub project: Option<PathBuf>,
    /// Whose word it is: `.claude.json` speaks for two scopes.
    pub scope: crate::model::surface::Scope,
    /// What it says.
    pub entry: Arc<Entry>,
    /// Its bytes.
    pub raw: Secret,
    /// Where its text starts, in bytes. Lines are counted when somebody asks for them: it costs a pass over
    /// a document of megabytes that hardly ever has drift.
    pub offset: usize,
}

impl FoundServer {
    /// Whether both say the same, wherever in the document.
    fn says_the_same(&self, other: &Self) -> bool {
        let Self { name, project, scope, entry, raw, offset: _ } = self;
        *name == other.name
            && *project == other.project
            && *scope == other.scope
            && *entry == other.entry
            && *raw == other.raw
    }
}

/// What a user or a settings file says of servers by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ToggleKind {
    /// A `.mcp.json` server of this name is accepted.
    Enable,
    /// Every `.mcp.json` server is accepted.
    EnableAll,
    /// A `.mcp.json` server of this name is refused.
    Disable,
    /// Any server of this name is switched off in this project.
    SwitchOff,
}

/// One such word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Toggle {
    /// Where it holds; everywhere when none.
    pub project: Option<PathBuf>,
    /// What it says.
    pub kind: ToggleKind,
    /// About which server; empty for [`ToggleKind::EnableAll`].
    pub server: String,
}

/// A variable that a settings file sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundVariable {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Secret,
}

/// Everything that one document says.
#[derive(Clone, Debug, Default)]
pub struct Extract {
    /// Servers.
    pub servers: Vec<FoundServer>,
    /// Settings; they stand in the inventory too, and there are thousands.
    pub settings: Vec<Arc<Setting>>,
    /// Words about servers.
    pub toggles: Vec<Toggle>,
    /// Variables set by `env`.
    pub variables: Vec<FoundVariable>,
    /// Keys that stand more than once.
    pub duplicates: Vec<DuplicateKey>,
    /// Projects that it names.
    pub projects: Vec<Arc<Path>>,
    /// Surfaces that it leads to.
    pub follow: Vec<Surface>,
    /// Whether it names an account that the client is logged in with.
    pub has_account: bool,
    /// Why the client does not take the document although it can be parsed.
    pub rejected: Option<String>,
    /// All of it, for a managed file.
    pub content: Option<Value>,
}

impl Extract {
    /// Whether both documents say the same: only where in the text it stands may differ.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let Self {
            servers,
            settings,
            toggles,
            variables,
            duplicates,
            projects: _,
            follow: _,
            has_account,
            rejected,
            content,
        } = self;
        servers.len() == other.servers.len()
            && servers.iter().zip(&other.servers).all(|(a, b)| a.says_the_same(b))
            && *settings == other.settings
            && *toggles == other.toggles
            && *variables == other.variables
            && duplicates.iter().map(|key| &key.path).eq(other.duplicates.iter().map(|key| &key.path))
            && *has_account == other.has_account
            && *rejected == other.rejected
            && *content == other.content
            && self.leads_to_the_same(other)
    }

    /// Whether both name the same files to read next.
    pub fn leads_to_the_same(&self, other: &Self) -> bool {
        self.projects == other.projects && self.follow == other.follow
    }
}
