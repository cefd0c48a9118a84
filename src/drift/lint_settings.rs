//! What looks wrong about a setting without any baseline, and literal secrets anywhere.

use super::difference::{Difference, one_line};
use crate::model::drift::{Drift, Judgement};
use crate::model::endpoint::Endpoint;
use crate::model::inventory::Server;
use crate::model::kind::DriftKind;
use crate::model::masking::mask_url;
use crate::model::secret::Secret;
use crate::model::setting::{Setting, SettingKind};
use crate::model::subject::Subject;
use crate::model::surface::Scope;
use crate::model::text::Text;
use crate::model::value::Value;
use crate::model::variables::{is_command, is_injecting, is_redirecting, is_routing};

/// Findings about a setting, each approvable on its own.
pub fn lint_setting(setting: &Setting) -> Vec<Drift> {
    if setting.surface.scope == Scope::Managed {
        return Vec::new(); // the administrator's own word
    }
    let text = || setting.value.as_text().map(Text::reveal);
    let name = setting.key.strip_prefix("env.").unwrap_or_default();
    let found = match setting.kind {
        SettingKind::Variable if is_redirecting(name) || is_routing(name) => (
            DriftKind::SettingsRedirect,
            "a variable decides where the client's traffic goes or what it trusts",
        ),
        SettingKind::Variable if is_injecting(name) => {
            (DriftKind::EnvInjected, "a variable decides what every started program loads")
        }
        SettingKind::Variable if is_command(name) => {
            (DriftKind::HelperChanged, "a variable names a command that the client runs")
        }
        SettingKind::Defense if setting.key == "disableAllHooks" => {
            (DriftKind::DefenseDisabled, "every hook is switched off, those that protect included")
        }
        SettingKind::Permission
            if setting.key == "permissions.defaultMode" && text().as_deref() == Some("bypassPermissions")
                || setting.key == "skipDangerousModePermissionPrompt" =>
        {
            (DriftKind::PermissionsWidened, "tools run without asking at all")
        }
        SettingKind::Hook if is_suspicious_command(&setting.value) => {
            (DriftKind::HookChanged, "a hook runs what malware is known to leave: look at the command")
        }
        SettingKind::Helper | SettingKind::StatusLine if is_suspicious_command(&setting.value) => {
            (DriftKind::HelperChanged, "a helper runs what malware is known to leave: look at the command")
        }
        _ => return Vec::new(),
    };
    let about = format!("setting in {}", setting.surface.file.display());
    let (kind, summary) = found;
    vec![
        Difference::new(kind, &setting.key, summary)
            .between(None, Some(one_line(&setting.value)))
            .found(about),
    ]
}

/// Commands as the campaigns of 2026 left them: a script in another tool's directory, a program in a
/// directory for temporary files, a download straight into a shell.
fn is_suspicious_command(value: &Value) -> bool {
    is_suspicious_line(&value.revealed().to_string())
}

/// A download straight into an interpreter.
pub(super) fn downloads_and_runs(line: &str) -> bool {
    const INTERPRETERS: [&str; 8] = ["sh", "bash", "zsh", "dash", "node", "bun", "python", "perl"];
    let downloads = ["curl", "wget", "fetch("].iter().any(|tool| line.contains(tool));
    let piped = line.split('|').skip(1).any(|after| {
        let program = after.split_whitespace().find(|word| *word != "sudo").unwrap_or_default();
        let program = program.rsplit('/').next().unwrap_or_default();
        INTERPRETERS.iter().any(|known| {
            program
                .strip_prefix(known)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_lowercase()))
        })
    });
    downloads
        && (piped || ["$(curl", "$(wget", "`curl", "`wget", "<(curl"].iter().any(|sign| line.contains(sign)))
}

/// Such a download, or a command as the campaigns left them.
pub(super) fn is_suspicious_line(line: &str) -> bool {
    let elsewhere = [
        "/tmp/",
        "/dev/shm/",
        ".vscode/",
        ".github/setup",
        ".cursor/",
        ".claude/setup",
        "base64 -d",
        "base64 --decode",
    ]
    .iter()
    .any(|sign| line.contains(sign));
    downloads_and_runs(line) || elsewhere
}

/// Where literal secrets stand in a server, never what they are.
pub fn exposed_in(server: &Server) -> Vec<String> {
    let fields = literal_secrets(server);
    if fields.is_empty() {
        return fields;
    }
    let project = server.project.as_ref().map(|p| format!(" in {}", p.display())).unwrap_or_default();
    let place = |field| format!("{} {}{project}: {field}", server.surface.scope, server.name);
    fields.into_iter().map(place).collect()
}

/// One finding for every literal secret of a home, given each server with what [`exposed_in`] says of it.
pub fn exposed_secrets<'s>(
    servers: impl IntoIterator<Item = (&'s Server, &'s [String])>,
) -> Option<Judgement> {
    let mut places: Vec<String> = Vec::new();
    let mut first: Option<&Server> = None;
    for (server, here) in servers.into_iter().filter(|(_, here)| !here.is_empty()) {
        first = first.or(Some(server));
        places.extend(here.iter().cloned());
    }
    places.sort();
    places.dedup();
    let surface = first?.surface.clone();
    let observed = Value::List(places.iter().map(Value::plain).collect());
    let summary = match places.len() {
        1 => "a secret stands in the configuration itself; a ${VARIABLE} would keep it out".to_owned(),
        many => {
            format!("{many} secrets stand in the configuration itself; ${{VARIABLES}} would keep them out")
        }
    };
    let mut drift = Difference::new(DriftKind::SecretExposed, "secrets", summary)
        .between(None, Some(one_line(&observed)))
        .found("literal".to_owned());
    let subject = Subject::Finding { kind: DriftKind::SecretExposed, about: "literal secrets".to_owned() };
    drift.finding = Some(subject.clone());
    Some(Judgement {
        subject,
        surface,
        project: None,
        server: None,
        line: None,
        expected: None,
        observed: Some(observed),
        raw: Secret::new(""),
        drifts: vec![drift],
        ruled_by: None,
    })
}

/// Whether a URL has a password, or a value that its name or its length gives away.
fn url_holds_secret(url: &str, telling: impl Fn(&str) -> bool) -> bool {
    let Some(endpoint) = Endpoint::parse(url) else { return false };
    let is_literal = |value: &str| !value.is_empty() && !value.contains("${") && !value.contains("$%7B");
    let in_query = endpoint.query.iter().flat_map(|query| query.split('&')).any(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        is_literal(value) && (telling(name) || value.len() >= 20)
    });
    // A name alone is none, unless it is as long as a token.
    let user = &endpoint.userinfo;
    let in_userinfo = is_literal(user) && (user.contains(':') || user.len() >= 20 && !user.contains('.'));
    in_userinfo || in_query || mask_url(&format!("x://x{}", endpoint.path)).has_secret()
}

/// The fields of a server in which a literal secret stands, by their names and shapes.
fn literal_secrets(server: &Server) -> Vec<String> {
    const WORDS: [&str; 10] =
        ["token", "key", "secret", "pass", "auth", "credential", "cookie", "bearer", "session", "pat"];
    let telling = |name: &str| {
        let name = name.to_lowercase();
        WORDS.iter().any(|word| name.contains(word))
    };
    let fields = &server.entry.fields;
    let mut found = Vec::new();
    for map in ["headers", "env"] {
        for (name, value) in fields.get(map).and_then(Value::as_object).into_iter().flatten() {
            if telling(name) && value.has_secret() {
                // The name of a header is the same in any case.
                let name = if map == "headers" { name.to_lowercase() } else { name.clone() };
                found.push(format!("{map}.{}", name.escape_debug()));
            }
        }
    }
    if fields.get("oauth").and_then(|oauth| oauth.get("clientSecret")).is_some_and(Value::has_secret) {
        found.push("oauth.clientSecret".to_owned());
    }
    if server.entry.text("url").is_some_and(|url| url_holds_secret(&url.reveal(), telling)) {
        found.push("url".to_owned());
    }
    let arguments = server.entry.arguments();
    for (index, pair) in arguments.windows(2).enumerate() {
        if let [flag, value] = pair
            && flag.reveal().starts_with('-')
            && telling(&flag.reveal())
            && value.has_secret()
        {
            found.push(format!("args[{}]", index + 1));
        }
    }
    for (index, argument) in arguments.iter().enumerate() {
        let (value, flag) = (argument.reveal(), argument.has_secret());
        if flag && value.split_once('=').is_some_and(|(name, _)| telling(name)) {
            found.push(format!("args[{index}]"));
        }
    }
    found
}
