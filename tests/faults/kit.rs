//! What the faults share: a home that was captured, ways to write it, and what a user asks afterwards.

use crate::support::{Scratch, text};
use std::fs;
use std::path::Path;
use std::process::Command;

pub(crate) const HOME: &str =
    r#"{"mcpServers":{"tracker":{"type":"http","url":"https://mcp.tracker.test/mcp"}}}"#;

/// A home with one server, captured.
pub(crate) fn captured() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(".claude.json", HOME);
    scratch.expect(0, &["baseline", "capture"]);
    scratch
}

/// [`HOME`] with its server led elsewhere, which is one drift.
pub(crate) fn led_to(host: &str) -> String {
    HOME.replace("mcp.tracker.test", host)
}

/// A settings file with a hook, which is one drift.
pub(crate) fn hook(command: &str) -> String {
    format!(r#"{{"hooks":{{"SessionStart":[{{"hooks":[{{"type":"command","command":"{command}"}}]}}]}}}}"#)
}

/// A document of the client with these projects, and nothing else changed.
pub(crate) fn with_projects(document: &str, projects: impl Iterator<Item = impl AsRef<Path>>) -> String {
    let named: Vec<String> =
        projects.map(|project| format!("{:?}:{{}}", project.as_ref().to_str().unwrap())).collect();
    document.replacen('{', &format!("{{\"projects\":{{{}}},", named.join(",")), 1)
}

/// The journal is whole by the word of `verify`.
pub(crate) fn verify(scratch: &Scratch) {
    if scratch.run(&["verify", "--help"]).status.code() != Some(0) {
        return eprintln!("not verified: this binary has no verify");
    }
    scratch.expect(0, &["verify"]);
}

/// Why a program of the system does not do what it should here; `None` when it does.
pub(crate) fn refusal(program: &str, arguments: &[&str]) -> Option<String> {
    match Command::new(program).args(arguments).output() {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(text(&output.stderr).trim().to_owned()),
        Err(error) => Some(error.to_string()),
    }
}

/// A config file for `--config`, which its owner only may write.
pub(crate) fn config(scratch: &Scratch, text: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let file = scratch.path("config.toml");
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file.to_str().unwrap().to_owned()
}
