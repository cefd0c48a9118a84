//! Entries against servers, as Claude Code 2.1.329 was seen to decide (the variable rules beside them are ours).

use super::*;
use crate::baseline::tests::server;

fn command(words: &[&str]) -> Pattern {
    Pattern::Command(words.iter().map(|word| (*word).to_owned()).collect())
}

fn url(pattern: &str) -> Pattern {
    Pattern::Url(pattern.to_owned())
}

fn name(name: &str) -> Pattern {
    Pattern::Name(name.to_owned())
}

/// The servers of the session in which the table was seen.
fn fleet() -> Vec<Server> {
    [
        ("a", r#"{"type":"stdio","command":"true","args":["-y","x"]}"#),
        ("b", r#"{"type":"stdio","command":"true","args":["-y","x","z"]}"#),
        ("c", r#"{"type":"stdio","command":"${V:-true}","args":["-y","${W:-x}"]}"#),
        ("d", r#"{"type":"stdio","command":"true","args":["-y"]}"#),
        ("e", r#"{"type":"stdio","command":"/bin/true","args":["-y","x"]}"#),
        ("f", r#"{"type":"http","url":"https://h.test/x"}"#),
        ("i", r#"{"command":"true","args":["-y","x"],"env":{"A":"1"}}"#),
        ("my-srv", r#"{"type":"sse","url":"https://g.test/x"}"#),
        ("r", r#"{"type":"stdio","command":"true","args":["mcp-remote","https://h.test/x"]}"#),
        ("w", r#"{"type":"ws","url":"wss://h.test/x"}"#),
    ]
    .map(|(name, entry)| server(name, entry))
    .into()
}

fn denied(servers: &[Server], patterns: &[Pattern]) -> String {
    let hit = |server: &&Server| {
        let candidate = Candidate::new(server);
        patterns.iter().any(|pattern| candidate.is_denied_by(pattern))
    };
    servers.iter().filter(hit).map(|server| server.name.as_str()).collect::<Vec<_>>().join(" ")
}

fn allowed(servers: &[Server], patterns: &[Pattern]) -> String {
    let hit = |server: &&Server| {
        let candidate = Candidate::new(server);
        let rule = candidate.allow_rule(patterns.iter());
        patterns.iter().any(|pattern| candidate.is_allowed_by(pattern, rule))
    };
    servers.iter().filter(hit).map(|server| server.name.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn deny_entries_seen_on_the_client() {
    for (patterns, expected) in [
        (vec![command(&["true", "-y", "x"])], "a c i"),
        (vec![command(&["${V:-true}", "-y", "${W:-x}"])], "a c i"),
        (vec![command(&["true", "*"])], ""),
        (vec![name("A"), name("my-srv")], "my-srv"),
        (vec![name("*"), name("my*")], ""),
        (vec![url("https://h.test/*")], "f"),
        (vec![url("*")], "f my-srv w"),
        (vec![url("*://h.test/*")], "f w"),
    ] {
        assert_eq!(denied(&fleet(), &patterns), expected, "{patterns:?}");
    }
}

#[test]
fn allow_entries_seen_on_the_client() {
    for (patterns, expected) in [
        (vec![command(&["true", "-y", "x"])], "a c i"),
        (vec![command(&["${V:-true}", "-y", "${W:-x}"])], "a c i"),
        (vec![command(&["true", "-y"]), name("a"), name("f")], "d f"),
        (vec![url("https://h.test/*"), name("a"), name("my-srv")], "a f"),
        (vec![name("a"), name("f")], "a f"),
        (vec![], ""),
        (vec![url("https://h.test/*"), command(&["true", "-y", "x"])], "a c f i"),
    ] {
        assert_eq!(allowed(&fleet(), &patterns), expected, "{patterns:?}");
    }
}

#[test]
fn what_the_settings_say_of_a_variable_counts_for_the_server_and_never_for_the_allow_entry() {
    let mut evil = server("u", r#"{"type":"http","url":"https://${V:-good.test}/x"}"#);
    let list = [url("https://${V:-good.test}/*")];
    assert_eq!(allowed(std::slice::from_ref(&evil), &list), "u");
    evil.variables.set("V", "evil.test");
    assert_eq!(allowed(std::slice::from_ref(&evil), &list), "", "the file moved it");
    assert_eq!(denied(std::slice::from_ref(&evil), &[url("https://evil.test/*")]), "u");
    assert_eq!(
        denied(std::slice::from_ref(&evil), &[url("https://${V:-good.test}/x")]),
        "u",
        "word for word"
    );
    assert_eq!(denied(std::slice::from_ref(&evil), &[url("https://good.test/*")]), "");
}

#[test]
fn a_variable_that_only_a_shell_knows_allows_nothing_and_hides_nothing() {
    let remote = [server("u", r#"{"type":"http","url":"https://${V}.example.com/x"}"#)];
    assert_eq!(allowed(&remote, &[url("https://*.example.com/*")]), "");
    assert_eq!(allowed(&remote, &[url("*")]), "");
    assert_eq!(denied(&remote, &[url("https://*.example.com/*")]), "u");
    assert_eq!(denied(&remote, &[url("https://${V}.example.com/x")]), "u");

    let local = [server("s", r#"{"command":"npx","args":["-y","${PKG}"]}"#)];
    assert_eq!(allowed(&local, &[command(&["npx", "-y", "${PKG}"])]), "");
    assert_eq!(denied(&local, &[command(&["npx", "-y", "${PKG}"])]), "s");
}

#[test]
fn arguments_that_the_client_would_not_take_allow_nothing() {
    for entry in [
        r#"{"command":"npx","args":["-y",5,"pkg"]}"#,
        r#"{"command":"npx","args":{"0":"-y"}}"#,
        r#"{"command":"npx","args":"-y pkg"}"#,
    ] {
        let servers = [server("s", entry)];
        for words in [&["npx", "-y", "pkg"][..], &["npx"], &["npx", "-y pkg"]] {
            assert_eq!(allowed(&servers, &[command(words)]), "", "{entry} {words:?}");
        }
    }
}

#[test]
fn an_unknown_transport_is_allowed_by_nothing() {
    let servers = [server("s", r#"{"type":"carrier-pigeon","url":"https://h.test/x","command":"true"}"#)];
    assert_eq!(allowed(&servers, &[name("s")]), "");
    assert_eq!(denied(&servers, &[name("s")]), "s");
}
