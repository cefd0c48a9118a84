//! What a template that is taken says.

use super::*;
use crate::json::{Shape, entry, read};
use crate::model::digest::Key;
use crate::model::value::Value;

fn taken(text: &str) -> Template {
    crate::baseline::tests::template("/etc/mcpwatch/baselines/10-acme.json", text)
}

fn problems(text: &str) -> Vec<String> {
    parse(text.into(), Path::new("t.json")).problems.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_not_said_has_its_default() {
    let template = taken(r#"{"mcpServers":{"a":{"command":"a"}}}"#);
    assert_eq!(template.name, "10-acme.json");
    assert_eq!((template.version, template.unlisted), (None, Unlisted::Approve));
    assert_eq!(template.scopes, BTreeSet::from(DEFAULT_SCOPES));
    assert!(!template.scopes.contains(&Scope::Managed));
    assert_eq!(template.allow, None);
    assert_eq!(taken(r#"{"allowedMcpServers":[]}"#).allow, Some(vec![]));
}

#[test]
fn everything_that_is_said_arrives() {
    let template = taken(
        r#"{"mcpServers":{"linear":{"type":"streamable-http","url":"https://mcp.linear.app/mcp"}},
            "managedMcpServers":{"hr":{"type":"http","url":"https://hr.example/"}},
            "allowedMcpServers":[{"serverUrl":"https://*.example.com/*"},{"serverCommand":["npx","-y","a"]},
                                 {"serverName":"x"}],
            "deniedMcpServers":[{"serverName":"any ñame"}],
            "mcpwatch":{"name":"acme","version":3,"clients":["claude-code"],"scopes":["managed","user"],
                        "required":["linear","x"],"unlisted":"deny",
                        "settings":{"hooks":{"Stop":[]},"env":{"HTTPS_PROXY":"http://p:1"},"disableAllHooks":false,
                                    "permissions.defaultMode":"plan"}}}"#,
    );
    let same =
        read(r#"{"url":"https://mcp.linear.app/mcp","type":"http","headers":{}}"#, &Shape::Whole).unwrap();
    assert_eq!(template.servers["linear"], entry::entry(&same.root).unwrap());
    assert_eq!(template.servers.keys().collect::<Vec<_>>(), ["hr", "linear"]);
    assert_eq!(
        template.allow.unwrap(),
        [
            Pattern::Url("https://*.example.com/*".into()),
            Pattern::Command(["npx", "-y", "a"].map(String::from).into()),
            Pattern::Name("x".into()),
        ]
    );
    assert_eq!(template.deny, [Pattern::Name("any ñame".into())]);
    assert_eq!((template.name.as_str(), template.version), ("acme", Some(3)));
    assert_eq!(template.scopes, BTreeSet::from([Scope::Managed, Scope::User]));
    assert_eq!(template.required, BTreeSet::from(["linear".to_owned(), "x".to_owned()]));
    assert_eq!(template.unlisted, Unlisted::Deny);
    let settings: Vec<_> =
        template.settings.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    assert_eq!(
        settings,
        [
            ("disableAllHooks", Value::Bool(false)),
            ("env.HTTPS_PROXY", Value::plain("http://p:1")),
            ("hooks.Stop", Value::List(vec![])),
            ("permissions.defaultMode", Value::plain("plan")),
        ]
    );
}

#[test]
fn warnings_leave_the_template_in_force() {
    for (text, expected) in [
        (r#"{}"#, "t.json:1:1: warning: it says nothing about any server or setting (add "),
        (
            r#"{"mcpwatch":{"required":["gone"]}}"#,
            "t.json:1:26: warning: mcpwatch.required: the server \"gone\" is required, and nothing here says what it is",
        ),
        (
            r#"{"deniedMcpServers":[{"serverUrl":"example.com/*"}]}"#,
            "t.json:1:35: warning: deniedMcpServers[0].serverUrl: it is no URL with a scheme and a host, so it",
        ),
        (
            r#"{"allowedMcpServers":[{"serverUrl":"https://${HOST}/*"}]}"#,
            "t.json:1:36: warning: allowedMcpServers[0].serverUrl: it names a variable that only some shell knows",
        ),
        (
            r#"{"allowedMcpServers":[{"serverName":"a","note":"x"}]}"#,
            "t.json:1:41: warning: allowedMcpServers[0].note: \"note\" is no key of such an entry",
        ),
        (
            r#"{"mcpServers":{"a":{"command":"a"}},"env":{"A":"1","A":"2"}}"#,
            "t.json:1:52: warning: env.A: the key \"A\" stands twice, first on line 1; the last one wins (remove",
        ),
        (
            r#"{"mcpServers":{"a":{"command":"a"}},"\u001b]0;x":1}"#,
            r#"t.json:1:37: warning: \u{1b}]0;x: "\u{1b}]0;x" is no key of a template or of Claude Code's settings"#,
        ),
    ] {
        let parsed = parse(text.into(), Path::new("t.json"));
        assert!(parsed.template.is_some(), "{text}");
        assert_eq!(parsed.problems.len(), 1, "{:?}", parsed.problems);
        let shown = parsed.problems[0].to_string();
        assert!(shown.starts_with(expected), "{shown}");
    }
}

#[test]
fn a_server_in_both_places_is_an_error() {
    let told = problems(r#"{"mcpServers":{"a":{"command":"a"}},"managedMcpServers":{"a":{"command":"a"}}}"#);
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains("mcpServers.a: the server \"a\" stands in managedMcpServers too"),
        "{}",
        told[0]
    );
}

#[test]
fn no_value_of_the_file_is_told() {
    let text = r#"{"mcpServers":{"a":{"command":7,"args":["CANARY",1],"env":{"T":"CANARY","U":["CANARY"]}},
            "b":{"url":"https://u:CANARY@h/?k=CANARY"},"c":{"type":"CANARY","headers":{"A":"Bearer CANARY"}},"d":"CANARY"},
        "allowedMcpServers":[{"serverName":"CANARY *"},{"serverUrl":"CANARY"},{"serverCommand":"CANARY"},"CANARY"],
        "mcpwatch":{"scopes":["CANARY"],"unlisted":"CANARY","clients":"CANARY","version":"CANARY",
                    "settings":{"env":"CANARY","apiKeyHelper":"CANARY"}}}"#;
    let parsed = parse(text.into(), Path::new("t.json"));
    assert!(parsed.problems.len() > 10);
    assert!(!format!("{parsed:?} {:?}", problems(text)).contains("CANARY"));

    let template = taken(r#"{"mcpServers":{"a":{"command":"srv","env":{"T":"CANARY"}}}}"#);
    let shown = template.servers["a"].to_value().shown(&Key::from_bytes([1; 32])).to_string();
    assert!(!shown.contains("CANARY") && !format!("{template:?}").contains("CANARY"), "{shown}");
}

#[test]
fn a_flood_of_problems_is_counted() {
    let entries = vec!["7"; 5_000].join(",");
    let parsed = parse(format!("{{\"deniedMcpServers\":[{entries}]}}").into(), Path::new("t.json"));
    assert_eq!(parsed.problems.len(), 101);
    assert_eq!(parsed.problems[100].sentence, "there are 4900 more problems");
    assert!(parsed.template.is_none());
}

proptest::proptest! {
    #[test]
    fn no_text_panics_and_a_template_never_comes_with_an_error(text in r#"(\{|\}|\[|\]|,|:|"mcpServers"|"mcpwatch"|"allowedMcpServers"|"serverUrl"|"a"|"\*"|1|null|"type"|"http"|"url"|"settings"|"scopes"){0,24}"#) {
        let parsed = parse(text.into_bytes(), Path::new("t.json"));
        proptest::prop_assert_eq!(parsed.template.is_none(), parsed.errors().count() > 0);
    }
}
