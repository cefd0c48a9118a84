//! Approvals of what plugins bring. A plugin's files move with every version; its name stays.

use crate::model::approval::Approval;
use crate::model::setting::Setting;
use crate::model::subject::Subject;
use crate::model::surface::Scope;
use std::collections::HashMap;
use std::path::Path;

/// Approvals of plugins' servers by name and of their settings by key.
#[derive(Default)]
pub(super) struct PluginApprovals<'b> {
    servers: HashMap<&'b str, Vec<&'b Approval>>,
    settings: HashMap<&'b str, Vec<&'b Approval>>,
}

impl<'b> PluginApprovals<'b> {
    /// Takes an approval in, if it is of something that a plugin brought.
    pub(super) fn add(&mut self, approval: &'b Approval) {
        match &approval.subject {
            Subject::Server { scope: Scope::Plugin, name, .. } => {
                self.servers.entry(name).or_default().push(approval);
            }
            Subject::Setting { file, project: Some(project), key } if file.starts_with(project) => {
                self.settings.entry(key).or_default().push(approval);
            }
            _ => {}
        }
    }

    /// The approval of the plugin's server of that name, in whichever version's directory.
    pub(super) fn server(&self, name: &str) -> Option<&'b Approval> {
        Approval::newest(self.servers.get(name)?.iter().copied())
    }

    /// The approval of the same setting of the same plugin in the directory of another version.
    pub(super) fn setting(&self, setting: &Setting) -> Option<&'b Approval> {
        let root = setting.project.as_deref().filter(|_| setting.surface.scope == Scope::Plugin)?;
        let inside = setting.surface.file.strip_prefix(root).ok()?;
        let same_plugin = |approval: &&&Approval| match &approval.subject {
            Subject::Setting { file, project: Some(other), .. } => {
                root.parent() == other.parent()
                    && root != other.as_path()
                    && file.strip_prefix(other).is_ok_and(|path: &Path| path == inside)
            }
            _ => false,
        };
        Approval::newest(self.settings.get(setting.key.as_str())?.iter().filter(same_plugin).copied())
    }
}
