//! The resolved baseline as a list, for a person to read: every expectation and on what it stands. Knows
//! nothing of what is really there.

use crate::baseline::Baseline;
use crate::model::approval::Approval;
use crate::model::entry::Entry;
use crate::model::subject::Subject;
use crate::model::surface::Scope;
use crate::model::template::{Pattern, Template, Unlisted};
use crate::model::value::Value;
use std::path::Path;

/// On what an expectation stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ground<'b> {
    /// A template's word.
    Template(&'b Template),
    /// An approval.
    Approval(&'b Approval),
}

/// One expectation.
#[derive(Clone, Debug, PartialEq)]
pub enum Standing<'b> {
    /// A server must be exactly so.
    Server {
        /// Its name.
        name: &'b str,
        /// In which scopes.
        scopes: Vec<Scope>,
        /// In which project, for an approval that has one.
        project: Option<&'b Path>,
        /// What it should be.
        expected: Entry,
        /// Whether it must be there.
        required: bool,
        /// By whose word.
        ground: Ground<'b>,
        /// The template that rules instead, where this has no effect.
        overruled_by: Option<&'b Template>,
    },
    /// Servers that match are in order.
    Allowed {
        /// Which.
        pattern: &'b Pattern,
        /// By whose word.
        template: &'b Template,
    },
    /// Servers that match are not to be.
    Denied {
        /// Which.
        pattern: &'b Pattern,
        /// By whose word.
        template: &'b Template,
    },
    /// Servers that nothing else speaks of are not to be.
    UnlistedDenied {
        /// By whose word.
        template: &'b Template,
    },
    /// A setting must be exactly so.
    Setting {
        /// Its path in the client's settings.
        key: &'b str,
        /// What it should be.
        expected: &'b Value,
        /// By whose word.
        template: &'b Template,
    },
    /// Anything else that was approved.
    Content {
        /// By which approval.
        approval: &'b Approval,
    },
}

impl Baseline {
    /// Every expectation: what is denied, servers by name, what is allowed, settings, then other approvals.
    pub fn standings(&self) -> Vec<Standing<'_>> {
        let mut list = Vec::new();
        for template in &self.templates {
            list.extend(template.deny.iter().map(|pattern| Standing::Denied { pattern, template }));
        }
        list.extend(self.server_standings());
        for template in &self.templates {
            let allow = template.allow.iter().flatten();
            list.extend(allow.map(|pattern| Standing::Allowed { pattern, template }));
            if template.unlisted == Unlisted::Deny {
                list.push(Standing::UnlistedDenied { template });
            }
        }
        list.extend(self.settings_expected().into_iter().map(|setting| Standing::Setting {
            key: setting.key,
            expected: setting.expected,
            template: setting.template,
        }));
        let others = self.approvals.iter().filter(|approval| !is_server(&approval.subject));
        list.extend(others.map(|approval| Standing::Content { approval }));
        list
    }

    fn server_standings(&self) -> Vec<Standing<'_>> {
        let mut list: Vec<(&str, Standing<'_>)> = Vec::new();
        for template in &self.templates {
            for (name, entry) in &template.servers {
                let rules = |scope: &&Scope| {
                    self.named(**scope, name).is_some_and(|(ruling, _)| ruling.file == template.file)
                };
                let scopes: Vec<Scope> = template.scopes.iter().filter(rules).copied().collect();
                let overruled_by = scopes.is_empty().then(|| {
                    let mut others = template.scopes.iter().filter_map(|scope| self.named(*scope, name));
                    others.next().map(|(ruling, _)| ruling)
                });
                let required = template.required.contains(name);
                list.push((
                    name,
                    Standing::Server {
                        name,
                        scopes: if scopes.is_empty() {
                            template.scopes.iter().copied().collect()
                        } else {
                            scopes
                        },
                        project: None,
                        expected: entry.clone(),
                        required,
                        ground: Ground::Template(template),
                        overruled_by: overruled_by.flatten(),
                    },
                ));
            }
        }
        for approval in &self.approvals {
            let Subject::Server { scope, project, name } = &approval.subject else { continue };
            let Some(expected) = Entry::from_value(&approval.content) else { continue };
            list.push((
                name,
                Standing::Server {
                    name,
                    scopes: vec![*scope],
                    project: project.as_deref(),
                    expected,
                    required: false,
                    ground: Ground::Approval(approval),
                    overruled_by: self.named(*scope, name).map(|(template, _)| template),
                },
            ));
        }
        list.sort_by_key(|(name, _)| *name);
        list.into_iter().map(|(_, standing)| standing).collect()
    }
}

fn is_server(subject: &Subject) -> bool {
    matches!(subject, Subject::Server { .. })
}
