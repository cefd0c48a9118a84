//! Which tokens to rotate, and which scopes to narrow, after a drift. Names what holds a secret, never the secret.

use crate::cli::error::Failure;
use crate::cli::session::Session;
use crate::compose::Home;
use crate::credentials::{FILE_CAP, shape, witness};
use crate::journal::Journal;
use crate::model::credentials::Credentials;
use crate::model::event::Event;
use crate::model::kind::DriftKind;
use crate::model::subject::Subject;
use crate::model::value::Value;

/// What to do about tokens and scopes, in this order.
pub(super) fn steps(
    kind: DriftKind,
    event: &Event,
    home: &Home,
    journal: &Journal,
    session: &Session<'_>,
) -> Result<Vec<String>, Failure> {
    let Some(server) = event.text("mcpwatch.server") else { return Ok(vec![of_setting(kind)]) };
    let mut tokens = Vec::new();
    let entry = expected(server, home, journal, session)?;
    if has_login(server, home, session) {
        tokens.push(format!("the login of {server} (revoke it at the service, then log in again with /mcp)"));
    }
    for part in ["headers", "env"] {
        if let Some(Value::Object(members)) = entry.as_ref().and_then(|entry| entry.get(part)) {
            tokens.extend(members.keys().map(|name| format!("{part}.{name}")));
        }
    }
    let mut steps = Vec::new();
    if runs_code(kind) {
        steps.push(of_setting(kind));
    }
    steps.push(match tokens.is_empty() {
        true => format!(
            "rotate whatever {server} was ever given: no login, header or variable of it is known here"
        ),
        false => format!("then rotate, in this order: {}", tokens.join(", ")),
    });
    let oauth = entry.as_ref().and_then(|entry| entry.get("oauth"));
    let scopes = oauth.and_then(|oauth| oauth.get("scopes")).and_then(Value::as_text);
    let is_remote = entry.as_ref().is_some_and(|entry| entry.get("url").is_some());
    match scopes {
        Some(scopes) => {
            let shown = scopes.shown(journal.key());
            steps.push(format!("and narrow its scopes to what its tools need (oauth.scopes is \"{shown}\")"));
        }
        None if is_remote => steps.push(
            "and limit its scopes: oauth.scopes is not set, so a login is worth all that the service grants"
                .to_owned(),
        ),
        None => {}
    }
    Ok(steps)
}

/// What the last word on this server said that it should be.
fn expected(
    server: &str,
    home: &Home,
    journal: &Journal,
    session: &Session<'_>,
) -> Result<Option<Value>, Failure> {
    let templates = session.setup.templates_with(Some(journal))?.templates;
    if let Some(entry) = templates.iter().find_map(|template| template.servers.get(server)) {
        return Ok(Some(entry.to_value()));
    }
    let approvals = journal.approvals(home.dir(), session.now())?;
    let newest = approvals
        .into_iter()
        .rev()
        .find(|approval| matches!(&approval.subject, Subject::Server { name, .. } if name == server));
    Ok(newest.map(|approval| approval.content))
}

fn has_login(server: &str, home: &Home, session: &Session<'_>) -> bool {
    home.layout.credentials().any(|(_, file)| {
        let Ok(contents) = session.setup.files().read(&file, FILE_CAP) else { return false };
        let state = shape(&contents.bytes, &contents.facts);
        let found = Credentials { file, state, has_account: None };
        witness::logins(&found).any(|login| login.rsplit_once('|').is_some_and(|(name, _)| name == server))
    })
}

fn runs_code(kind: DriftKind) -> bool {
    use DriftKind as K;
    matches!(
        kind,
        K::CommandChanged | K::EnvInjected | K::HeadersHelperChanged | K::HookChanged | K::HelperChanged
    )
}

fn of_setting(kind: DriftKind) -> String {
    if runs_code(kind) {
        return "somebody else's program may have run as you: rotate every token that your account can read, the \
                client's own login first"
            .to_owned();
    }
    match kind {
        DriftKind::SettingsRedirect => {
            "rotate the client's own login or API key: it went where the client was sent"
        }
        _ => "look at what was possible meanwhile, and rotate what the client could reach",
    }
    .to_owned()
}
