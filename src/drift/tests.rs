//! Mutations as attackers and everyday life make them, and what must be said of each.

use super::*;
use crate::json::{self, Shape};
use crate::model::approval::Approval;
use crate::model::entry::Entry;
use crate::model::inventory::{Activation, Server};
use crate::model::kind::DriftKind;
use crate::model::secret::Secret;
use crate::model::setting::{Setting, SettingKind};
use crate::model::subject::Subject;
use crate::model::surface::{Client, Format, Scope, Surface};
use crate::model::text::Text;
use crate::model::value::Value;
use crate::model::variables::Variables;
use crate::model::verdict::{ContentVerdict, ServerVerdict};
use std::collections::BTreeSet;

const L: &str = r#"{"type":"http","url":"https://mcp.linear.app/mcp"}"#;

fn entry(text: &str) -> Entry {
    json::entry::entry(&json::read(text, &Shape::Whole).unwrap().root).unwrap()
}

fn surface(scope: Scope) -> Surface {
    Surface {
        file: std::path::Path::new("/h/.claude.json").into(),
        scope,
        format: Format::ClaudeJson,
        project: None,
        plugin: None,
        client: Client::ClaudeCode,
    }
}

fn server(text: &str) -> Server {
    Server {
        name: "linear".into(),
        surface: surface(Scope::User),
        project: None,
        entry: entry(text).into(),
        raw: Secret::new(text),
        offset: 0,
        variables: Variables::default(),
        activation: Activation::Enabled,
    }
}

fn approval(subject: Subject, content: Value) -> Approval {
    Approval {
        id: 7,
        home: std::path::Path::new("/h").into(),
        subject,
        content,
        raw: Secret::new(""),
        file: std::path::Path::new("/h/.claude.json").into(),
        by: "dev".into(),
        uid: Some(1000),
        at: "2026-01-01T00:00:00Z".into(),
        reason: None,
        expires: None,
        event: None,
    }
}

/// `kind:level` of each drift between two entries.
fn drifts(before: &str, after: &str) -> String {
    let server = server(after);
    let approval = approval(Subject::server(&server), entry(before).to_value());
    let verdict = ServerVerdict::Differs { approval: &approval, expected: entry(before) };
    let known = Known::new(["mcp.linear.app"]);
    let judgement = judge_server(&server, &verdict, None, &known);
    let words: Vec<String> =
        judgement.drifts.iter().map(|drift| format!("{}:{}", drift.kind, drift.level)).collect();
    words.join(" ")
}

#[test]
fn mutations_of_a_remote_entry() {
    let with = |extra: &str| format!(r#"{{"type":"http","url":"https://mcp.linear.app/mcp",{extra}}}"#);
    let url = |url: &str| format!(r#"{{"type":"http","url":"{url}"}}"#);
    for (after, expected) in [
        (
            url("http://127.0.0.1:8080/mcp"),
            "endpoint-scheme-downgraded:high endpoint-host-changed:critical endpoint-port-changed:medium",
        ),
        (
            url("https://mcp.linear.app.evil.test/mcp"),
            "endpoint-host-changed:critical endpoint-lookalike:critical",
        ),
        (
            url("https://mcp.linear.app@evil.test/mcp"),
            "endpoint-userinfo:critical endpoint-host-changed:high",
        ),
        (url("https://mcp.lіnear.app/mcp"), "endpoint-host-changed:critical endpoint-lookalike:critical"),
        (url("https://mcp.linear.app:8443/mcp"), "endpoint-port-changed:medium"),
        (url("http://mcp.linear.app/mcp"), "endpoint-scheme-downgraded:high"),
        (url("HTTPS://MCP.LINEAR.APP:443/mcp"), ""),
        (url(r"https:\\\\mcp.linear.app\\mcp"), ""),
        (url("${X:-https://evil.test/mcp}"), "endpoint-host-changed:high"),
        (url("https://${HOST}/mcp"), "endpoint-host-changed:high"),
        (url("https://mcp.linear.app/mcp?tenant=x"), "endpoint-path-changed:low"),
        (url("https://mcp.linear.app/other"), "endpoint-path-changed:low"),
        (url("https://198.51.100.7/mcp"), "endpoint-host-changed:critical"),
        (url("https://0x7f.1/mcp"), "endpoint-host-changed:critical"),
        (url("https://mcp.example.com/mcp"), "endpoint-host-changed:high"),
        (url("nonsense"), "endpoint-host-changed:high"),
        (
            with(r#""oauth":{"authServerMetadataUrl":"https://evil.test/"}"#),
            "oauth-auth-server-changed:critical",
        ),
        (with(r#""oauth":{"scopes":"read"}"#), "oauth-scopes-changed:low"),
        (with(r#""oauth":{"clientId":"x"}"#), "oauth-client-changed:medium"),
        (with(r#""oauth":{"callbackPort":1}"#), "oauth-callback-changed:low"),
        (with(r#""headersHelper":"/tmp/x""#), "headers-helper-changed:high"),
        (with(r#""headers":{"Authorization":"Bearer x"}"#), "headers-changed:medium"),
        (with(r#""timeout":1"#), "field-changed:low"),
        (with(r#""discoveryCache":{}"#), "field-changed:informational"),
        (r#"{"command":"/tmp/x"}"#.into(), "transport-changed:critical"),
        (r#"{"type":"sse","url":"https://mcp.linear.app/mcp"}"#.into(), "transport-changed:medium"),
        (r#"{"url":"https://mcp.linear.app/mcp"}"#.into(), "transport-changed:medium"),
        (r#"{ "url" : "https://mcp.linear.app/mcp", "headers":{}, "type":"streamable-http" }"#.into(), ""),
    ] {
        assert_eq!(drifts(L, &after), expected, "{after}");
    }
}

#[test]
fn mutations_of_a_local_entry() {
    const S: &str = r#"{"command":"npx","args":["-y","@acme/db@1.2.3"],"env":{"A":"x"}}"#;
    let args = |args: &str| format!(r#"{{"command":"npx","args":{args},"env":{{"A":"x"}}}}"#);
    let env = |env: &str| format!(r#"{{"command":"npx","args":["-y","@acme/db@1.2.3"],"env":{env}}}"#);
    for (after, expected) in [
        (S.replace("npx", "/tmp/.x/npx"), "command-changed:high"),
        (args(r#"["-y","@acme/db@1.2.4"]"#), "args-changed:low"),
        (args(r#"["-y","@acme/db@latest"]"#), "args-changed:medium"),
        (args(r#"["-y","@acme/db"]"#), "args-changed:medium"),
        (args(r#"["-y","@evil/db@1.2.3"]"#), "args-changed:medium"),
        (args(r#"["-y","@acme/db@1.2.3","https://evil.test/"]"#), "args-changed:high"),
        (env(r#"{"A":"y"}"#), "env-changed:low"),
        (env(r#"{"A":"x","NODE_OPTIONS":"-r /tmp/x.js"}"#), "env-injected:high"),
        (env(r#"{"A":"x","LD_PRELOAD":"/tmp/x.so"}"#), "env-injected:high"),
        (env(r#"{"A":"x","HTTPS_PROXY":"http://evil.test"}"#), "env-injected:high"),
        (env("{}"), "env-changed:low"),
        (format!("{}{}", &S[..S.len() - 1], r#","type":"stdio"}"#), ""),
    ] {
        assert_eq!(drifts(S, &after), expected, "{after}");
    }
    const R: &str = r#"{"command":"npx","args":["mcp-remote","https://mcp.linear.app/sse"]}"#;
    assert_eq!(
        drifts(R, &R.replace("linear.app/", "linear.app.evil.test/")),
        "args-changed:high endpoint-lookalike:critical"
    );
    assert_eq!(
        drifts(R, &R.replace("https:", "http:")),
        "args-changed:medium endpoint-scheme-downgraded:high"
    );
    const P: &str = r#"{"type":"http","url":"http://localhost:3000/mcp"}"#;
    assert_eq!(drifts(P, &P.replace("3000", "3001")), "endpoint-port-changed:low");
    assert_eq!(drifts(P, &P.replace("localhost", "127.0.0.1")), "endpoint-host-changed:low");
    const O: &str =
        r#"{"type":"http","url":"https://h.example/","oauth":{"scopes":"a b"},"headers":{"X-Key":"one"}}"#;
    assert_eq!(drifts(O, &O.replace("a b", "b a")), "");
    assert_eq!(drifts(O, &O.replace("a b", "a b c")), "oauth-scopes-widened:medium");
    assert_eq!(drifts(O, &O.replace("a b", "a")), "oauth-scopes-changed:low");
    assert_eq!(drifts(O, &O.replace(r#""oauth":{"scopes":"a b"},"#, "")), "oauth-scopes-widened:medium");
    assert_eq!(drifts(O, &O.replace("one", "two")), "headers-changed:low");
    assert_eq!(drifts(O, &O.replace("X-Key", "x-KEY")), "");
    assert_eq!(drifts(O, &O.replace("one", "${K}")), "headers-changed:medium");
}

fn setting(key: &str, value: Value) -> Setting {
    let kind = SettingKind::of_key(key).unwrap();
    Setting { surface: surface(Scope::User), project: None, key: key.into(), kind, value }
}

fn setting_drift(key: &str, before: Option<Value>, after: Value) -> String {
    let setting = setting(key, after);
    let approval = before.map(|content| approval(Subject::setting(&setting), content));
    let verdict = match &approval {
        Some(approval) => ContentVerdict::Differs { approval },
        None => ContentVerdict::Unknown,
    };
    let steers = BTreeSet::from(["API_HOST".to_owned()]);
    let judgement = judge_setting(&setting, &verdict, &steers);
    judgement
        .drifts
        .iter()
        .map(|drift| format!("{}:{}", drift.kind, drift.level))
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn settings_drift_when_they_run_redirect_or_widen() {
    let list = |items: &[&str]| Value::List(items.iter().map(|item| Value::plain(*item)).collect());
    let yes = Value::Bool(true);
    for (key, before, after, expected) in [
        ("hooks.SessionStart", None, list(&["x"]), "hook-changed:high"),
        ("apiKeyHelper", Some(Value::plain("a")), Value::plain("b"), "helper-changed:high"),
        ("statusLine", None, Value::plain("b"), "helper-changed:medium"),
        ("env.ANTHROPIC_BASE_URL", None, Value::plain("https://evil.test"), "settings-redirect:high"),
        ("env.https_proxy", None, Value::plain("http://evil.test"), "settings-redirect:high"),
        ("env.LD_PRELOAD", None, Value::plain("/x"), "env-injected:high"),
        ("env.API_HOST", None, Value::plain("x"), "settings-redirect:high"),
        ("env.CLAUDE_CODE_SHELL_PREFIX", None, Value::plain("x"), "helper-changed:high"),
        ("env.EDITOR", None, Value::plain("vi"), "env-changed:low"),
        ("permissions.allow", Some(list(&["a"])), list(&["a", "b"]), "permissions-widened:high"),
        ("permissions.allow", Some(list(&["a", "b"])), list(&["b"]), ""),
        ("permissions.deny", Some(list(&["a", "b"])), list(&["b"]), "permissions-widened:high"),
        ("permissions.deny", Some(list(&["a"])), list(&["a", "b"]), ""),
        ("permissions.defaultMode", None, Value::plain("bypassPermissions"), "permissions-widened:high"),
        ("permissions.defaultMode", Some(Value::plain("acceptEdits")), Value::plain("plan"), ""),
        ("enableAllProjectMcpServers", None, yes.clone(), "approval-widened:medium"),
        ("disabledMcpjsonServers", Some(list(&["a"])), list(&["b"]), "approval-widened:medium"),
        ("hasTrustDialogAccepted", None, yes.clone(), "trust-granted:low"),
        ("disableAllHooks", None, yes.clone(), "defense-disabled:critical"),
        ("allowManagedHooksOnly", None, yes, ""),
    ] {
        assert_eq!(setting_drift(key, before, after), expected, "{key}");
    }
}

#[test]
fn nothing_said_about_a_secret_says_it() {
    let after = r#"{"type":"http","url":"https://CANARY:CANARY@evil.test/?t=CANARY","headers":{"A":"CANARY"},
        "env":{"X":"CANARY"},"oauth":{"clientSecret":"CANARY"},"x":"CANARY","command":"c","args":["--key","CANARY"]}"#;
    let server = server(after);
    let approval = approval(Subject::server(&server), entry(L).to_value());
    let verdict = ServerVerdict::Differs { approval: &approval, expected: entry(L) };
    let known = Known::new([]);
    let mut judgement = judge_server(&server, &verdict, None, &known);
    judgement.drifts.extend(lint_server(&server, &LintContext { known: &known, vendors: &[] }));
    let key = crate::model::digest::Key::from_bytes([2; 32]);
    let shown = |text: &Option<Text>| text.as_ref().map(|text| text.shown(&key));
    for drift in &judgement.drifts {
        let line = format!(
            "{} {:?} {:?} {:?}",
            drift.summary,
            drift.field,
            shown(&drift.expected),
            shown(&drift.observed)
        );
        assert!(!line.contains("CANARY"), "{line}");
    }
    assert!(judgement.drifts.len() > 5);
    assert!(!format!("{judgement:?}").contains("CANARY"));
}

#[test]
fn a_server_nobody_approved_is_weighed_by_what_the_client_would_do() {
    let known = Known::new([]);
    let mut new = server(L);
    let drift =
        |server: &Server| judge_server(server, &ServerVerdict::Unknown, None, &known).drifts[0].clone();
    assert_eq!(drift(&new).level, crate::model::level::Level::Medium);
    new.activation = Activation::Pending;
    assert_eq!(drift(&new).level, crate::model::level::Level::Informational);
    let hidden = server(r#"{"type":"http","url":"https://other.example/"}"#);
    new.surface.scope = Scope::Local;
    new.project = Some("/p".into());
    let shadow = shadowed_by(&new, &[&hidden]);
    let judgement = judge_server(&new, &ServerVerdict::Unknown, shadow, &known);
    assert_eq!(judgement.drifts[0].kind, DriftKind::ServerShadowed);
    assert_eq!(shadowed_by(&new, &[&server(L)]), None, "an identical entry is silent");
}

#[test]
fn the_lint_needs_no_baseline() {
    let vendors = [crate::model::vendor::Vendor {
        name: "linear".into(),
        aliases: vec![],
        hosts: vec!["mcp.linear.app".into()],
        domains: vec!["linear.app".into()],
        source: String::new(),
        verified: true,
    }];
    let known = Known::new(["mcp.linear.app"]);
    let context = LintContext { known: &known, vendors: &vendors };
    let kinds = |text: &str| -> String {
        lint_server(&server(text), &context)
            .iter()
            .map(|drift| drift.kind.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    };
    let url = |url: &str| kinds(&format!(r#"{{"type":"http","url":"{url}"}}"#));
    assert_eq!(url("https://mcp.linear.app/mcp"), "");
    assert_eq!(url("https://proxy.linear.app/mcp"), "");
    assert_eq!(url("https://evil.test/"), "endpoint-suspicious");
    assert_eq!(url("https://198.51.100.7/"), "endpoint-suspicious endpoint-suspicious");
    assert_eq!(url("https://mcp.linear.app@evil.test/"), "endpoint-suspicious endpoint-userinfo");
    assert_eq!(
        kinds(r#"{"command":"/tmp/.x/run","env":{"LD_PRELOAD":"/x"}}"#),
        "endpoint-suspicious env-injected"
    );
}
