//! The keys that a template's document may have at its top. Knows nothing of their values.

use super::problem::{Severity, quote};
use super::reader::{OURS, Reader, nearest};
use crate::json::Object;
use crate::model::setting::SINGLE_KEYS;

/// Keys of Claude Code's settings beside those that are watched one by one. They say nothing to a template, and
/// nothing is wrong with them.
const CLAUDE: [&str; 61] = [
    "$schema",
    "advisorModel",
    "agent",
    "alwaysThinkingEnabled",
    "allowedHttpHookUrls",
    "allowedPluginMcpServers",
    "attribution",
    "autoMemoryDirectory",
    "autoMode",
    "autoUpdatesChannel",
    "availableModels",
    "awaySummaryEnabled",
    "blockedMarketplaces",
    "channelsEnabled",
    "cleanupPeriodDays",
    "companyAnnouncements",
    "defaultShell",
    "deniedPluginMcpServers",
    "disableAutoMode",
    "disableDeepLinkRegistration",
    "disabledMcpServers",
    "editorMode",
    "effortLevel",
    "env",
    "fastMode",
    "feedbackSurveyRate",
    "forceLoginMethod",
    "forceLoginOrgUUID",
    "forceRemoteSettingsRefresh",
    "hooks",
    "httpHookAllowedEnvVars",
    "includeCoAuthoredBy",
    "includeGitInstructions",
    "inputs",
    "language",
    "minimumVersion",
    "model",
    "modelOverrides",
    "outputStyle",
    "parentSettingsBehavior",
    "permissions",
    "plansDirectory",
    "pluginTrustMessage",
    "prefersReducedMotion",
    "prUrlTemplate",
    "requiredMaximumVersion",
    "requiredMinimumVersion",
    "respectGitignore",
    "sandbox",
    "showThinkingSummaries",
    "showTurnDuration",
    "skipWebFetchPreflight",
    "spinnerTipsEnabled",
    "spinnerTipsOverride",
    "spinnerVerbs",
    "sshConfigs",
    "teammateMode",
    "terminalProgressBarEnabled",
    "useAutoModeDuringPlan",
    "voiceEnabled",
    "worktree",
];

impl Reader<'_> {
    /// Warns of keys that neither a template nor Claude Code has.
    pub(super) fn top_level(&mut self, root: &Object) {
        let known = || OURS.into_iter().chain(CLAUDE).chain(SINGLE_KEYS.into_iter().map(|(key, _)| key));
        for member in root.members() {
            let name = &*member.name;
            if known().any(|key| key == name) {
                continue;
            }
            let sentence = format!("{} is no key of a template or of Claude Code's settings", quote(name));
            let noted = self.note(Severity::Warning, member.key.start, &[name], sentence);
            if let Some(near) = nearest(name, known()) {
                noted.remedy(format!("did you mean \"{near}\"?"));
            }
        }
    }
}
