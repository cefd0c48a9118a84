//! The document of a drift. Must not decide anything: what it says was judged before.

use super::identity::subject_identity;
use super::{Context, Event};
use crate::model::command::urls_in;
use crate::model::digest::{Digest, Key};
use crate::model::drift::{Drift, Judgement, Source};
use crate::model::endpoint::Endpoint;
use crate::model::masking::mask_url;
use crate::model::surface::FileFacts;
use crate::model::text::Text;
use crate::model::value::Value;
use jiff::Timestamp;
use serde_json::json;
use std::path::Path;

/// How many digits of the keyed digest make a drift's id.
const ID_DIGITS: usize = 32;

/// What is known of the file and of the server as they are now; all of it optional.
#[derive(Clone, Debug, Default)]
pub struct Observed<'o> {
    /// The file's facts.
    pub facts: Option<&'o FileFacts>,
    /// The name of the file's owner.
    pub owner: Option<&'o str>,
    /// The digest of the file's bytes.
    pub hash: Option<Digest>,
    /// The effective endpoint, where variables lead it elsewhere than the text says.
    pub endpoint: Option<&'o Endpoint>,
}

/// What tells a drift from others, and from what it was before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftIdentity {
    /// The same for as long as the drift stands.
    pub id: String,
    /// A digest of what is told of it: what was observed and expected, and the level.
    pub state: String,
}

impl DriftIdentity {
    /// The identity of one drift, on this installation.
    pub fn of(judgement: &Judgement, drift: &Drift, context: &Context<'_>) -> Self {
        Self {
            id: drift_id(judgement, drift, context.home, context.key),
            state: drift_state(judgement, drift, context.key),
        }
    }
}

impl Event {
    /// The event of one drift. `id` is fresh; the drift's own identity stays the same while the drift stands.
    pub fn drift(
        id: String,
        judgement: &Judgement,
        drift: &Drift,
        identity: &DriftIdentity,
        observed: &Observed<'_>,
        context: &Context<'_>,
    ) -> Self {
        let action = drift.kind.as_str();
        let mut event = Self::new(id, "alert", action, drift.level, &drift.summary, context);
        event.set("event.dataset", "mcpwatch.drift");
        event.set("event.category", json!(["configuration", "file"]));
        event.set("event.type", json!(["change"]));
        event.set_file(&judgement.surface.file, observed);
        event.set_url(judgement, observed.endpoint, context.key);
        event.set("mcpwatch.client", judgement.surface.client.as_str());
        event.set("mcpwatch.scope", judgement.surface.scope.as_str());
        event.set_some("mcpwatch.project", judgement.project.as_deref().map(path_text));
        event.set_some("mcpwatch.server", judgement.server.clone());
        let shown = |text: &Text| text.shown(context.key);
        event.set("mcpwatch.drift.id", identity.id.as_str());
        event.set("mcpwatch.drift.state", identity.state.as_str());
        event.set_some("mcpwatch.drift.field", drift.field.clone());
        event.set_some("mcpwatch.drift.expected", drift.expected.as_ref().map(shown));
        event.set_some("mcpwatch.drift.observed", drift.observed.as_ref().map(shown));
        event.set("mcpwatch.drift.source", drift.source.as_str());
        event.set_some("mcpwatch.drift.baseline", drift.baseline.clone());
        event
    }

    fn set_file(&mut self, path: &Path, observed: &Observed<'_>) {
        self.set("file.path", path_text(path));
        self.set_some("file.name", path.file_name().map(|name| name.to_string_lossy().into_owned()));
        self.set_some("file.directory", path.parent().map(path_text));
        self.set_some("file.hash.sha256", observed.hash.map(|hash| hash.to_string()));
        let Some(facts) = observed.facts else { return };
        self.set_some("file.owner", observed.owner);
        self.set("file.uid", facts.owner.to_string());
        self.set("file.gid", facts.group.to_string());
        self.set("file.mode", format!("{:04o}", facts.mode));
        self.set("file.inode", facts.identity.1.to_string());
        self.set("file.size", facts.size);
        self.set_some("file.mtime", nanoseconds_text(facts.modified));
        self.set_some("file.ctime", nanoseconds_text(facts.changed));
        self.set_some("file.target_path", facts.link_target.as_deref().map(path_text));
    }

    /// The endpoint as it is now. Query values and userinfo stay out; a path or a host that a variable filled
    /// in is only named as far as it says whom the client contacts, since a variable's value is secret.
    fn set_url(&mut self, judgement: &Judgement, effective: Option<&Endpoint>, key: &Key) {
        let written = judgement.observed.as_ref().and_then(written_url);
        self.set_some("url.original", written.as_ref().map(|url| url.shown(key)));
        let plain = written
            .map(|url| url.reveal())
            .filter(|url| !url.contains("${"))
            .and_then(|url| Endpoint::parse(&url));
        let Some(endpoint) = effective.or(plain.as_ref()) else { return };
        self.set("url.scheme", endpoint.scheme.as_str());
        self.set("url.domain", endpoint.host.as_str());
        self.set_some("url.port", endpoint.port);
        if plain.as_ref() == Some(endpoint) {
            let masked = mask_url(&format!("x://x{}", endpoint.path)).shown(key);
            self.set_some("url.path", masked.strip_prefix("x://x"));
        }
    }
}

/// The id of a drift: the same home, subject, kind and field give the same id, here and only here. It stays while
/// the drift stands, whatever becomes of what was observed.
fn drift_id(judgement: &Judgement, drift: &Drift, home: Option<&Path>, key: &Key) -> String {
    // What the baseline says is about the subject, also where the lint found the same.
    let finding = drift.finding.as_ref().filter(|_| drift.source == Source::Lint);
    let subject = subject_identity(finding.unwrap_or(&judgement.subject));
    let home = home.map(super::identity::path_text);
    let identity = json!([home, subject.kind, subject.identity, drift.kind.as_str(), drift.field]);
    key.authenticate("drift", identity.to_string().as_bytes()).short(ID_DIGITS)
}

/// What is told of a drift, as a digest: another content, another expectation or another level is worth telling.
fn drift_state(judgement: &Judgement, drift: &Drift, key: &Key) -> String {
    let text = |text: &Text| key.authenticate("text", text.reveal().as_bytes()).to_string();
    let content = match (&drift.field, &drift.observed) {
        (Some(_), Some(observed)) => Some(text(observed)),
        _ => judgement.observed.as_ref().map(|value| value.fingerprint(key).to_string()),
    };
    let state = json!([content, drift.expected.as_ref().map(text), drift.level.as_str()]);
    key.authenticate("drift state", state.to_string().as_bytes()).short(ID_DIGITS)
}

/// The URL that an entry names: its `url`, else the first one in its arguments.
fn written_url(entry: &Value) -> Option<Text> {
    if let Some(url) = entry.get("url").and_then(Value::as_text) {
        return Some(url.clone());
    }
    let arguments: Vec<String> =
        entry.get("args")?.as_list()?.iter().filter_map(Value::as_text).map(Text::reveal).collect();
    urls_in(&arguments).first().map(|url| mask_url(url))
}

fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn nanoseconds_text(nanoseconds: i128) -> Option<String> {
    Timestamp::from_nanosecond(nanoseconds).ok().map(super::time_text)
}
