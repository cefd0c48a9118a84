//! What a drift, a judgement or an approval is about.

use crate::model::inventory::Server;
use crate::model::kind::DriftKind;
use crate::model::setting::Setting;
use crate::model::surface::Scope;
use std::path::{Path, PathBuf};

/// One thing that can be approved: its identity, not its content.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A server of that name in that scope (and project).
    Server {
        /// Whose word it is.
        scope: Scope,
        /// The project, for local and project scope.
        project: Option<PathBuf>,
        /// Its name.
        name: String,
    },
    /// A setting.
    Setting {
        /// The file it stands in.
        file: PathBuf,
        /// The directory it is about, when it is about one.
        project: Option<PathBuf>,
        /// Its path in the document.
        key: String,
    },
    /// A file itself: that it is there, its owner, links and mode.
    File(PathBuf),
    /// The content of a managed file.
    Managed(PathBuf),
    /// The content of a local file that a command runs.
    Target(PathBuf),
    /// One finding of the lint.
    Finding {
        /// What was found.
        kind: DriftKind,
        /// About which server, setting or file: the identity that its drift shows.
        about: String,
    },
}

impl Subject {
    /// The subject that a server is.
    pub fn server(server: &Server) -> Self {
        Self::Server {
            scope: server.surface.scope,
            project: server.project.clone(),
            name: server.name.clone(),
        }
    }

    /// The subject that a setting is.
    pub fn setting(setting: &Setting) -> Self {
        Self::Setting {
            file: setting.surface.file.to_path_buf(),
            project: setting.project.as_deref().map(Path::to_path_buf),
            key: setting.key.clone(),
        }
    }
}
