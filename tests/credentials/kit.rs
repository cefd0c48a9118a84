//! Where the client keeps its logins, and how it saves them.

use super::support::Scratch;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

/// What must never leave the file.
pub(crate) const CANARY: &str = "canary-77ab";

pub(crate) fn file(scratch: &Scratch) -> PathBuf {
    scratch.home().join(".claude/.credentials.json")
}

/// Writes it as the client does.
pub(crate) fn save(scratch: &Scratch, text: &str) {
    let file = file(scratch);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let beside = file.with_file_name(".credentials.json.tmp.4711.0123456789ab");
    fs::write(&beside, text).unwrap();
    fs::set_permissions(&beside, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(&beside, &file).unwrap();
}
