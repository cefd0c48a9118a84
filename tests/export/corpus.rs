//! Events of every kind, each with all that an event can say: what the schemas are asked about.

use jiff::{SignedDuration, Timestamp};
use mcpwatch::journal::Journal;
use mcpwatch::model::digest::{Digest, Key};
use mcpwatch::model::drift::{Drift, Judgement, Source as Word};
use mcpwatch::model::event::{AgentAction, Context, DriftIdentity, Event, HostFacts, Observed, UserFacts};
use mcpwatch::model::install::{Hook, Install, Manager, Package, Source, Step};
use mcpwatch::model::kind::DriftKind;
use mcpwatch::model::level::Level;
use mcpwatch::model::process::{Credentials, Exit, Image, Process, ProcessId};
use mcpwatch::model::provenance::{
    Actor, Broker, Candidate, Confidence, Evidence, InstallLink, Method, OtherWriter, Provenance, Reason,
    Remark,
};
use mcpwatch::model::secret::Secret;
use mcpwatch::model::subject::Subject;
use mcpwatch::model::surface::{Client, FileFacts, Format, Scope, Surface};
use mcpwatch::model::text::Text;
use mcpwatch::model::touch::Deed;
use mcpwatch::model::value::{Members, Value as Content};
use mcpwatch::rules::Rules;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// What everybody calls everything, in the hostile half of the corpus.
pub(crate) const HOSTILE: &str = "a\u{202e}b\n<1>1 c|d=e]\"f\\\u{1b}[2Jg\u{2028}\u{e0041}";

/// The documents as they stand in a journal, with their sequence and place in the chain.
pub(crate) fn documents() -> &'static [(Map<String, Value>, String)] {
    static DOCUMENTS: OnceLock<Vec<(Map<String, Value>, String)>> = OnceLock::new();
    DOCUMENTS.get_or_init(|| {
        let root = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(&root.path().join("state")).unwrap();
        let stored = journal.append_all(events()).unwrap();
        let parsed = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap();
        stored.into_iter().map(|event| (parsed(&event.document), event.document)).collect()
    })
}

/// An event of every drift kind and of every action, ordinary and hostile, judged by the shipped rules.
pub(crate) fn events() -> Vec<Event> {
    events_of(0)
}

/// The same with other ids, so that a journal takes them for others.
pub(crate) fn events_of(round: usize) -> Vec<Event> {
    let rules = Rules::load(Rules::shipped_sources());
    let mut events = Vec::new();
    for name in ["linear", HOSTILE] {
        let mut number = events.len();
        let mut id = || {
            number += 1;
            format!("019877b1-0000-7000-{round:04}-{number:012}")
        };
        let kinds = DriftKind::ALL.iter();
        events.extend(kinds.map(|kind| drift(id(), *kind, name)));
        events.extend(AgentAction::ALL.iter().map(|action| agent(id(), *action, name)));
    }
    for event in &mut events {
        rules.apply(event);
        event.set("mcpwatch.exceptions", json!(["0f4c6f6a-6a55-4b9e-8d0c-0e0f2a5d9b10"]));
    }
    events
}

fn drift(id: String, kind: DriftKind, name: &str) -> Event {
    let url = "https://mcp.evil.test:8443/mcp";
    let content = Content::Object(Members::from_iter([("url".into(), Content::plain(url))]));
    let judgement = Judgement {
        subject: Subject::Server { scope: Scope::User, project: None, name: name.into() },
        surface: Surface {
            file: PathBuf::from("/home/u").join(name).into(),
            scope: Scope::User,
            format: Format::ClaudeJson,
            project: None,
            plugin: None,
            client: Client::ClaudeCode,
        },
        project: Some(PathBuf::from(name)),
        server: Some(name.into()),
        line: Some(3),
        expected: Some(content.clone()),
        observed: Some(content),
        raw: Secret::new("{}"),
        drifts: Vec::new(),
        ruled_by: None,
    };
    let drift = Drift {
        kind,
        level: kind.default_level(),
        field: Some("url.host".into()),
        expected: Some(Text::plain(name)),
        observed: Some(Text::plain("mcp.evil.test")),
        source: Word::Approval,
        baseline: Some("7".into()),
        summary: format!("{name} leads to another host"),
        finding: None,
    };
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
    let observed =
        Observed { facts: Some(&facts), owner: Some(name), hash: Some(Digest::of(b"x")), endpoint: None };
    let mut event = with_context(name, |context| {
        let identity = DriftIdentity::of(&judgement, &drift, context);
        Event::drift(id, &judgement, &drift, &identity, &observed, context)
    });
    event.set_provenance(&provenance(name, kind == DriftKind::HookChanged).into(), &key());
    event.set("mcpwatch.drift.login", "former-endpoint");
    event.set("mcpwatch.drift.changed", true);
    event.set("mcpwatch.drift.since", "2026-01-01T00:00:00.000000Z");
    event.set("mcpwatch.drift.passing", true);
    event.set("mcpwatch.history.reverts", 2);
    event.set("mcpwatch.history.since_revert_seconds", 7);
    event.set("mcpwatch.history.package_changes", usize::from(kind == DriftKind::HookChanged));
    event.set("mcpwatch.history.events", json!([name]));
    event.set("event.duration", 12_000_000);
    event
}

/// The client's processes that hold what was put right.
fn held_by(directory: &str) -> Value {
    json!([{ "pid": 4711, "start": "2026-01-01T00:00:00.000000Z", "id": "74aaeea6-1321", "directory": directory }])
}

fn agent(id: String, action: AgentAction, name: &str) -> Event {
    if action == AgentAction::InstallSeen {
        return with_context(name, |context| Event::install_seen(id, &install(name), context));
    }
    let message = format!("It happened to {name}.");
    let mut event = with_context(name, |context| Event::agent(id, action, Level::Medium, &message, context));
    let head = json!({ "sequence": 7, "hash": "ab" });
    for (field, value) in [
        ("file.path", json!(name)),
        ("event.start", json!("2026-01-01T00:00:00Z")),
        ("event.end", json!("2026-01-01T00:00:01Z")),
        ("mcpwatch.approval.id", json!(["1", "2"])),
        ("mcpwatch.approval.by", json!(name)),
        ("mcpwatch.approval.uid", json!("1000")),
        ("mcpwatch.approval.drifts", json!([name])),
        ("mcpwatch.approval.event", json!("019877b1-0000-7000-8000-000000000000")),
        ("mcpwatch.approval.reason", json!(name)),
        ("mcpwatch.approval.expires", json!("2026-01-01T00:00:00Z")),
        ("mcpwatch.approval.count", json!(3)),
        ("event.outcome", json!("failure")),
        ("event.reason", json!("logout")),
        ("mcpwatch.response.action", json!("revert")),
        ("mcpwatch.response.outcome", json!("refused")),
        ("mcpwatch.response.reason", json!(name)),
        ("mcpwatch.response.ground", json!(name)),
        ("mcpwatch.response.kinds", json!(["endpoint-host-changed"])),
        ("mcpwatch.response.drifts", json!(["0123456789abcdef0123456789abcdef"])),
        ("mcpwatch.response.bytes_changed", json!(13)),
        ("mcpwatch.response.stood", json!(1_500_000)),
        ("mcpwatch.response.by", json!(name)),
        ("mcpwatch.response.sessions", held_by(name)),
        ("mcpwatch.unread.versions", json!(3)),
        ("mcpwatch.drift.kind", json!("server-added")),
        ("mcpwatch.drift.event", json!("019877b1-0000-7000-8000-000000000000")),
        ("mcpwatch.journal.by", json!(name)),
        ("mcpwatch.journal.head", head.clone()),
        ("mcpwatch.sink.name", json!("siem")),
        ("mcpwatch.sink.refused", json!(3)),
        ("mcpwatch.sink.first", json!(7)),
        ("mcpwatch.sink.last", json!(9)),
        ("mcpwatch.journal.moved_to", Value::Null),
        ("mcpwatch.journal.set_aside", json!({ "path": name, "is": "broken", "head": head })),
        ("mcpwatch.journal.broken", json!({ "sequence": 3, "fault": "changed" })),
    ] {
        event.set(field, value);
    }
    event
}

fn with_context<T>(name: &str, make: impl FnOnce(&Context<'_>) -> T) -> T {
    let host = HostFacts {
        name: name.into(),
        id: Some("00".into()),
        architecture: "x86_64".into(),
        os_type: "linux".into(),
        kernel: "6.1".into(),
    };
    let (user, key) = (UserFacts { uid: 1000, name: name.into() }, key());
    let home = Some(Path::new("/home/u"));
    let time = "2026-01-02T03:04:05.5Z".parse().unwrap();
    make(&Context { time, host: &host, home, user: Some(&user), key: &key })
}

fn key() -> Key {
    Key::from_bytes([5; 32])
}

fn provenance(name: &str, is_consumer: bool) -> Provenance {
    let writer = process(9, name);
    let hook = Hook {
        package: package(),
        is_consumer,
        is_own: true,
        step: Some(Step::Postinstall),
        process: Some(writer.id),
    };
    let other = OtherWriter {
        process: Some(process(5, name)),
        deed: Some(Deed::Written),
        when: Some(Timestamp::UNIX_EPOCH),
        method: Method::Record,
    };
    Provenance {
        confidence: Confidence::Proven,
        method: Method::Kernel,
        actor: Actor::Install,
        deed: Some(Deed::RenamedOnto),
        ancestors: vec![process(8, name), process(7, name)],
        writer: Some(writer),
        other_writers: vec![other],
        install: Some(InstallLink {
            install: install(name),
            hook: Some(hook),
            confidence: Confidence::Proven,
            evidence: vec![Evidence::Descent, Evidence::Manifest],
        }),
        broker: Some(Broker::Cron),
        candidates: vec![Candidate {
            install: install(name),
            distance: SignedDuration::from_secs(60),
            reasons: vec![Reason::Scripts],
        }],
        remarks: vec![Remark::Gone],
    }
}

fn process(pid: u32, name: &str) -> Arc<Process> {
    let image = Image {
        executable: Some(PathBuf::from("/usr/bin").join(name)),
        name: name.into(),
        args: vec![Text::plain(name), Text::secret("c4n4ry"), Text::plain(name)],
        directory: Some(PathBuf::from("/home/u")),
        ..Image::default()
    };
    Arc::new(Process {
        id: ProcessId { pid, start: 77 },
        parent: Some(ProcessId { pid: pid - 1, start: 70 }),
        is_fork_seen: true,
        started: Some(Timestamp::UNIX_EPOCH),
        ended: Some((Timestamp::UNIX_EPOCH, Some(Exit::Code(0)))),
        session: Some(1),
        has_terminal: true,
        credentials: Some(Credentials { real: 1000, effective: 0, login: None }),
        is_traced: false,
        elsewhere: Default::default(),
        images: vec![Arc::new(image)],
    })
}

fn package() -> Option<Package> {
    let package = Package::new("left-pad", Some("6.6.6"))?
        .scripts(Some(true))
        .resolved(Some("https://r.example/l.tgz"));
    Some(package.integrity(Some("sha512-AAAA")).directory(Some("/home/u/p/node_modules/left-pad".into())))
}

fn install(name: &str) -> Install {
    let hook = Hook {
        package: package(),
        is_consumer: true,
        is_own: true,
        step: Some(Step::Postinstall),
        process: Some(ProcessId { pid: 9, start: 77 }),
    };
    Install {
        process: Some(ProcessId { pid: 8, start: 76 }),
        command_line: vec![Text::plain("npm"), Text::plain(name)],
        directory: Some("/home/u/p".into()),
        user: Some(1000),
        started: Some(Timestamp::UNIX_EPOCH),
        ended: "2026-01-02T03:04:00Z".parse().ok(),
        hooks: vec![hook],
        packages: package().into_iter().collect(),
        has_scripts: Some(true),
        ..Install::new(Manager::Npm, Source::Receipt(PathBuf::from(name)))
    }
}
