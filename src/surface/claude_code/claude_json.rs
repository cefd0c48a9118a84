//! `.claude.json`: user servers, and for each project local servers, trust, approvals and switches.
//!
//! Everything else in it (history, counters) is skipped while parsing and never copied; of the account it counts only
//! that there is one.

use super::servers::SERVERS;
use super::{Source, variables};
use crate::json::{self, Kind, Node, Shape};
use crate::model::masking::{mask_permission, mask_value};
use crate::model::secret::Secret;
use crate::model::setting::{Setting, SettingKind};
use crate::model::surface::Scope;
use crate::model::text::Text;
use crate::model::value::Value;
use crate::surface::extract::{Extract, FoundVariable, Toggle, ToggleKind};
use std::path::Path;
use std::sync::Arc;

/// What is wanted of the document.
pub(super) const SHAPE: Shape = Shape::Members(&[
    ("mcpServers", SERVERS),
    ("env", Shape::Whole),
    ("projects", Shape::EachMember(&PROJECT)),
    ("customApiKeyResponses", Shape::Members(&[("approved", Shape::Whole)])),
    ("bypassPermissionsModeAccepted", Shape::Whole),
    ("oauthAccount", Shape::Skip),
]);

const PROJECT: Shape = Shape::Members(&[
    ("mcpServers", SERVERS),
    ("hasTrustDialogAccepted", Shape::Whole),
    ("hasClaudeMdExternalIncludesApproved", Shape::Whole),
    ("enableAllProjectMcpServers", Shape::Whole),
    ("enabledMcpjsonServers", Shape::Whole),
    ("disabledMcpjsonServers", Shape::Whole),
    ("disabledMcpServers", Shape::Whole),
    ("enabledMcpServers", Shape::Whole),
    ("allowedTools", Shape::Whole),
]);

/// What a project's flags can do. A flag that is false, or a list that is empty, says nothing.
const FLAGS: [(&str, SettingKind); 7] = [
    ("hasTrustDialogAccepted", SettingKind::Trust),
    ("hasClaudeMdExternalIncludesApproved", SettingKind::Trust),
    ("enableAllProjectMcpServers", SettingKind::Approval),
    ("enabledMcpjsonServers", SettingKind::Approval),
    ("disabledMcpjsonServers", SettingKind::Approval),
    ("disabledMcpServers", SettingKind::Approval),
    ("allowedTools", SettingKind::Permission),
];

pub(super) fn extract(source: &Source<'_>, root: &Node, found: &mut Extract) {
    found.has_account = root.get("oauthAccount").is_some_and(|account| account.kind() == Kind::Object);
    found.servers = source.servers(root.get("mcpServers"), Scope::User, None);
    let approved_keys = root.get("customApiKeyResponses").and_then(|node| node.get("approved"));
    for (key, kind, node) in [
        ("customApiKeyResponses.approved", SettingKind::Approval, approved_keys),
        ("bypassPermissionsModeAccepted", SettingKind::Permission, root.get("bypassPermissionsModeAccepted")),
    ] {
        let value = node.map(|node| json::entry::value(node, &mask_value));
        found
            .settings
            .extend(value.filter(says_something).map(|value| setting(source, None, key, kind, value).into()));
    }
    // It reaches the client and every server like that of a settings file, which is stronger (seen on 2.1.329).
    for (name, value) in root.get("env").map(variables::variables).unwrap_or_default() {
        let text = Secret::new(variables::as_the_client_says(&value));
        found.variables.push(FoundVariable { name: name.clone(), value: text });
        found
            .settings
            .push(setting(source, None, &format!("env.{name}"), SettingKind::Variable, value).into());
    }
    let Some(projects) = root.get("projects").and_then(Node::as_object) else { return };
    for (name, node) in projects.iter() {
        let project: Arc<Path> = Path::new(name).into();
        let servers = source.servers(node.get("mcpServers"), Scope::Local, Some(&project));
        found.servers.extend(servers);
        for (key, kind) in FLAGS {
            let value = node.get(key).map(|node| match kind {
                SettingKind::Permission => json::entry::value(node, &mask_permission),
                _ => json::entry::value(node, &|word| Text::plain(word)),
            });
            if let Some(value) = value.filter(says_something) {
                found.toggles.extend(toggles(key, &value, Some(&project)));
                found.settings.push(setting(source, Some(&project), key, kind, value).into());
            }
        }
        found.projects.push(project);
    }
}

/// The words about servers that a setting holds, by its key.
pub(super) fn toggles(key: &str, value: &Value, project: Option<&Path>) -> Vec<Toggle> {
    let kind = match key {
        "enableAllProjectMcpServers" => ToggleKind::EnableAll,
        "enabledMcpjsonServers" => ToggleKind::Enable,
        "disabledMcpjsonServers" => ToggleKind::Disable,
        "disabledMcpServers" => ToggleKind::SwitchOff,
        _ => return Vec::new(),
    };
    let toggle = |server: String| Toggle { project: project.map(Path::to_path_buf), kind, server };
    match value {
        Value::Bool(true) => vec![toggle(String::new())],
        Value::List(items) => {
            items.iter().filter_map(Value::as_text).map(|name| toggle(name.reveal())).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether a flag or list has any effect.
pub(super) fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::List(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Text(text) => !text.reveal().is_empty(),
        _ => true,
    }
}

fn setting(
    source: &Source<'_>,
    project: Option<&Arc<Path>>,
    key: &str,
    kind: SettingKind,
    value: Value,
) -> Setting {
    Setting { surface: source.surface.clone(), project: project.cloned(), key: key.to_owned(), kind, value }
}
