//! The verdict on one thing: templates first, then approvals. Knows nothing of how a difference is told.

use crate::baseline::Baseline;
use crate::baseline::index::Index;
use crate::baseline::pattern::{AllowRule, Candidate};
use crate::model::approval::Approval;
use crate::model::entry::Entry;
use crate::model::inventory::Server;
use crate::model::setting::Setting;
use crate::model::subject::Subject;
use crate::model::surface::Scope;
use crate::model::template::{Pattern, Template, Unlisted};
use crate::model::value::Value;
use crate::model::verdict::{ContentVerdict, ServerVerdict};
use std::borrow::Cow;

/// A baseline that is asked about many things: its approvals can be found without looking at all of them.
pub struct Verdicts<'b> {
    baseline: &'b Baseline,
    index: Cow<'b, Index>,
}

impl Baseline {
    /// Prepared for many questions.
    pub fn verdicts(&self) -> Verdicts<'_> {
        Verdicts { baseline: self, index: Cow::Owned(self.index()) }
    }

    /// Where its approvals are found, for [`Baseline::verdicts_by`].
    pub fn index(&self) -> Index {
        Index::of(&self.approvals)
    }

    /// The same with an index that was made of this very baseline before.
    pub fn verdicts_by<'b>(&'b self, index: &'b Index) -> Verdicts<'b> {
        Verdicts { baseline: self, index: Cow::Borrowed(index) }
    }

    /// What the baseline says about one server; see [`Verdicts::server`].
    pub fn server(&self, server: &Server) -> ServerVerdict<'_> {
        self.verdicts().server(server)
    }

    /// What the baseline says about one setting; see [`Verdicts::setting`].
    pub fn setting(&self, setting: &Setting) -> ContentVerdict<'_> {
        self.verdicts().setting(setting)
    }

    /// What the approvals say about one thing that is neither; see [`Verdicts::content`].
    pub fn content(&self, subject: &Subject, content: &Value) -> ContentVerdict<'_> {
        self.verdicts().content(subject, content)
    }

    /// The template that names this server in this scope: of several the last, in the order of their files.
    pub(super) fn named(&self, scope: Scope, name: &str) -> Option<(&Template, &Entry)> {
        self.ruling(scope)
            .filter_map(|template| Some((template, template.servers.get(name)?)))
            .max_by(|(a, _), (b, _)| a.file.cmp(&b.file))
    }

    /// The templates that rule a scope.
    fn ruling(&self, scope: Scope) -> impl Iterator<Item = &Template> {
        self.templates.iter().filter(move |template| template.scopes.contains(&scope))
    }

    fn denial(&self, candidate: &Candidate<'_>) -> Option<(&Template, &Pattern)> {
        self.templates
            .iter()
            .flat_map(|template| template.deny.iter().map(move |pattern| (template, pattern)))
            .find(|(_, pattern)| candidate.is_denied_by(pattern))
    }

    /// The allow entry that matches. The lists of all templates are one: a `serverCommand` in any of them makes
    /// commands count for every local program.
    fn allowance(&self, scope: Scope, candidate: &Candidate<'_>) -> Option<(&Template, &Pattern)> {
        let entries = || {
            self.ruling(scope)
                .flat_map(|template| template.allow.iter().flatten().map(move |pattern| (template, pattern)))
        };
        let rule: AllowRule = candidate.allow_rule(entries().map(|(_, pattern)| pattern));
        entries().find(|(_, pattern)| candidate.is_allowed_by(pattern, rule))
    }
}

impl<'b> Verdicts<'b> {
    /// What the baseline says about a server.
    ///
    /// Deny entries hold in every scope, as they do for the client; everything else of a template holds in the
    /// scopes that it rules.
    pub fn server(&self, server: &Server) -> ServerVerdict<'b> {
        let scope = server.surface.scope;
        let candidate = Candidate::new(server);
        if let Some((template, pattern)) = self.baseline.denial(&candidate) {
            return ServerVerdict::Denied { template, pattern };
        }
        if let Some((template, expected)) = self.baseline.named(scope, &server.name) {
            return ServerVerdict::Named { template, expected };
        }
        if let Some((template, pattern)) = self.baseline.allowance(scope, &candidate) {
            return ServerVerdict::Allowed { template, pattern };
        }
        if let Some(template) =
            self.baseline.ruling(scope).find(|template| template.unlisted == Unlisted::Deny)
        {
            return ServerVerdict::NotListed { template };
        }
        self.approved(server)
    }

    /// What the baseline says about a setting.
    pub fn setting(&self, setting: &Setting) -> ContentVerdict<'b> {
        let ruled = self
            .baseline
            .ruling(setting.surface.scope)
            .filter_map(|template| Some((template, template.settings.get(&setting.key)?)))
            .max_by(|(a, _), (b, _)| a.file.cmp(&b.file));
        match ruled {
            Some((template, expected)) => ContentVerdict::Ruled { template, expected },
            None => self.content(&Subject::setting(setting), &setting.value),
        }
    }

    /// What the approvals say about anything that is neither server nor setting.
    pub fn content(&self, subject: &Subject, content: &Value) -> ContentVerdict<'b> {
        let about = || self.about(subject);
        if let Some(approval) = Approval::newest(about().filter(|approval| approval.content == *content)) {
            return ContentVerdict::Approved { approval };
        }
        match Approval::newest(about()) {
            Some(approval) => ContentVerdict::Differs { approval },
            None => ContentVerdict::Unknown,
        }
    }

    /// What the approvals say about a server. Approved content holds wherever the same name has it in the same
    /// scope, so that a second worktree asks no second question.
    fn approved(&self, server: &Server) -> ServerVerdict<'b> {
        let subject = Subject::server(server);
        let content = server.entry.to_value();
        let equal = |approval: &&Approval| approval.content == content;
        let anywhere = || {
            let (scope, approvals) = (server.surface.scope, self.approvals());
            Approval::newest(self.index.by_content(approvals, scope, &server.name, &content).filter(equal))
        };
        if let Some(approval) = Approval::newest(self.about(&subject).filter(equal)).or_else(anywhere) {
            return ServerVerdict::Approved { approval };
        }
        match self.approval_of(server) {
            Some((approval, expected)) => ServerVerdict::Differs { approval, expected },
            None => ServerVerdict::Unknown,
        }
    }

    /// What this very server was when it was approved, whatever a template says of it now.
    pub fn approval_of(&self, server: &Server) -> Option<(&'b Approval, Entry)> {
        let mut approval = Approval::newest(self.about(&Subject::server(server)));
        if server.surface.scope == Scope::Plugin {
            approval = approval.or_else(|| self.index.plugin_server(self.approvals(), &server.name));
        }
        approval.and_then(|approval| Some((approval, Entry::from_value(&approval.content)?)))
    }

    /// The approval of the same setting of the same plugin in the directory of another version.
    pub fn moved(&self, setting: &Setting) -> Option<&'b Approval> {
        self.index.plugin_setting(self.approvals(), setting)
    }

    fn about(&self, subject: &Subject) -> impl Iterator<Item = &'b Approval> {
        self.index.about(self.approvals(), subject)
    }

    fn approvals(&self) -> &'b [Approval] {
        &self.baseline.approvals
    }
}

#[cfg(test)]
#[path = "resolve_tests.rs"]
mod tests;
