//! What `baseline show --format json` prints. Its keys are stable; it knows nothing of terminals.

use crate::baseline::{self, LocalApprovals, Standing};
use crate::cli::baseline::rows::sort;
use crate::cli::session::Checked;
use crate::compose::Reading;
use crate::model::approval::Approval;
use crate::model::digest::Key;
use crate::model::subject::Subject;
use crate::model::template::{Pattern, Template};
use crate::model::verdict::{ContentVerdict, ServerVerdict};
use serde::Serialize;
use std::path::Path;

/// The one object.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    /// The templates in force, in the order in which they count.
    pub(super) templates: Vec<TemplateRow>,
    /// Templates that are not in force, where signatures are demanded.
    pub(super) rejected: Vec<RejectedRow>,
    /// Whether what is approved on this machine counts.
    pub(super) local_approvals: bool,
    /// Everything that is expected, every server that is there, and every setting that stands on nothing.
    pub(super) entries: Vec<Row>,
}

/// One template.
#[derive(Debug, Serialize)]
pub(super) struct TemplateRow {
    /// What it calls itself.
    pub(super) name: String,
    /// Its version.
    pub(super) version: Option<u64>,
    /// Its file.
    pub(super) file: String,
}

/// One template that is not in force.
#[derive(Debug, Serialize)]
pub(super) struct RejectedRow {
    /// Its file.
    file: String,
    /// Why, and what is in force instead.
    pub(super) why: String,
}

/// One expectation, or one thing that stands on nothing.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    /// The home that it is about; `null` for what a template says of every home.
    pub(super) home: Option<String>,
    /// A server's name, a setting's path, a file, or a pattern.
    pub(super) name: String,
    /// `server`, `hook`, `helper`, `status line`, `variable`, `permission`, `approval`, `trust`, `protection`,
    /// `setting`, `file`, `managed file`, `program`, `finding`, `allowed`, `denied` or `unlisted`.
    pub(super) kind: &'static str,
    /// The scopes in which it holds.
    pub(super) scopes: Vec<String>,
    /// The project that it is about.
    pub(super) project: Option<String>,
    /// The file that it stands in.
    pub(super) file: Option<String>,
    /// Whether it must be there.
    pub(super) required: bool,
    /// What it should be, secrets masked.
    expected: Option<serde_json::Value>,
    /// On what it stands.
    pub(super) ground: Ground,
    /// What of it that is, where it is a rule for several: `allows url https://*.example.com/*`.
    pub(super) by_rule: Option<String>,
    /// The template that rules instead, so that this has no effect.
    pub(super) overruled_by: Option<String>,
}

/// On what something stands.
#[derive(Debug, Serialize)]
#[serde(tag = "on", rename_all = "lowercase")]
pub(super) enum Ground {
    /// A template's word.
    Template {
        /// Its name.
        name: String,
        /// Its version.
        version: Option<u64>,
    },
    /// An approval.
    Approval {
        /// Its number.
        id: i64,
        /// Who accepted it.
        by: String,
        /// When.
        at: String,
        /// Why.
        reason: Option<String>,
        /// Until when.
        expires: Option<String>,
        /// The event that told the drift it was given for.
        event: Option<String>,
    },
    /// Nothing: it is drift.
    Nothing,
}

impl Document {
    /// Takes it all over.
    pub(super) fn new(reading: &Reading, homes: &[Checked<'_>]) -> Self {
        let (templates, key) = (&reading.templates, &reading.key);
        let mut entries = Vec::new();
        for (at, checked) in homes.iter().enumerate() {
            let standings = checked.baseline.standings();
            // What templates say is the same for every home, and said once.
            let mine = standings.iter().filter(|standing| at == 0 || !is_template(standing));
            entries.extend(mine.map(|standing| Row::standing(standing, checked, key)));
            entries.extend(unnamed(checked));
        }
        let templates = templates.iter().map(|template| TemplateRow {
            name: template.name.clone(),
            version: template.version,
            file: shown(&template.file),
        });
        let local_approvals = reading.local_approvals == LocalApprovals::Count;
        let rejected = reading
            .rejected
            .iter()
            .map(|rejected| RejectedRow { file: shown(&rejected.file), why: rejected.why.clone() })
            .collect();
        Self { templates: templates.collect(), rejected, local_approvals, entries }
    }
}

fn is_template(standing: &Standing<'_>) -> bool {
    match standing {
        Standing::Server { ground, .. } => matches!(ground, baseline::Ground::Template(_)),
        Standing::Content { .. } => false,
        _ => true,
    }
}

impl Row {
    fn new(name: String, kind: &'static str, ground: Ground) -> Self {
        Self {
            home: None,
            name,
            kind,
            scopes: Vec::new(),
            project: None,
            file: None,
            required: false,
            expected: None,
            ground,
            by_rule: None,
            overruled_by: None,
        }
    }

    fn standing(standing: &Standing<'_>, checked: &Checked<'_>, key: &Key) -> Self {
        let home = Some(shown(checked.home.dir()));
        match standing {
            Standing::Server { name, scopes, project, expected, required, ground, overruled_by } => Self {
                home: home.filter(|_| matches!(ground, baseline::Ground::Approval(_))),
                scopes: scopes.iter().map(ToString::to_string).collect(),
                project: project.map(shown),
                required: *required,
                expected: Some(expected.to_value().shown(key)),
                overruled_by: overruled_by.map(|template| template.name.clone()),
                ..Self::new(
                    (*name).to_owned(),
                    "server",
                    match ground {
                        baseline::Ground::Template(template) => of_template(template),
                        baseline::Ground::Approval(approval) => of_approval(approval),
                    },
                )
            },
            Standing::Allowed { pattern, template } => {
                Self::new(in_words(pattern), "allowed", of_template(template))
            }
            Standing::Denied { pattern, template } => {
                Self::new(in_words(pattern), "denied", of_template(template))
            }
            Standing::UnlistedDenied { template } => {
                Self::new("every other server".to_owned(), "unlisted", of_template(template))
            }
            Standing::Setting { key: name, expected, template } => Self {
                expected: Some(expected.shown(key)),
                ..Self::new((*name).to_owned(), "setting", of_template(template))
            },
            Standing::Content { approval } => Self { home, ..Self::content(approval, checked, key) },
        }
    }

    fn content(approval: &Approval, checked: &Checked<'_>, key: &Key) -> Self {
        let settings = &checked.report.inventory.settings;
        let kind_of = || {
            let setting = settings.iter().find(|setting| Subject::setting(setting) == approval.subject);
            setting.map_or("setting", |setting| sort(setting.kind))
        };
        let of = |path: &Path| crate::cli::paths::short(path, checked.home.dir());
        let (name, kind) = match &approval.subject {
            Subject::Server { name, .. } => (name.clone(), "server"),
            Subject::Setting { key, .. } => (key.clone(), kind_of()),
            Subject::File(file) => (of(file), "file"),
            Subject::Managed(file) => (of(file), "managed file"),
            Subject::Target(file) => (of(file), "program"),
            Subject::Finding { kind, about } => (format!("{kind}: {about}"), "finding"),
        };
        let project = match &approval.subject {
            Subject::Setting { project, .. } | Subject::Server { project, .. } => {
                project.as_deref().map(shown)
            }
            _ => None,
        };
        let is_file = matches!(approval.subject, Subject::File(_) | Subject::Managed(_) | Subject::Target(_));
        Self {
            project,
            file: Some(shown(&approval.file)).filter(|_| !is_file),
            expected: Some(approval.content.shown(key)),
            ..Self::new(name, kind, of_approval(approval))
        }
    }
}

/// What is there and no expectation names: servers on a rule for several, on the approval of another project or on
/// nothing, and settings on nothing.
fn unnamed(checked: &Checked<'_>) -> Vec<Row> {
    let home = Some(shown(checked.home.dir()));
    let inventory = &checked.report.inventory;
    let verdicts = checked.baseline.verdicts();
    let servers = inventory.servers.iter().filter_map(|server| {
        let (ground, by_rule) = match verdicts.server(server) {
            ServerVerdict::Unknown => (Ground::Nothing, None),
            ServerVerdict::Allowed { template, pattern } => {
                (of_template(template), Some(format!("allows {}", in_words(pattern))))
            }
            ServerVerdict::Denied { template, pattern } => {
                (of_template(template), Some(format!("denies {}", in_words(pattern))))
            }
            ServerVerdict::NotListed { template } => {
                (of_template(template), Some("denies what it does not list".to_owned()))
            }
            ServerVerdict::Approved { approval } if approval.subject != Subject::server(server) => {
                (of_approval(approval), Some("the same entry elsewhere".to_owned()))
            }
            ServerVerdict::Named { .. } | ServerVerdict::Approved { .. } | ServerVerdict::Differs { .. } => {
                return None;
            }
        };
        Some(Row {
            home: home.clone(),
            scopes: vec![server.surface.scope.to_string()],
            project: server.project.as_deref().map(shown),
            file: Some(shown(&server.surface.file)),
            by_rule,
            ..Row::new(server.name.clone(), "server", ground)
        })
    });
    let settings = inventory
        .settings
        .iter()
        .filter(|setting| matches!(checked.baseline.setting(setting), ContentVerdict::Unknown))
        .map(|setting| Row {
            home: home.clone(),
            scopes: vec![setting.surface.scope.to_string()],
            project: setting.project.as_deref().map(shown),
            file: Some(shown(&setting.surface.file)),
            ..Row::new(setting.key.clone(), sort(setting.kind), Ground::Nothing)
        });
    servers.chain(settings).collect()
}

fn of_template(template: &Template) -> Ground {
    Ground::Template { name: template.name.clone(), version: template.version }
}

fn of_approval(approval: &Approval) -> Ground {
    Ground::Approval {
        id: approval.id,
        by: approval.by.to_string(),
        at: approval.at.to_string(),
        reason: approval.reason.as_deref().map(str::to_owned),
        expires: approval.expires.as_deref().map(str::to_owned),
        event: approval.event.as_deref().map(str::to_owned),
    }
}

fn in_words(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Name(name) => format!("name {name}"),
        Pattern::Command(words) => format!("command {}", words.join(" ")),
        Pattern::Url(url) => format!("url {url}"),
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
