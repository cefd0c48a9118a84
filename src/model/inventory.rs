//! Everything that the surfaces of one home hold at one moment.

use crate::model::credentials::Credentials;
use crate::model::digest::Digest;
use crate::model::entry::Entry;
use crate::model::secret::Secret;
use crate::model::setting::Setting;
use crate::model::surface::{FileFacts, Surface, SurfaceState};
use crate::model::value::Value;
use crate::model::variables::Variables;
use std::path::PathBuf;
use std::sync::Arc;

/// Whether the client would start a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// It would.
    Enabled,
    /// It would ask first (a `.mcp.json` server that nobody has accepted).
    Pending,
    /// The user switched it off.
    Disabled,
}

/// One server where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Server {
    /// Its name; a plugin's is `plugin:<plugin>:<server>`.
    pub name: String,
    /// Where it stands.
    pub surface: Surface,
    /// The project it belongs to: for local and project scope, the directory.
    pub project: Option<PathBuf>,
    /// What it says.
    pub entry: Arc<Entry>,
    /// The entry's own bytes, for putting it back as it was.
    pub raw: Secret,
    /// Where its text starts in the decoded document, in bytes.
    pub offset: usize,
    /// The variables that the settings files set for it.
    pub variables: Variables,
    /// Whether the client would start it.
    pub activation: Activation,
}

/// A duplicate key, of which the client takes the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateKey {
    /// Where: names from the top of the document down.
    pub path: Vec<String>,
    /// The line of the one that wins.
    pub line: usize,
}

/// What was found at one surface.
#[derive(Clone, Debug, PartialEq)]
pub struct SurfaceReading {
    /// Which.
    pub surface: Surface,
    /// How it was found.
    pub state: SurfaceState,
    /// What the file system says about it, when it is there.
    pub facts: Option<FileFacts>,
    /// Keys that stand more than once.
    pub duplicates: Vec<DuplicateKey>,
    /// For a managed file: everything in it.
    pub content: Option<Value>,
}

/// A local file that a command, hook or helper runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The file.
    pub file: PathBuf,
    /// Who runs it, for the summary: `server linear`, `hooks.SessionStart`.
    pub run_by: String,
    /// The project that names it and holds it, when both are the same directory.
    pub inside_project: bool,
    /// Whether a server runs it (rather than a hook or helper).
    pub by_server: bool,
    /// Its content; `None` when it is not there or could not be read.
    pub content: Option<Digest>,
    /// Where the command stands that names it.
    pub surface: Surface,
}

/// The inventory of one home.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Inventory {
    /// Every surface that was looked at.
    pub surfaces: Vec<SurfaceReading>,
    /// Every server.
    pub servers: Vec<Server>,
    /// Every security-relevant setting.
    pub settings: Vec<Arc<Setting>>,
    /// The client's credentials files, by their shapes.
    pub credentials: Vec<Credentials>,
    /// Local files that commands run.
    pub targets: Vec<Target>,
}
