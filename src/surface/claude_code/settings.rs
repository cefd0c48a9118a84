//! `settings.json` and its kin: what runs code, redirects, widens or protects. `mcpServers` in them is
//! ignored by the client, hence here too.

use super::claude_json::{says_something, toggles};
use super::{Source, hooks, masks, schema, variables};
use crate::json::{self, Node, Shape};
use crate::model::masking::{mask_permission, mask_value};
use crate::model::secret::Secret;
use crate::model::setting::{SINGLE_KEYS, Setting, SettingKind, is_list_of_what_is_allowed};
use crate::model::value::Value;
use crate::surface::extract::{Extract, FoundVariable};

/// What is wanted of the document.
pub(super) const SHAPE: Shape = Shape::Members(&[
    // Not watched, but of the wrong type they make the client drop the whole file.
    ("cleanupPeriodDays", Shape::Whole),
    ("respectGitignore", Shape::Whole),
    ("includeCoAuthoredBy", Shape::Whole),
    ("model", Shape::Whole),
    ("outputStyle", Shape::Whole),
    ("language", Shape::Whole),
    ("alwaysThinkingEnabled", Shape::Whole),
    ("spinnerTipsEnabled", Shape::Whole),
    ("availableModels", Shape::Whole),
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
    ("proxyAuthHelper", Shape::Whole),
    ("policyHelpers", Shape::Whole),
    ("additionalDirectoryConfigRoots", Shape::Whole),
    ("skipWebFetchPreflight", Shape::Whole),
    ("forceLoginGatewayUrl", Shape::Whole),
    ("allowedHttpHookUrls", Shape::Whole),
    ("httpHookAllowedEnvVars", Shape::Whole),
    ("allowedProviders", Shape::Whole),
    ("allowedMarketplaces", Shape::Whole),
    ("blockedMarketplaces", Shape::Whole),
    ("disableCommandPluginSources", Shape::Whole),
    ("disableSkillShellExecution", Shape::Whole),
    ("forceLoginMethod", Shape::Whole),
    ("forceLoginOrgUUID", Shape::Whole),
    ("forceRemoteSettingsRefresh", Shape::Whole),
    ("parentSettingsBehavior", Shape::Whole),
    ("managedSourcesBehavior", Shape::Whole),
    ("allowClaudeInChromeWithManagedMcp", Shape::Whole),
    ("prependPlugins", Shape::Whole),
    ("appendPlugins", Shape::Whole),
]);

pub(super) fn extract(source: &Source<'_>, root: &Node, found: &mut Extract) {
    let mut add = |key: String, kind: SettingKind, value: Value| {
        if says_something(&value) || counts_when_empty(&key, kind, &value) {
            let (surface, project) = (source.surface.clone(), source.surface.project.clone());
            found.settings.push(Setting { surface, project, key, kind, value }.into());
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
        for (name, node) in
            members(root, group).as_ref().and_then(|n| n.as_object()).into_iter().flat_map(|o| o.iter())
        {
            let value = json::entry::value(&json::entry::unfolded(node), &mask_permission);
            add(format!("{group}.{name}"), SettingKind::Permission, value);
        }
    }
    for (name, value) in root.get("env").map(variables::variables).unwrap_or_default() {
        let text = Secret::new(variables::as_the_client_says(&value));
        found.variables.push(FoundVariable { name: name.clone(), value: text });
        add(format!("env.{name}"), SettingKind::Variable, value);
    }
    found.rejected = schema::wrong_key(root);
    let project = source.surface.project.as_deref();
    found.toggles =
        found.settings.iter().flat_map(|setting| toggles(&setting.key, &setting.value, project)).collect();
}

fn value_of(key: &str, kind: SettingKind, node: &Node) -> Value {
    match (key, kind) {
        (_, SettingKind::Helper | SettingKind::StatusLine) => masks::runnable(node),
        ("pluginConfigs", _) => json::entry::value(&json::entry::unfolded(node), &mask_value),
        ("allowedMcpServers" | "deniedMcpServers", _) => masks::patterns(node),
        _ => masks::source(node),
    }
}

/// The members of a group, which padding must not hide.
fn members<'n>(root: &'n Node, group: &str) -> Option<std::borrow::Cow<'n, Node>> {
    root.get(group).map(json::entry::unfolded)
}

/// What says something by being empty or off: a variable may be set to nothing, a list of what is allowed may
/// allow nothing, and of some switches `false` is the stricter side.
fn counts_when_empty(key: &str, kind: SettingKind, value: &Value) -> bool {
    match (kind, value) {
        (SettingKind::Variable, _) => true,
        (SettingKind::Permission, Value::Bool(false)) => key.starts_with("sandbox."),
        (_, Value::List(items)) => items.is_empty() && is_list_of_what_is_allowed(key),
        _ => false,
    }
}
