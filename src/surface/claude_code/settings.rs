//! `settings.json` and its kin: what runs code, redirects, widens or protects. `mcpServers` in them is
//! ignored by the client, hence here too.

use super::claude_json::{says_something, toggles};
use super::{Source, hooks};
use crate::json::{self, Node, Shape};
use crate::model::masking::{mask_command_line, mask_value};
use crate::model::secret::Secret;
use crate::model::setting::{SINGLE_KEYS, Setting, SettingKind};
use crate::model::text::Text;
use crate::model::value::Value;
use crate::surface::extract::{Extract, FoundVariable};

/// What is wanted of the document.
pub(super) const SHAPE: Shape = Shape::Members(&[
    ("hooks", Shape::Whole),
    ("env", Shape::Whole),
    ("permissions", Shape::Whole),
    ("sandbox", Shape::Whole),
    ("apiKeyHelper", Shape::Whole),
    ("awsAuthRefresh", Shape::Whole),
    ("awsCredentialExport", Shape::Whole),
    ("gcpAuthRefresh", Shape::Whole),
    ("otelHeadersHelper", Shape::Whole),
    ("processWrapper", Shape::Whole),
    ("policyHelper", Shape::Whole),
    ("fileSuggestion", Shape::Whole),
    ("statusLine", Shape::Whole),
    ("subagentStatusLine", Shape::Whole),
    ("skipDangerousModePermissionPrompt", Shape::Whole),
    ("disableAllHooks", Shape::Whole),
    ("allowManagedHooksOnly", Shape::Whole),
    ("allowManagedMcpServersOnly", Shape::Whole),
    ("allowManagedPermissionRulesOnly", Shape::Whole),
    ("disableSideloadFlags", Shape::Whole),
    ("strictPluginOnlyCustomization", Shape::Whole),
    ("disableClaudeAiConnectors", Shape::Whole),
    ("strictKnownMarketplaces", Shape::Whole),
    ("allowedMcpServers", Shape::Whole),
    ("deniedMcpServers", Shape::Whole),
    ("allowAllClaudeAiMcps", Shape::Whole),
    ("enableAllProjectMcpServers", Shape::Whole),
    ("enabledMcpjsonServers", Shape::Whole),
    ("disabledMcpjsonServers", Shape::Whole),
    ("enabledPlugins", Shape::Whole),
    ("extraKnownMarketplaces", Shape::Whole),
    ("additionalMarketplaces", Shape::Whole),
    ("pluginConfigs", Shape::Whole),
]);

pub(super) fn extract(source: &Source<'_>, root: &Node, found: &mut Extract) {
    let mut add = |key: String, kind: SettingKind, value: Value| {
        if says_something(&value) || kind == SettingKind::Variable {
            found.settings.push(Setting {
                surface: source.surface.clone(),
                project: source.surface.project.clone(),
                key,
                kind,
                value,
            });
        }
    };
    for (event, value) in root.get("hooks").map(hooks::hooks).unwrap_or_default() {
        add(format!("hooks.{event}"), SettingKind::Hook, value);
    }
    for (key, kind) in SINGLE_KEYS {
        if let Some(node) = root.get(key) {
            add(key.to_owned(), kind, value_of(key, kind, node));
        }
    }
    for group in ["permissions", "sandbox"] {
        for (name, node) in root.get(group).and_then(Node::as_object).into_iter().flat_map(|o| o.iter()) {
            let value = json::entry::value(node, &mask_permission);
            add(format!("{group}.{name}"), SettingKind::Permission, value);
        }
    }
    for (name, node) in root.get("env").and_then(Node::as_object).into_iter().flat_map(|o| o.iter()) {
        let value = json::entry::value(node, json::entry::mask_of_variable(name));
        if let Some(text) = variable_text(&value) {
            found.variables.push(FoundVariable { name: name.to_owned(), value: Secret::new(text) });
        }
        add(format!("env.{name}"), SettingKind::Variable, value);
    }
    let project = source.surface.project.as_deref();
    found.toggles =
        found.settings.iter().flat_map(|setting| toggles(&setting.key, &setting.value, project)).collect();
}

fn value_of(key: &str, kind: SettingKind, node: &Node) -> Value {
    match kind {
        SettingKind::Helper | SettingKind::StatusLine => json::entry::value(node, &mask_command_line),
        _ if key == "pluginConfigs" => json::entry::value(node, &mask_value),
        _ => json::entry::value(node, &|word| Text::plain(word)),
    }
}

/// `Tool(specifier)`: the tool is shown, the specifier as a command line would be.
fn mask_permission(raw: &str) -> Text {
    let is_tool = |word: &str| {
        word.len() <= 100 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-*:".contains(&b))
    };
    if is_tool(raw) && raw.len() <= 64 {
        return Text::plain(raw);
    }
    match raw.split_once('(') {
        Some((tool, rest)) if is_tool(tool) && rest.ends_with(')') => {
            let mut text = Text::plain(tool);
            text.push_plain("(");
            text.push_text(&mask_command_line(rest.trim_end_matches(')')));
            text.push_plain(rest.get(rest.trim_end_matches(')').len()..).unwrap_or_default());
            text
        }
        _ => mask_command_line(raw),
    }
}

/// The client gives numbers and booleans to the environment as words.
fn variable_text(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.reveal()),
        Value::Bool(_) | Value::Number(_) => Some(value.revealed().to_string()),
        _ => None,
    }
}
