//! Templates: what they name, allow, deny and require, and what an allow entry does not look at.

use crate::home::{CLAUDE_JSON, Home, Table};

fn claude(entry: &str) -> String {
    format!(r#"{{"mcpServers":{{"s":{entry}}}}}"#)
}

const URLS: &str = r#"{"allowedMcpServers":[{"serverUrl":"https://*.example/*"}]}"#;
const COMMANDS: &str = r#"{"allowedMcpServers":[{"serverCommand":["npx","-y","@acme/db@1.4.2"]}]}"#;
const NAMES: &str = r#"{"allowedMcpServers":[{"serverName":"s"}]}"#;

#[test]
fn an_allowed_server_is_compared_in_what_the_pattern_leaves_open() {
    let http = r#"{"type":"http","url":"https://a.example/mcp"}"#;
    let npx = r#"{"command":"npx","args":["-y","@acme/db@1.4.2"]}"#;
    let with = |entry: &str, extra: &str| entry.replacen('{', &format!("{{{extra},"), 1);
    let cases: Vec<(&str, &str, String, &str)> = vec![
        (URLS, http, http.replace("/mcp", "/other"), ""),
        (URLS, http, http.replace("a.example", "b.example"), ""),
        (URLS, http, with(http, r#""headersHelper":"/opt/x""#), "headers-helper-changed:high"),
        (URLS, http, with(http, r#""headers":{"A":"b"}"#), "headers-changed:medium"),
        (
            URLS,
            http,
            with(http, r#""oauth":{"authServerMetadataUrl":"https://evil.test/"}"#),
            "oauth-auth-server-changed:critical",
        ),
        (URLS, http, with(http, r#""timeout":1"#), "field-changed:low"),
        (URLS, http, http.replace("http\"", "sse\""), "transport-changed:medium"),
        (COMMANDS, npx, with(npx, r#""env":{"LD_PRELOAD":"/opt/x"}"#), "env-injected:high"),
        (COMMANDS, npx, with(npx, r#""env":{"A":"b"}"#), "env-changed:low"),
        (COMMANDS, npx, with(npx, r#""type":"stdio""#), ""),
        (COMMANDS, npx, npx.replace("1.4.2", "1.4.3"), "args-changed:low"),
        (NAMES, http, http.replace("a.example", "evil.test"), "endpoint-host-changed:high"),
        (NAMES, http, "{\"command\":\"/opt/x\"}".to_owned(), "transport-changed:critical"),
    ];
    let mut table = Table::new();
    for (template, before, after, expected) in cases {
        let mut home = Home::with(&[(CLAUDE_JSON, &claude(before))]);
        home.template(template);
        home.capture();
        assert_eq!(home.says(), "", "{before}");
        home.write(&[(CLAUDE_JSON, &claude(&after))]);
        table.expect(&format!("{template}: {after}"), &home.says(), expected);
    }
    table.done();
    // One that was never approved is in order, whatever it says.
    let mut home = Home::with(&[(CLAUDE_JSON, "{}")]);
    home.template(URLS);
    home.capture();
    home.write(&[(CLAUDE_JSON, &claude(&with(http, r#""headersHelper":"/opt/x""#)))]);
    assert_eq!(home.says(), "");
}

#[test]
fn named_denied_required_and_unlisted() {
    let s = r#"{"type":"http","url":"https://a.example/mcp"}"#;
    let named = claude(s);
    let required =
        r#"{"mcpServers":{"s":{"type":"http","url":"https://a.example/mcp"}},"mcpwatch":{"required":["s"]}}"#;
    let deny =
        r#"{"allowedMcpServers":[{"serverUrl":"https://*.example/*"}],"mcpwatch":{"unlisted":"deny"}}"#;
    let allowed_and_required = r#"{"allowedMcpServers":[{"serverName":"s"}],"mcpwatch":{"required":["s"]}}"#;
    let denied = r#"{"deniedMcpServers":[{"serverUrl":"http://*"},{"serverName":"bad"}]}"#;
    let cases: Vec<(&str, String, &str)> = vec![
        (&named, claude(s), ""),
        (&named, claude(&s.replace("/mcp", "/x")), "endpoint-path-changed:low"),
        (&named, claude(&s.replace("a.example", "b.example")), "endpoint-host-changed:high"),
        (&named, "{}".into(), ""),
        (required, "{}".into(), "server-removed:medium"),
        (required, claude(s), ""),
        (required, claude(&s.replace("http\"", "HTTP\"")), "server-removed:medium transport-changed:medium"),
        (allowed_and_required, claude(r#"{"command":"x","env":null}"#), "server-removed:medium"),
        (deny, claude(s), ""),
        (deny, claude(&s.replace("a.example", "evil.test")), "server-added:medium"),
        (deny, claude(r#"{"command":"x"}"#), "server-added:medium"),
        (denied, claude(&s.replace("https", "http")), "server-denied:high endpoint"),
        (denied, claude(&s.replace("https", "HTTP")), "server-denied:high endpoint"),
        (denied, r#"{"mcpServers":{"bad":{"command":"x"}}}"#.into(), "server-denied:high"),
    ];
    let mut table = Table::new();
    for (template, document, expected) in cases {
        let mut home = Home::with(&[(CLAUDE_JSON, &document)]);
        home.template(template);
        let expected =
            expected.replace("server-denied:high endpoint", "endpoint-suspicious:high server-denied:high");
        table.expect(&format!("{template}: {document}"), &home.says(), &expected);
    }
    table.done();
}
