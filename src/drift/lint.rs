//! What looks wrong about a server without any baseline.

use super::difference::Difference;
use super::lint_settings::{downloads_and_runs, is_suspicious_line};
use super::lookalike::Known;
use crate::model::drift::Drift;
use crate::model::endpoint::{Endpoint, HostClass};
use crate::model::inventory::Server;
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::masking::{mask_command_line, mask_url};
use crate::model::text::Text;
use crate::model::value::Value;
use crate::model::variables::is_injecting;
use crate::model::vendor::Vendor;

/// What the lint knows of the world.
pub struct LintContext<'a> {
    /// Hosts that are known to be right.
    pub known: &'a Known,
    /// Well-known vendors.
    pub vendors: &'a [Vendor],
}

/// Directories that anybody may write to.
const OPEN_DIRECTORIES: [&str; 4] = ["/tmp/", "/var/tmp/", "/dev/shm/", "/private/tmp/"];

/// Findings about a server, each approvable on its own.
pub fn lint_server(server: &Server, context: &LintContext<'_>) -> Vec<Drift> {
    let about = about(server);
    let effective = server.entry.effective(&server.variables);
    let field = if effective.url.is_some() { "url" } else { "args" };
    let mut found: Vec<Difference> = Vec::new();
    for (index, endpoint) in effective.endpoints().iter().enumerate() {
        // Each place is a finding of its own, or approving one would take the approval of the other away.
        let field = if index == 0 { field.to_owned() } else { format!("{field}.{}", index + 1) };
        found.extend(lint_endpoint(server, &field, endpoint, context));
    }
    found.extend(lint_authorization(server, context));
    found.extend(lint_commands(server));
    if let Some(command) = &effective.command
        && let Some(word) = std::iter::once(command)
            .chain(&effective.arguments)
            .find(|word| OPEN_DIRECTORIES.iter().any(|directory| word.value.starts_with(directory)))
    {
        found.push(
            Difference::new(
                DriftKind::EndpointSuspicious,
                "command",
                "a program is run from a directory that anybody may write to",
            )
            .between(None, Some(mask_command_line(&word.value))),
        );
    }
    for (name, value) in server.entry.fields.get("env").and_then(Value::as_object).into_iter().flatten() {
        if is_injecting(name) {
            let summary = format!("{} decides what this program loads or trusts", name.escape_debug());
            found.push(
                Difference::new(DriftKind::EnvInjected, format!("env.{name}"), summary)
                    .between(None, value.as_text().cloned()),
            );
        }
    }
    found.into_iter().map(|difference| difference.found(about.clone())).collect()
}

/// The server that tokens are asked of may be another company's; it may not imitate one.
fn lint_authorization(server: &Server, context: &LintContext<'_>) -> Option<Difference> {
    let url = server.entry.fields.get("oauth")?.get("authServerMetadataUrl")?.as_text()?;
    let endpoint = Endpoint::parse(&url.reveal())?;
    let why = match endpoint.host_class() {
        HostClass::Address => "tokens are asked of a bare IP address".to_owned(),
        HostClass::Loopback => "tokens are asked of this machine".to_owned(),
        HostClass::Name => context.known.imitated_by(&endpoint.host, None)?,
    };
    Some(
        Difference::new(DriftKind::OauthAuthServerChanged, "oauth.authServerMetadataUrl", why)
            .between(None, Some(url.clone())),
    )
}

/// What a server runs in a shell, held against what malware is known to leave.
fn lint_commands(server: &Server) -> Vec<Difference> {
    let mut found = Vec::new();
    if let Some(helper) = server.entry.text("headersHelper").filter(|text| is_suspicious_line(&text.reveal()))
    {
        let summary = "a helper runs what malware is known to leave: look at the command";
        found.push(
            Difference::new(DriftKind::HeadersHelperChanged, "headersHelper", summary)
                .between(None, Some(helper.clone())),
        );
    }
    let line = server.entry.arguments().into_iter().find(|word| downloads_and_runs(&word.reveal()));
    if let Some(line) = line {
        found.push(
            Difference::new(DriftKind::CommandChanged, "args", "a server downloads what it runs")
                .between(None, Some(line.clone())),
        );
    }
    found
}

fn about(server: &Server) -> String {
    let project =
        server.project.as_ref().map(|project| format!(" in {}", project.display())).unwrap_or_default();
    format!("{} server {}{project}", server.surface.scope, server.name)
}

fn lint_endpoint(
    server: &Server,
    field: &str,
    endpoint: &Endpoint,
    context: &LintContext<'_>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    let shown = || Some(Text::plain(format!("{}://{}", endpoint.scheme, endpoint.host)));
    let class = endpoint.host_class();
    let vendor = vendor_named(server, context.vendors);
    let mut suspicious = |field: String, summary: String| {
        found.push(Difference::new(DriftKind::EndpointSuspicious, field, summary).between(None, shown()));
    };
    if class == HostClass::Address {
        suspicious(format!("{field}.host"), "a bare IP address, which no certificate vouches for".to_owned());
    } else if class == HostClass::Name && !endpoint.is_encrypted() && !is_internal(&endpoint.host) {
        suspicious(format!("{field}.scheme"), "traffic to a public host is not encrypted".to_owned());
    }
    if let Some(vendor) = vendor.filter(|vendor| !vendor.owns(&endpoint.host)) {
        let summary = format!(
            "it carries the name of {}, whose servers are at {}",
            vendor.name,
            vendor.hosts.join(", ")
        );
        suspicious(format!("{field}.vendor"), summary);
    }
    if let Some(why) = context.known.imitated_by(&endpoint.host, None) {
        found.push(
            Difference::new(DriftKind::EndpointLookalike, format!("{field}.host"), why)
                .between(None, Some(Text::plain(&*endpoint.host))),
        );
    }
    let decoy =
        endpoint.userinfo.split(':').next().is_some_and(|name| name.contains('.') || name.contains("%2E"));
    if decoy {
        let summary =
            format!("what stands before the @ looks like a host; the host contacted is {}", endpoint.host);
        found.push(
            Difference::new(DriftKind::EndpointUserinfo, format!("{field}.userinfo"), summary)
                .at(Level::Critical)
                .between(
                    None,
                    Some(mask_url(&format!("{}://{}@{}", endpoint.scheme, endpoint.userinfo, endpoint.host))),
                ),
        );
    }
    found
}

/// The vendor whose name the server bears. A local proxy or a self-hosted address has its own words for it.
fn vendor_named<'v>(server: &Server, vendors: &'v [Vendor]) -> Option<&'v Vendor> {
    let bare = server.name.rsplit(':').next().unwrap_or(&server.name).to_lowercase();
    vendors.iter().find(|vendor| {
        vendor.name.eq_ignore_ascii_case(&bare)
            || vendor.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(&bare))
    })
}

/// Names that only an internal network resolves.
fn is_internal(host: &str) -> bool {
    !host.contains('.')
        || [".local", ".internal", ".lan", ".intranet", ".corp", ".home.arpa", ".localdomain", ".home"]
            .iter()
            .any(|suffix| host.ends_with(suffix))
}
