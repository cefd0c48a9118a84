//! The files themselves: gone, dropped, linked, and the file that stands in for another; scripts that are run.

use crate::home::{CLAUDE_JSON, Home, SETTINGS};
use mcpwatch::host::read_error::ReadError;

const S: &str = r#"{"mcpServers":{"s":{"type":"http","url":"https://a.example/"}}}"#;
const MANAGED: &str = "/etc/claude-code/managed-settings.json";
const DROP_IN: &str = "/etc/claude-code/managed-settings.d/10.json";

/// The client takes `~/.claude/.config.json` for `.claude.json` where it is there (seen on 2.1.329).
#[test]
fn the_file_that_stands_in() {
    const STAND_IN: &str = "/h/.claude/.config.json";
    let mut home = Home::captured(&[(CLAUDE_JSON, S)]);
    home.write(&[(STAND_IN, "{}")]);
    assert_eq!(home.says(), "config-replaced:high");
    home.write(&[(STAND_IN, "")]);
    assert_eq!(home.says(), "", "an empty one is none");
    home.write(&[(STAND_IN, &S.replace("a.example", "evil.test"))]);
    assert_eq!(home.says(), "config-replaced:high endpoint-host-changed:high");
    home.capture();
    assert_eq!(home.says(), "config-replaced:high endpoint-host-changed:high", "no capture blesses it");
    home.approve_all();
    home.write(&[(STAND_IN, &S.replace("a.example", "worse.test"))]);
    assert!(home.says().contains("endpoint-host-changed:high"));
}

#[test]
fn managed_files() {
    let build = || {
        Home::captured(&[
            (CLAUDE_JSON, S),
            (MANAGED, r#"{"allowManagedHooksOnly":true}"#),
            (DROP_IN, r#"{"permissions":{"deny":["x"]}}"#),
        ])
    };
    assert_eq!(build().says(), "");
    let mut home = build();
    home.write(&[(MANAGED, r#"{ "allowManagedHooksOnly" : true }"#)]);
    assert_eq!(home.says(), "");
    home.write(&[(MANAGED, "{}")]);
    assert_eq!(home.says(), "defense-disabled:critical");
    home.write(&[(MANAGED, "{")]);
    assert_eq!(home.says(), "config-unparsable:critical");
    let mut home = build();
    home.files.remove(DROP_IN);
    assert_eq!(home.says(), "defense-disabled:critical config-missing:low");
    let mut home = build();
    home.files.remove("/etc/claude-code/managed-settings.d");
    assert_eq!(home.says(), "defense-disabled:critical config-missing:low");
    let mut home = build();
    home.write(&[("/etc/claude-code/managed-settings.d/99.json", "{}")]);
    assert_eq!(home.says(), "defense-disabled:critical");
    let mut home = build();
    home.write(&[("/etc/claude-code/managed-mcp.json", S)]);
    assert_eq!(home.says(), "defense-disabled:critical");
}

#[test]
fn identity() {
    let mut home = Home::captured(&[(CLAUDE_JSON, S)]);
    home.write(&[("/h/other.json", S)]);
    home.files.remove(CLAUDE_JSON);
    assert_eq!(home.says(), "config-missing:low");
    home.files.link(CLAUDE_JSON, "/h/other.json");
    assert_eq!(home.says(), "config-replaced:high");
    home.capture();
    assert_eq!(home.says(), "", "a link at capture is silent");
    home.files.remove(CLAUDE_JSON);
    home.files.fail(CLAUDE_JSON, ReadError::Fifo(CLAUDE_JSON.into()));
    assert_eq!(home.says(), "config-unreadable:high");
    let mut home = Home::captured(&[(CLAUDE_JSON, S)]);
    home.files.change_facts(CLAUDE_JSON, |facts| facts.mode = 0o666);
    assert_eq!(home.says(), "config-permissions:medium");
    home.files.change_facts(CLAUDE_JSON, |facts| facts.mode = 0o660);
    assert_eq!(home.says(), "");
    home.files.change_facts(CLAUDE_JSON, |facts| facts.owner = 7);
    assert_eq!(home.says(), "config-replaced:high");
}

#[test]
fn what_is_run() {
    let server = |entry: &str| format!(r#"{{"mcpServers":{{"s":{entry}}}}}"#);
    for (entry, file, expected) in [
        (r#"{"command":"/opt/srv"}"#, "/opt/srv", "target-changed:low"),
        (r#"{"command":"node","args":["/opt/x.js"]}"#, "/opt/x.js", "target-changed:low"),
        (r#"{"command":"bash","args":["-lc","exec node /opt/x.js --a"]}"#, "/opt/x.js", "target-changed:low"),
        (r#"{"command":"node","args":["--require=/opt/r.js","y"]}"#, "/opt/r.js", "target-changed:low"),
        (r#"{"command":"x","args":["--db","/opt/data.sqlite"]}"#, "/opt/data.sqlite", ""),
        (
            r#"{"type":"http","url":"https://a.example/","headersHelper":"/opt/h --x"}"#,
            "/opt/h",
            "target-changed:low",
        ),
        (r#"{"command":"x","env":{"BASH_ENV":"/opt/env"}}"#, "/opt/env", "target-changed:low"),
    ] {
        let mut home = Home::with(&[(CLAUDE_JSON, &server(entry)), (file, "one")]);
        home.capture();
        home.approve_all();
        assert_eq!(home.says(), "");
        home.write(&[(file, "two")]);
        assert_eq!(home.says(), expected, "{entry}");
        // A file that was not there when the command was approved.
        let mut home = Home::with(&[(CLAUDE_JSON, &server(entry))]);
        home.capture();
        home.approve_all();
        home.write(&[(file, "dropped")]);
        assert_eq!(home.says(), expected, "{entry}");
    }
    // A project cannot crowd out what a hook runs.
    let hook = r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"/opt/gate"}]}]}}"#;
    let crowd: Vec<String> = (0..2500).map(|at| format!("\"/a/{at}.js\"")).collect();
    let crowd = format!(r#"{{"mcpServers":{{"c":{{"command":"x","args":[{}]}}}}}}"#, crowd.join(","));
    let mut home = Home::captured(&[
        (CLAUDE_JSON, r#"{"projects":{"/h/p":{}}}"#),
        (SETTINGS, hook),
        ("/opt/gate", "one"),
        ("/h/p/.mcp.json", &crowd),
    ]);
    home.write(&[("/opt/gate", "two")]);
    assert_eq!(home.says(), "target-changed:low");
}
