//! What is said about one server, given what the baseline says of it.

use super::difference::{Difference, one_line};
use super::entry;
use super::lookalike::Known;
use crate::model::approval::Approval;
use crate::model::drift::{Drift, Judgement, Source};
use crate::model::entry::Entry;
use crate::model::inventory::{Activation, Inventory, Server};
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::secret::Secret;
use crate::model::subject::Subject;
use crate::model::surface::Surface;
use crate::model::template::{Pattern, Template};
use crate::model::text::Text;
use crate::model::verdict::ServerVerdict;

/// Judges one server. `shadows` is a server in order of the same name that this one hides from the client.
/// The judgement may have no drifts; what the lint finds is added by others.
pub fn judge_server(
    server: &Server,
    verdict: &ServerVerdict<'_>,
    shadows: Option<&Server>,
    known: &Known<'_>,
) -> Judgement {
    let mut judgement = blank(server);
    match verdict {
        ServerVerdict::Denied { template, pattern } => {
            judgement.ruled_by = Some(template.name.clone());
            let summary = format!(
                "the template {} forbids this server ({})",
                template.name.escape_debug(),
                shown(pattern)
            );
            judgement.drifts.push(
                Difference::new(DriftKind::ServerDenied, "mcpServers", summary)
                    .between(None, Some(in_brief(&server.entry)))
                    .from(Source::Template, Some(template.name.clone())),
            );
        }
        ServerVerdict::Named { template, expected } => {
            judgement.ruled_by = Some(template.name.clone());
            judgement.expected = Some(expected.to_value());
            let found = entry::differences(expected, &server.entry, &server.variables, known);
            judgement.drifts = from_all(found, Source::Template, &template.name);
            if !judgement.drifts.is_empty() {
                judgement.drifts.extend(shadows.map(|hidden| {
                    shadowing(server, hidden).from(Source::Template, Some(template.name.clone()))
                }));
            }
        }
        ServerVerdict::NotListed { template } => {
            judgement.ruled_by = Some(template.name.clone());
            judgement.drifts.push(added(server).from(Source::Template, Some(template.name.clone())));
            judgement.drifts.extend(
                shadows.map(|hidden| {
                    shadowing(server, hidden).from(Source::Template, Some(template.name.clone()))
                }),
            );
        }
        ServerVerdict::Differs { approval, expected } => {
            judgement.expected = Some(expected.to_value());
            let found = entry::differences(expected, &server.entry, &server.variables, known);
            judgement.drifts = from_all(found, Source::Approval, &approval.id.to_string());
        }
        ServerVerdict::Unknown => {
            let said = match shadows {
                Some(hidden) => {
                    judgement.expected = Some(hidden.entry.to_value());
                    shadowing(server, hidden)
                }
                None => added(server),
            };
            judgement.drifts.push(said.from(Source::Approval, None));
        }
        ServerVerdict::Allowed { template, .. } => judgement.ruled_by = Some(template.name.clone()),
        ServerVerdict::Approved { .. } => {}
    }
    judgement
}

/// How an allowed server differs from what it was when it was approved, in what the allow entry does not look
/// at: a command covers program and arguments, a URL the endpoint, a name nothing but the name.
pub fn judge_allowed(
    server: &Server,
    pattern: &Pattern,
    approval: &Approval,
    expected: &Entry,
    known: &Known<'_>,
) -> Vec<Drift> {
    let covered = |field: &str| match pattern {
        Pattern::Name(_) => false,
        Pattern::Command(_) => matches!(field, "command" | "args"),
        Pattern::Url(_) => field == "url" || field.starts_with("url."),
    };
    let mut found = entry::differences(expected, &server.entry, &server.variables, known);
    found.retain(|difference| !covered(&difference.field));
    from_all(found, Source::Approval, &approval.id.to_string())
}

/// A finding: an entry hides another of the same name that leads elsewhere, whatever was approved.
pub fn lint_shadow(server: &Server, hidden: Option<&Server>) -> Option<Drift> {
    let place = |server: &Server| {
        let effective = server.entry.effective(&server.variables);
        let hosts: Vec<String> = effective.endpoints().into_iter().map(|endpoint| endpoint.host).collect();
        (server.entry.transport.is_remote(), hosts, effective.command.map(|command| command.value))
    };
    let hidden =
        hidden.filter(|hidden| hidden.entry.problem().is_none() && place(hidden) != place(server))?;
    let project =
        server.project.as_ref().map(|project| format!(" in {}", project.display())).unwrap_or_default();
    let mut found = shadowing(server, hidden);
    found.summary = format!(
        "this {} entry hides the {} server of the same name",
        server.surface.scope, hidden.surface.scope
    );
    Some(found.found(format!("{} server {}{project}", server.surface.scope, server.name)))
}

/// Judges an approved server that is no longer there.
pub fn judge_missing_server(approval: &Approval, name: &str, surface: Surface) -> Judgement {
    let project = match &approval.subject {
        Subject::Server { project, .. } => project.clone(),
        _ => None,
    };
    let drift = Difference::new(DriftKind::ServerRemoved, "mcpServers", "a server that was approved is gone")
        .between(Some(one_line(&approval.content)), None)
        .from(Source::Approval, Some(approval.id.to_string()));
    Judgement {
        subject: approval.subject.clone(),
        surface,
        project,
        server: Some(name.to_owned()),
        line: None,
        expected: Some(approval.content.clone()),
        observed: None,
        raw: Secret::new(""),
        drifts: vec![drift],
        ruled_by: None,
    }
}

/// Judges what a template requires: the server must be somewhere, and the client must start it.
pub fn judge_required(
    template: &Template,
    name: &str,
    inventory: &Inventory,
    surface: Surface,
) -> Option<Judgement> {
    let there: Vec<&Server> = inventory.servers.iter().filter(|server| server.name == name).collect();
    let summary = match there.as_slice() {
        [] => "a server that the template requires is not there",
        all if all.iter().all(|server| server.entry.problem().is_some()) => {
            "the client skips the entry of a server that the template requires"
        }
        all if all.iter().all(|server| server.activation == Activation::Disabled) => {
            "a server that the template requires is switched off"
        }
        _ => return None,
    };
    let expected = template.servers.get(name).map(Entry::to_value);
    let drift = Difference::new(DriftKind::ServerRemoved, "mcpServers", summary)
        .at(Level::Medium)
        .between(expected.as_ref().map(one_line), None)
        .from(Source::Template, Some(template.name.clone()));
    Some(Judgement {
        subject: Subject::Server { scope: surface.scope, project: None, name: name.to_owned() },
        surface,
        project: None,
        server: Some(name.to_owned()),
        line: None,
        expected,
        observed: None,
        raw: Secret::new(""),
        drifts: vec![drift],
        ruled_by: Some(template.name.clone()),
    })
}

fn blank(server: &Server) -> Judgement {
    Judgement {
        subject: Subject::server(server),
        surface: server.surface.clone(),
        project: server.project.clone(),
        server: Some(server.name.clone()),
        line: None,
        expected: None,
        observed: Some(server.entry.to_value()),
        raw: server.raw.clone(),
        drifts: Vec::new(),
        ruled_by: None,
    }
}

fn added(server: &Server) -> Difference {
    let (level, summary) = match (server.activation, server.entry.problem()) {
        (Activation::Pending, _) => {
            (Level::Informational, "a project brings this server; nobody has enabled it".to_owned())
        }
        (_, Some(problem)) => {
            (Level::Low, format!("a server that nobody approved, and that the client skips: {problem}"))
        }
        (Activation::Disabled, None) => {
            (Level::Low, "a server that nobody approved, switched off".to_owned())
        }
        (Activation::Enabled, None) => (Level::Medium, "a server that nobody approved".to_owned()),
    };
    Difference::new(DriftKind::ServerAdded, "mcpServers", summary)
        .at(level)
        .between(None, Some(in_brief(&server.entry)))
}

fn shadowing(server: &Server, hidden: &Server) -> Difference {
    let summary = format!(
        "this {} entry hides the {} server of the same name, which is in order",
        server.surface.scope, hidden.surface.scope
    );
    Difference::new(DriftKind::ServerShadowed, "mcpServers", summary)
        .between(Some(in_brief(&hidden.entry)), Some(in_brief(&server.entry)))
}

/// Where a server is, in a few words.
fn in_brief(entry: &Entry) -> Text {
    let mut text = entry.transport.to_text();
    for part in entry.text("url").into_iter().chain(entry.text("command")).chain(entry.arguments()) {
        text.push_plain(" ");
        text.push_text(part);
    }
    text
}

fn from_all(found: Vec<Difference>, source: Source, baseline: &str) -> Vec<Drift> {
    found.into_iter().map(|difference| difference.from(source, Some(baseline.to_owned()))).collect()
}

fn shown(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Name(name) => format!("serverName {}", name.escape_debug()),
        Pattern::Command(words) => {
            format!("serverCommand {}", words.first().map(String::as_str).unwrap_or_default().escape_debug())
        }
        Pattern::Url(url) => format!("serverUrl {}", url.escape_debug()),
    }
}
