//! Where things lie unless somebody says otherwise. Reads the environment; opens nothing.

use super::error::ComposeError;
use crate::host::accounts;
use std::path::{Path, PathBuf};

/// Where templates lie on a managed machine.
pub(super) const TEMPLATES: &str = "/etc/mcpwatch/baselines";

/// Where rules of one's own lie on a managed machine.
pub(super) const RULES: &str = "/etc/mcpwatch/rules";

/// Where exceptions lie on a managed machine.
pub(super) const EXCEPTIONS: &str = "/etc/mcpwatch/exceptions";

/// The configuration file of the service, or of the person.
pub(super) fn config() -> Option<PathBuf> {
    if is_root() {
        return Some(PathBuf::from("/etc/mcpwatch/config.toml"));
    }
    Some(base("XDG_CONFIG_HOME", ".config")?.join("mcpwatch/config.toml"))
}

/// The state directory of the service, or of the person.
pub(super) fn state() -> Option<PathBuf> {
    if is_root() {
        return Some(PathBuf::from("/var/lib/mcpwatch"));
    }
    Some(base("XDG_STATE_HOME", ".local/state")?.join("mcpwatch"))
}

/// A path as it is, or as seen from here.
pub(super) fn absolute(path: &Path) -> Result<PathBuf, ComposeError> {
    std::path::absolute(path)
        .map_err(|error| ComposeError::Path { path: path.to_path_buf(), reason: error.to_string() })
}

fn base(variable: &str, usual: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| Some(accounts::own_home()?.join(usual)))
}

fn is_root() -> bool {
    accounts::own_uid() == 0
}
