//! `mcpwatch.settings`: settings that must be exactly so, written as in a settings file or by their path. Knows
//! which keys are watched; a rule about any other would never be checked.

use super::problem::{Severity, quote};
use super::reader::{Reader, nearest};
use crate::json::{self, Node};
use crate::model::masking::{mask_command_line, mask_value};
use crate::model::setting::{SINGLE_KEYS, SettingKind};
use crate::model::text::Text;
use crate::model::value::Value;
use std::collections::BTreeMap;

/// Keys that hold many settings, each with a path of its own: `hooks.SessionStart`.
const GROUPS: [&str; 4] = ["hooks", "permissions", "sandbox", "env"];

/// Settings of `.claude.json` that a template may rule beside those of a settings file.
const OTHERS: [&str; 6] = [
    "hasTrustDialogAccepted",
    "hasClaudeMdExternalIncludesApproved",
    "customApiKeyResponses.approved",
    "disabledMcpServers",
    "allowedTools",
    "bypassPermissionsModeAccepted",
];

impl Reader<'_> {
    /// Reads the settings by their paths.
    pub(super) fn settings(&mut self, node: &Node) -> BTreeMap<String, Value> {
        let path = ["mcpwatch", "settings"];
        let mut settings = BTreeMap::new();
        let Some(object) = self.object(node, &path, "\"settings\"") else { return settings };
        for member in object.members() {
            let name = &*member.name;
            let at = ["mcpwatch", "settings", name];
            if GROUPS.contains(&name) {
                let Some(group) = self.object(&member.value, &at, &quote(name)) else { continue };
                for inner in group.members() {
                    let key = format!("{name}.{}", inner.name);
                    self.setting(key, &inner.value, &mut settings);
                }
            } else if SettingKind::of_key(name).is_some() {
                self.setting(name.to_owned(), &member.value, &mut settings);
            } else {
                let sentence = format!("the setting {} is not watched", quote(name));
                let noted = self.note(Severity::Error, member.key.start, &at, sentence);
                let known = || SINGLE_KEYS.into_iter().map(|(key, _)| key).chain(GROUPS).chain(OTHERS);
                if let Some(near) = nearest(name, known()) {
                    noted.remedy(format!("did you mean \"{near}\"?"));
                }
            }
        }
        settings
    }

    fn setting(&mut self, key: String, node: &Node, settings: &mut BTreeMap<String, Value>) {
        let value = json::entry::value(node, mask_of(&key));
        let path = ["mcpwatch", "settings", key.as_str()];
        if settings.contains_key(&key) {
            self.error(node, &path, format!("the setting {} is ruled twice", quote(&key)))
                .remedy("keep one of the two");
        }
        settings.insert(key, value);
    }
}

/// How the strings of a setting are masked. Masking never changes what is equal.
fn mask_of(key: &str) -> json::entry::Mask<'static> {
    if let Some(name) = key.strip_prefix("env.") {
        return json::entry::mask_of_variable(name);
    }
    match SettingKind::of_key(key) {
        Some(SettingKind::Hook | SettingKind::Helper | SettingKind::StatusLine) => &mask_command_line,
        Some(SettingKind::Permission) => &mask_command_line,
        Some(_) if key != "pluginConfigs" => &|word| Text::plain(word),
        _ => &mask_value,
    }
}
