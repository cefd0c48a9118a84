//! What must hold for a template of any bytes. Shared by the fuzz target and the replay of its seeds.

use mcpwatch::baseline::Baseline;
use mcpwatch::baseline::template::{Severity, parse};
use mcpwatch::baseline::url_pattern::UrlPattern;
use mcpwatch::model::inventory::{Activation, Server};
use mcpwatch::model::secret::Secret;
use mcpwatch::model::surface::{Client, Format, Scope, Surface};
use mcpwatch::model::template::Pattern;
use mcpwatch::model::variables::Variables;
use mcpwatch::model::verdict::ServerVerdict;
use std::path::Path;

/// Parses the bytes and asks the result about each of its own servers.
pub(crate) fn check(bytes: &[u8]) {
    let parsed = parse(bytes.to_vec(), Path::new("t.json"));
    let refused = parsed.problems.iter().any(|problem| problem.severity == Severity::Error);
    assert_eq!(parsed.template.is_none(), refused, "refused exactly when there is an error");
    for problem in &parsed.problems {
        assert!(problem.line > 0 && problem.column > 0, "every problem has a place");
        assert!(!problem.to_string().chars().any(char::is_control), "nothing is shown raw");
    }
    let Some(template) = parsed.template else { return };
    let urls = template.allow.iter().flatten().chain(&template.deny).filter_map(|pattern| match pattern {
        Pattern::Url(url) => Some(url),
        _ => None,
    });
    for url in urls {
        let _ = UrlPattern::parse(url).map(|pattern| pattern.matches(url));
    }
    let servers: Vec<Server> = template
        .servers
        .iter()
        .flat_map(|(name, entry)| template.scopes.iter().map(move |scope| (name, entry, *scope)))
        .map(|(name, entry, scope)| Server {
            name: name.clone(),
            surface: surface(scope),
            project: None,
            entry: entry.clone().into(),
            raw: Secret::new(""),
            offset: 0,
            variables: Variables::default(),
            activation: Activation::Enabled,
        })
        .collect();
    let baseline = Baseline { templates: vec![template], approvals: Vec::new() };
    for server in &servers {
        match baseline.server(server) {
            ServerVerdict::Denied { .. } => {}
            ServerVerdict::Named { expected, .. } => {
                assert!(*expected == *server.entry, "a template takes its own servers");
            }
            other => unreachable!("a server that a template names is {other:?}"),
        }
    }
    let _ = baseline.standings();
}

fn surface(scope: Scope) -> Surface {
    Surface {
        file: std::path::Path::new("t.json").into(),
        scope,
        format: Format::McpJson,
        project: None,
        plugin: None,
        client: Client::ClaudeCode,
    }
}
