//! The baseline as a check asks it: what templates say first, then what was approved, found without looking
//! at every approval for every question.

use crate::baseline::Baseline;
use crate::model::approval::Approval;
use crate::model::digest::Digest;
use crate::model::entry::Entry;
use crate::model::inventory::Server;
use crate::model::setting::Setting;
use crate::model::subject::Subject;
use crate::model::surface::Scope;
use crate::model::value::Value;
use crate::model::verdict::{ContentVerdict, ServerVerdict};
use std::collections::HashMap;
use std::path::Path;

/// Templates, and approvals by what they are about.
pub(super) struct Rulings<'b> {
    /// Without its approvals.
    templates: Baseline,
    by_subject: HashMap<&'b Subject, Vec<&'b Approval>>,
    by_content: HashMap<(Scope, &'b str, Digest), Vec<&'b Approval>>,
    /// A plugin's files move with every version; its name stays.
    plugins: HashMap<&'b str, Vec<&'b Approval>>,
    plugin_settings: HashMap<&'b str, Vec<&'b Approval>>,
}

impl<'b> Rulings<'b> {
    pub(super) fn of(baseline: &'b Baseline) -> Self {
        let mut rulings = Self {
            templates: Baseline { templates: baseline.templates.clone(), approvals: Vec::new() },
            by_subject: HashMap::new(),
            by_content: HashMap::new(),
            plugins: HashMap::new(),
            plugin_settings: HashMap::new(),
        };
        for approval in &baseline.approvals {
            rulings.by_subject.entry(&approval.subject).or_default().push(approval);
            match &approval.subject {
                Subject::Server { scope, name, .. } => {
                    let content = (*scope, name.as_str(), digest(&approval.content));
                    rulings.by_content.entry(content).or_default().push(approval);
                    if *scope == Scope::Plugin {
                        rulings.plugins.entry(name).or_default().push(approval);
                    }
                }
                Subject::Setting { file, project: Some(project), key } if file.starts_with(project) => {
                    rulings.plugin_settings.entry(key).or_default().push(approval);
                }
                _ => {}
            }
        }
        rulings
    }

    /// What is said about a server.
    pub(super) fn server(&self, server: &Server) -> ServerVerdict<'_> {
        match self.templates.server(server) {
            ServerVerdict::Unknown => self.approved(server),
            ruled => ruled,
        }
    }

    /// What is said about a setting.
    pub(super) fn setting(&self, setting: &Setting) -> ContentVerdict<'_> {
        match self.templates.setting(setting) {
            ContentVerdict::Unknown => self.content(&Subject::setting(setting), &setting.value),
            ruled => ruled,
        }
    }

    /// What the approvals say about anything else.
    pub(super) fn content(&self, subject: &Subject, content: &Value) -> ContentVerdict<'_> {
        let about = || self.about(subject);
        if let Some(approval) = newest(about().filter(|approval| approval.content == *content)) {
            return ContentVerdict::Approved { approval };
        }
        match newest(about()) {
            Some(approval) => ContentVerdict::Differs { approval },
            None => ContentVerdict::Unknown,
        }
    }

    /// What this very server was when it was approved, whatever a template says of it now.
    pub(super) fn approval_of(&self, server: &Server) -> Option<(&'b Approval, Entry)> {
        let subject = Subject::server(server);
        let mut other = newest(self.about(&subject));
        if server.surface.scope == Scope::Plugin {
            other = other.or_else(|| newest(self.plugins.get(server.name.as_str())?.iter().copied()));
        }
        other.and_then(|approval| Some((approval, Entry::from_value(&approval.content)?)))
    }

    /// The approval of the same setting of the same plugin in the directory of another version.
    pub(super) fn moved(&self, setting: &Setting) -> Option<&'b Approval> {
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
        newest(self.plugin_settings.get(setting.key.as_str())?.iter().filter(same_plugin).copied())
    }

    fn about(&self, subject: &Subject) -> impl Iterator<Item = &'b Approval> {
        self.by_subject.get(subject).into_iter().flatten().copied()
    }

    /// Approved content holds wherever the same name has it in the same scope, so that a second worktree asks
    /// no second question.
    fn approved(&self, server: &Server) -> ServerVerdict<'_> {
        let subject = Subject::server(server);
        let content = server.entry.to_value();
        let here = newest(self.about(&subject).filter(|approval| approval.content == content));
        let anywhere = || {
            let key = (server.surface.scope, server.name.as_str(), digest(&content));
            newest(self.by_content.get(&key)?.iter().copied().filter(|approval| approval.content == content))
        };
        if let Some(approval) = here.or_else(anywhere) {
            return ServerVerdict::Approved { approval };
        }
        match self.approval_of(server) {
            Some((approval, expected)) => ServerVerdict::Differs { approval, expected },
            None => ServerVerdict::Unknown,
        }
    }
}

fn digest(content: &Value) -> Digest {
    Digest::of(content.revealed().to_string().as_bytes())
}

/// The approval that was given last.
fn newest<'b>(approvals: impl Iterator<Item = &'b Approval>) -> Option<&'b Approval> {
    approvals.max_by_key(|approval| approval.id)
}
