//! Where in a document a server or a setting stands: its names from the top down. The counterpart of what reads the
//! documents; must not know how one is changed.

use crate::model::subject::Subject;
use crate::model::surface::{Format, Scope, Surface};

/// Groups of settings whose members are settings of their own.
const GROUPS: [&str; 4] = ["hooks", "permissions", "sandbox", "env"];

/// The names that lead to what `subject` is about in a document of that surface; `None` where that is no place of its
/// own, or not the user's.
pub fn address<'s>(subject: &'s Subject, surface: &'s Surface) -> Option<Vec<&'s str>> {
    match subject {
        Subject::Server { scope, project, name } => match (scope, surface.format) {
            (Scope::User, Format::ClaudeJson) | (Scope::Project, Format::McpJson) => {
                Some(vec!["mcpServers", name])
            }
            (Scope::Local, Format::ClaudeJson) => {
                Some(vec!["projects", project.as_deref()?.to_str()?, "mcpServers", name])
            }
            _ => None,
        },
        Subject::Setting { project, key, .. } => match surface.format {
            Format::Settings => Some(grouped(key)),
            Format::ClaudeJson => match project {
                Some(project) => Some(vec!["projects", project.to_str()?, key]),
                None if key == "customApiKeyResponses.approved" => Some(key.split('.').collect()),
                None => Some(grouped(key)),
            },
            _ => None,
        },
        _ => None,
    }
}

/// A key as names: a variable's own name may have dots in it.
fn grouped(key: &str) -> Vec<&str> {
    match key.split_once('.') {
        Some((group, name)) if GROUPS.contains(&group) => vec![group, name],
        _ => vec![key],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::surface::Client;
    use crate::surface::claude_code::extract;
    use std::path::Path;

    /// Every setting and every server of a document is found again at its address.
    #[test]
    fn addresses_lead_to_what_was_read() {
        let claude = r#"{"mcpServers":{"a.b":{"command":"x"}},"env":{"A.B":"1"},
            "customApiKeyResponses":{"approved":["k"]},"bypassPermissionsModeAccepted":true,
            "projects":{"/p.q":{"mcpServers":{"l":{"command":"x"}},"hasTrustDialogAccepted":true,"allowedTools":["Bash"]}}}"#;
        let settings = r#"{"hooks":{"Stop":[{"hooks":[]}]},"env":{"A.B":"1"},"permissions":{"allow":["Bash"]},
            "sandbox":{"enabled":true},"apiKeyHelper":"/x","enabledPlugins":{"a@b":true}}"#;
        let servers = r#"{"mcpServers":{"x":{"command":"y"}}}"#;
        for (format, scope, text, count) in [
            (Format::ClaudeJson, Scope::User, claude, 7),
            (Format::Settings, Scope::User, settings, 6),
            (Format::McpJson, Scope::Project, servers, 1),
        ] {
            let file = Path::new("/h/f").into();
            let surface =
                Surface { file, scope, format, project: None, plugin: None, client: Client::ClaudeCode };
            let found = extract(&surface, text).unwrap();
            let of_servers = found.servers.iter().map(|server| Subject::Server {
                scope: server.scope,
                project: server.project.clone(),
                name: server.name.clone(),
            });
            let subjects: Vec<Subject> =
                of_servers.chain(found.settings.iter().map(Subject::setting)).collect();
            assert_eq!(subjects.len(), count, "{subjects:?}");
            let document: serde_json::Value = serde_json::from_str(text).unwrap();
            for subject in subjects {
                let path = address(&subject, &surface).unwrap();
                let there = path.iter().try_fold(&document, |value, name| value.get(*name));
                assert!(there.is_some(), "{path:?}");
            }
        }
    }
}
