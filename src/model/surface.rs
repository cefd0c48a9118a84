//! Places where a client keeps MCP configuration, and what was found there.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A program that reads MCP configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Client {
    /// Anthropic's Claude Code.
    ClaudeCode,
}

impl Client {
    /// The id that events and baselines use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ClaudeCode => "claude-code",
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Whose word a surface is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The administrator's, for every user of the machine.
    Managed,
    /// The user's, for one project.
    Local,
    /// A project's, shared through its repository.
    Project,
    /// The user's, everywhere.
    User,
    /// An installed plugin's.
    Plugin,
}

impl Scope {
    /// Every scope, from the one whose entry wins a name to the one that loses it.
    pub const ALL: [Self; 5] = [Self::Managed, Self::Local, Self::Project, Self::User, Self::Plugin];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Local => "local",
            Self::Project => "project",
            Self::Managed => "managed",
            Self::Plugin => "plugin",
        }
    }

    /// The scope of that name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a file holds, hence how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// `.claude.json`: user servers, and per project local servers, trust and approvals.
    ClaudeJson,
    /// `.mcp.json`: servers.
    McpJson,
    /// `settings.json`, `settings.local.json`: hooks, helpers, `env`, permissions, approvals.
    Settings,
    /// `managed-mcp.json`: servers.
    ManagedMcp,
    /// `managed-settings.json` and what is beside it.
    ManagedSettings,
    /// `installed_plugins.json`: where the plugins lie.
    InstalledPlugins,
    /// A plugin's `.mcp.json` or `plugin.json`.
    PluginServers,
    /// A plugin's `hooks/hooks.json`.
    PluginHooks,
}

/// One surface: a file, its format and its scope. Whatever stands in it names it, so that each of its paths is kept once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Surface {
    /// The file.
    pub file: Arc<Path>,
    /// Whose word it is.
    pub scope: Scope,
    /// How it is read.
    pub format: Format,
    /// The directory of the project (for a plugin, the plugin's), where it belongs to one.
    pub project: Option<Arc<Path>>,
    /// The plugin's name, for a plugin's file.
    pub plugin: Option<Arc<str>>,
    /// Which client reads it.
    pub client: Client,
}

/// How a surface was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SurfaceState {
    /// Read whole.
    Read,
    /// Not there.
    Missing,
    /// There, but the client would not take it; the reason names line and column, never content.
    Unparsable(String),
    /// There, but it could not be read; the reason says why.
    Unreadable(String),
}

impl SurfaceState {
    /// The word for it.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Missing => "missing",
            Self::Unparsable(_) => "unparsable",
            Self::Unreadable(_) => "unreadable",
        }
    }
}

/// What the file system says about a file: its identity, not its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFacts {
    /// Numeric owner.
    pub owner: u32,
    /// Numeric group.
    pub group: u32,
    /// Permission bits (`0o7777`).
    pub mode: u32,
    /// Names that this file has.
    pub hard_links: u64,
    /// Device and inode.
    pub identity: (u64, u64),
    /// Bytes.
    pub size: u64,
    /// Last change of the content, nanoseconds since 1970.
    pub modified: i128,
    /// Last change of content or attributes, nanoseconds since 1970.
    pub changed: i128,
    /// Where it leads to, fully resolved, when the path is a symbolic link.
    pub link_target: Option<PathBuf>,
}
