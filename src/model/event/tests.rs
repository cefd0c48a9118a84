//! Documents against the schema's names and types, and against leaks.

use super::*;
use crate::model::digest::Digest;
use crate::model::drift::{Drift, Judgement, Source};
use crate::model::endpoint::Endpoint;
use crate::model::kind::DriftKind;
use crate::model::masking::{mask_url, mask_value};
use crate::model::secret::Secret;
use crate::model::subject::Subject;
use crate::model::surface::{Client, FileFacts, Format, Scope, Surface};
use crate::model::text::Text;
use crate::model::value::{Members, Value as Content};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The fields of the schema that are used, with their types: `k` text, `d` date, `n` whole number, `a` list.
const ECS: &str = "@timestamp:d ecs.version:k message:k event.id:k event.kind:k event.category:a event.type:a \
    event.action:k event.severity:n event.dataset:k event.module:k event.created:d event.sequence:n file.path:k \
    file.name:k file.directory:k file.owner:k file.uid:k file.gid:k file.mode:k file.inode:k file.size:n \
    file.mtime:d file.ctime:d file.target_path:k file.hash.sha256:k host.name:k host.hostname:k host.id:k \
    host.architecture:k host.os.type:k host.os.kernel:k user.id:k user.name:k url.original:k url.scheme:k \
    url.domain:k url.port:n url.path:k";

fn entry(url: &str) -> Content {
    Content::Object(Members::from_iter([
        ("type".into(), Content::plain("http")),
        ("url".into(), Content::Text(mask_url(url))),
        (
            "headers".into(),
            Content::Object(Members::from_iter([("A".into(), Content::Text(mask_value("Bearer c4n4ry")))])),
        ),
    ]))
}

fn judgement(url: &str) -> Judgement {
    Judgement {
        subject: Subject::Server { scope: Scope::User, project: None, name: "linear".into() },
        surface: Surface {
            file: PathBuf::from("/home/u/.claude.json").into(),
            scope: Scope::User,
            format: Format::ClaudeJson,
            project: None,
            plugin: None,
            client: Client::ClaudeCode,
        },
        project: Some(PathBuf::from("/home/u/p")),
        server: Some("linear".into()),
        line: Some(3),
        expected: Some(entry("https://mcp.linear.app/mcp")),
        observed: Some(entry(url)),
        raw: Secret::new("raw c4n4ry"),
        drifts: Vec::new(),
        ruled_by: None,
    }
}

fn drift(observed: &str) -> Drift {
    Drift {
        kind: DriftKind::EndpointHostChanged,
        level: Level::Critical,
        field: Some("url.host".into()),
        expected: Some(Text::plain("mcp.linear.app")),
        observed: Some(Text::plain(observed)),
        source: Source::Approval,
        baseline: Some("7".into()),
        summary: "linear leads to another host".into(),
        finding: None,
    }
}

fn host() -> HostFacts {
    HostFacts {
        name: "box".into(),
        id: Some("00".into()),
        architecture: "x86_64".into(),
        os_type: "linux".into(),
        kernel: "6.1".into(),
    }
}

fn event_of(judgement: &Judgement, drift: &Drift, endpoint: Option<&Endpoint>) -> Event {
    let (host, key) = (host(), Key::from_bytes([5; 32]));
    let user = UserFacts { uid: 1000, name: "u".into() };
    let facts = FileFacts {
        owner: 1000,
        group: 1000,
        mode: 0o600,
        hard_links: 1,
        identity: (1, 42),
        size: 9,
        modified: 1_767_323_045_123_456_789,
        changed: 1_767_323_045_123_456_789,
        link_target: Some(PathBuf::from("/home/u/dot/claude.json")),
    };
    let observed = Observed { facts: Some(&facts), owner: Some("u"), hash: Some(Digest::of(b"x")), endpoint };
    let context = Context {
        time: "2026-01-02T03:04:05.5Z".parse().unwrap(),
        host: &host,
        home: Some(Path::new("/home/u")),
        user: Some(&user),
        key: &key,
    };
    let identity = DriftIdentity::of(judgement, drift, &context);
    Event::drift("id".into(), judgement, drift, &identity, &observed, &context)
}

fn leaves(prefix: &str, value: &Value, out: &mut Vec<(String, char)>) {
    let kind = match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                leaves(&path, member, out);
            }
            return;
        }
        Value::Array(_) => 'a',
        Value::Number(_) => 'n',
        Value::String(text) if text.parse::<Timestamp>().is_ok() => 'd',
        Value::String(_) => 'k',
        _ => '?',
    };
    out.push((prefix.to_owned(), kind));
}

#[test]
fn a_drift_uses_the_names_of_the_schema() {
    let url = "https://u5er:c4n4ry@evil.test:8443/mcp?token=c4n4ry#c4n4ry";
    let mut event = event_of(&judgement(url), &drift("evil.test"), None);
    event.set("event.sequence", 1);
    let known: BTreeMap<&str, &str> =
        ECS.split_whitespace().filter_map(|pair| pair.rsplit_once(':')).collect();
    let mut found = Vec::new();
    leaves("", &Value::Object(event.document().clone()), &mut found);
    for (name, kind) in &found {
        if !name.starts_with("mcpwatch.") {
            assert_eq!(known.get(name.as_str()), Some(&kind.to_string().as_str()), "{name}");
        }
    }
    let ecs = found.iter().filter(|(name, _)| !name.starts_with("mcpwatch.")).count();
    assert_eq!(ecs, known.len(), "every known field is used");
    let text = event.clone().into_document().to_string();
    assert!(!text.contains("c4n4ry") && !text.contains("u5er"), "{text}");
    for (field, value) in [
        ("event.action", "endpoint-host-changed"),
        ("url.domain", "evil.test"),
        ("url.path", "/mcp"),
        ("file.mode", "0600"),
        ("file.mtime", "2026-01-02T03:04:05.123456Z"),
        ("@timestamp", "2026-01-02T03:04:05.500000Z"),
        ("mcpwatch.level", "critical"),
    ] {
        assert_eq!(event.text(field), Some(value), "{field}");
    }
    assert_eq!(event.get("url.port"), Some(&json!(8443)));
    assert_eq!(Event::from_document(event.clone().into_document()), Some(event.clone()));
}

#[test]
fn the_same_drift_has_the_same_id() {
    let one = event_of(&judgement("https://evil.test/"), &drift("evil.test"), None);
    let again = event_of(&judgement("https://evil.test/?a=b"), &drift("evil.test"), None);
    let other = event_of(&judgement("https://evil.test/"), &drift("worse.test"), None);
    assert_eq!(one.drift_id(), again.drift_id());
    assert_eq!(one.drift_id(), other.drift_id(), "what is observed may change while it stands");
    assert_eq!(one.drift_state(), again.drift_state());
    assert_ne!(one.drift_state(), other.drift_state());
    assert_eq!(one.drift_id().map(str::len), Some(32));
}

#[test]
fn what_a_variable_fills_in_shows_the_host_and_no_more() {
    let effective = Endpoint::parse("https://evil.test/c4n4ry").unwrap();
    let event = event_of(&judgement("${BASE}/mcp"), &drift("evil.test"), Some(&effective));
    assert_eq!(event.text("url.domain"), Some("evil.test"));
    assert!(!event.into_document().to_string().contains("c4n4ry"));
    let unknown = event_of(&judgement("https://${HOST}/mcp"), &drift("x"), None);
    assert_eq!(unknown.text("url.original"), Some("https://${HOST}/mcp"));
    assert_eq!(unknown.get("url.domain"), None);
}

#[test]
fn what_the_agent_does_is_an_event_too() {
    let (host, key) = (host(), Key::from_bytes([5; 32]));
    let context = Context { time: Timestamp::UNIX_EPOCH, host: &host, home: None, user: None, key: &key };
    for action in AgentAction::ALL {
        let event = Event::agent("id".into(), *action, Level::Low, "It happened.", &context);
        assert_eq!(event.action().parse::<AgentAction>(), Ok(*action));
        assert_eq!((event.level(), event.kind()), (Level::Low, action.kind()));
        assert!(event.action().parse::<DriftKind>().is_err(), "no name has two meanings");
    }
    assert_eq!(Event::from_document(json!({ "event": {} })), None);
}
