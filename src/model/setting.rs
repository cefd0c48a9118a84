//! Settings beside the servers: those that run code, redirect traffic, widen what is allowed or grant trust.

use crate::model::surface::Surface;
use crate::model::value::Value;
use std::path::Path;
use std::sync::Arc;

/// What a setting can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SettingKind {
    /// Commands run at events of the session (`hooks`).
    Hook,
    /// Any other setting whose value is a command (`apiKeyHelper`, …).
    Helper,
    /// `statusLine` and its like: a command, seen at every prompt.
    StatusLine,
    /// A variable that the client or the programs that it starts receive (`env`).
    Variable,
    /// What tools may do without asking (`permissions`, `sandbox`).
    Permission,
    /// Which project servers or plugins are accepted.
    Approval,
    /// A directory whose own settings are believed.
    Trust,
    /// What protects everything else (`disableAllHooks`, …).
    Defense,
}

/// Keys of a settings file that have one value each, and what they can do.
pub const SINGLE_KEYS: [(&str, SettingKind); 49] = [
    ("apiKeyHelper", SettingKind::Helper),
    ("proxyAuthHelper", SettingKind::Helper),
    ("awsAuthRefresh", SettingKind::Helper),
    ("awsCredentialExport", SettingKind::Helper),
    ("gcpAuthRefresh", SettingKind::Helper),
    ("otelHeadersHelper", SettingKind::Helper),
    ("processWrapper", SettingKind::Helper),
    ("policyHelper", SettingKind::Helper),
    ("policyHelpers", SettingKind::Helper),
    ("fileSuggestion", SettingKind::Helper),
    ("statusLine", SettingKind::StatusLine),
    ("subagentStatusLine", SettingKind::StatusLine),
    ("skipDangerousModePermissionPrompt", SettingKind::Permission),
    ("additionalDirectoryConfigRoots", SettingKind::Permission),
    ("skipWebFetchPreflight", SettingKind::Permission),
    ("forceLoginGatewayUrl", SettingKind::Approval),
    ("allowedHttpHookUrls", SettingKind::Defense),
    ("httpHookAllowedEnvVars", SettingKind::Defense),
    ("allowedProviders", SettingKind::Defense),
    ("allowedMarketplaces", SettingKind::Defense),
    ("blockedMarketplaces", SettingKind::Defense),
    ("disableCommandPluginSources", SettingKind::Defense),
    ("disableSkillShellExecution", SettingKind::Defense),
    ("forceLoginMethod", SettingKind::Defense),
    ("forceLoginOrgUUID", SettingKind::Defense),
    ("forceRemoteSettingsRefresh", SettingKind::Defense),
    ("parentSettingsBehavior", SettingKind::Defense),
    ("managedSourcesBehavior", SettingKind::Defense),
    ("allowClaudeInChromeWithManagedMcp", SettingKind::Approval),
    ("prependPlugins", SettingKind::Approval),
    ("appendPlugins", SettingKind::Approval),
    ("disableAllHooks", SettingKind::Defense),
    ("allowManagedHooksOnly", SettingKind::Defense),
    ("allowManagedMcpServersOnly", SettingKind::Defense),
    ("allowManagedPermissionRulesOnly", SettingKind::Defense),
    ("disableSideloadFlags", SettingKind::Defense),
    ("strictPluginOnlyCustomization", SettingKind::Defense),
    ("disableClaudeAiConnectors", SettingKind::Defense),
    ("strictKnownMarketplaces", SettingKind::Defense),
    ("allowedMcpServers", SettingKind::Approval),
    ("deniedMcpServers", SettingKind::Approval),
    ("allowAllClaudeAiMcps", SettingKind::Approval),
    ("enableAllProjectMcpServers", SettingKind::Approval),
    ("enabledMcpjsonServers", SettingKind::Approval),
    ("disabledMcpjsonServers", SettingKind::Approval),
    ("enabledPlugins", SettingKind::Approval),
    ("extraKnownMarketplaces", SettingKind::Approval),
    ("additionalMarketplaces", SettingKind::Approval),
    ("pluginConfigs", SettingKind::Approval),
];

/// Whether a setting lists what is allowed: without it everything is, and an empty list allows nothing.
pub fn is_list_of_what_is_allowed(key: &str) -> bool {
    matches!(
        key,
        "allowedMcpServers"
            | "strictKnownMarketplaces"
            | "allowedMarketplaces"
            | "allowedProviders"
            | "allowedHttpHookUrls"
            | "httpHookAllowedEnvVars"
    )
}

impl SettingKind {
    /// What the setting of that key can do; `None` for a key that is not watched.
    pub fn of_key(key: &str) -> Option<Self> {
        let groups: [(&str, Self); 5] = [
            ("hooks.", Self::Hook),
            ("permissions.", Self::Permission),
            ("sandbox.", Self::Permission),
            ("env.", Self::Variable),
            ("marketplaces.", Self::Approval),
        ];
        if let Some((_, kind)) = groups.into_iter().find(|(prefix, _)| key.starts_with(prefix)) {
            return Some(kind);
        }
        match key {
            "hasTrustDialogAccepted" | "hasClaudeMdExternalIncludesApproved" => Some(Self::Trust),
            "customApiKeyResponses.approved" | "disabledMcpServers" => Some(Self::Approval),
            "allowedTools" | "bypassPermissionsModeAccepted" => Some(Self::Permission),
            _ => SINGLE_KEYS.into_iter().find(|(known, _)| *known == key).map(|(_, kind)| kind),
        }
    }
}

/// One setting as a surface holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Where it stands.
    pub surface: Surface,
    /// The directory it is about, for what `.claude.json` says of a project.
    pub project: Option<Arc<Path>>,
    /// Its path in the document, such as `hooks.SessionStart` or `env.HTTPS_PROXY`.
    pub key: String,
    /// What it can do.
    pub kind: SettingKind,
    /// Its value.
    pub value: Value,
}
