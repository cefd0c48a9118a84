//! Whose word counts: precedence, shadows, approval of project servers, worktrees, plugins.

use crate::home::{CLAUDE_JSON, Home, SETTINGS, Table};

const A: &str = r#"{"type":"http","url":"https://a.example/"}"#;
const B: &str = r#"{"type":"http","url":"https://b.example/"}"#;

fn claude(user: &str, local: &str) -> String {
    format!(r#"{{"mcpServers":{{{user}}},"projects":{{"/h/p":{{"mcpServers":{{{local}}}}}}}}}"#)
}

fn mcp(servers: &str) -> String {
    format!(r#"{{"mcpServers":{{{servers}}}}}"#)
}

#[test]
fn a_name_in_a_stronger_scope() {
    let s = |entry: &str| format!(r#""s":{entry}"#);
    let base = claude(&s(A), "");
    let cases: Vec<(&str, String, &str)> = vec![
        (CLAUDE_JSON, claude(&s(A), &s(B)), "server-shadowed:high"),
        (CLAUDE_JSON, claude(&s(A), &s(A)), ""),
        (CLAUDE_JSON, claude(&s(A), &format!(r#""t":{B}"#)), "server-added:medium"),
        ("/h/p/.mcp.json", mcp(&s(B)), "server-shadowed:high"),
        ("/h/p/.mcp.json", mcp(&s(A)), ""),
        ("/h/.mcp.json", mcp(&s(B)), "server-shadowed:high"),
        ("/.mcp.json", mcp(&s(B)), "server-shadowed:high"),
        ("/h/p/.mcp.json", mcp(&format!(r#""t":{B}"#)), "server-added:informational"),
        // What the client skips hides nothing.
        (CLAUDE_JSON, claude(&s(A), &s(r#"{"command":7}"#)), "server-added:low"),
        (CLAUDE_JSON, claude(&s(A), &s(r#"{"type":"HTTP","url":"https://b.example/"}"#)), "server-added:low"),
        ("/h/p/.mcp.json", mcp(&s(r#"{"type":"http"}"#)), "server-added:informational"),
        // Not where the client looks.
        ("/h/p/sub/.mcp.json", mcp(&s(B)), ""),
        ("/h/.claude/.mcp.json", mcp(&s(B)), ""),
        (SETTINGS, mcp(&s(B)), ""),
    ];
    let mut table = Table::new();
    for (file, content, expected) in cases {
        let mut home = Home::captured(&[(CLAUDE_JSON, &base)]);
        home.write(&[(file, &content)]);
        table.expect(&format!("{file}: {content}"), &home.says(), expected);
        home.approve_all();
        table.expect(&format!("{file}, approved: {content}"), &home.says(), "");
    }
    table.done();
}

#[test]
fn the_nearest_project_file_wins() {
    let s = |entry: &str| mcp(&format!(r#""s":{entry}"#));
    let mut home = Home::captured(&[(CLAUDE_JSON, &claude("", "")), ("/h/.mcp.json", &s(A))]);
    home.write(&[("/h/p/.mcp.json", &s(B))]);
    assert_eq!(home.says(), "server-shadowed:high");
    home.write(&[("/h/p/.mcp.json", &s(A))]);
    assert_eq!(home.says(), "");
    let mut home = Home::captured(&[(CLAUDE_JSON, &claude("", "")), ("/h/p/.mcp.json", &s(A))]);
    home.write(&[("/h/.mcp.json", &s(B))]);
    assert_eq!(home.says(), "server-added:informational", "it hides nothing, and nobody enabled it");
}

#[test]
fn what_enables_project_servers() {
    let base = [(CLAUDE_JSON, claude("", "")), ("/h/p/.mcp.json", mcp(&format!(r#""s":{A}"#)))];
    let base: Vec<(&str, &str)> = base.iter().map(|(file, text)| (*file, text.as_str())).collect();
    let widened = "approval-widened:medium";
    let cases: &[(&str, &str, &str)] = &[
        (SETTINGS, r#"{"enableAllProjectMcpServers":true}"#, widened),
        (SETTINGS, r#"{"enabledMcpjsonServers":["s"]}"#, widened),
        ("/h/p/.claude/settings.json", r#"{"enableAllProjectMcpServers":true}"#, widened),
        ("/h/p/.claude/settings.json", r#"{"enabledMcpjsonServers":["s"]}"#, widened),
        ("/h/p/.claude/settings.local.json", r#"{"enabledMcpjsonServers":["s"]}"#, widened),
        (CLAUDE_JSON, r#"{"projects":{"/h/p":{"enabledMcpjsonServers":["s"]}}}"#, widened),
        (CLAUDE_JSON, r#"{"projects":{"/h/p":{"enableAllProjectMcpServers":true}}}"#, widened),
        (CLAUDE_JSON, r#"{"projects":{"/h/p":{"hasTrustDialogAccepted":true}}}"#, "trust-granted:low"),
        (CLAUDE_JSON, r#"{"projects":{"/h/p":{"hasTrustDialogAccepted":"yes"}}}"#, "trust-granted:low"),
        (CLAUDE_JSON, r#"{"projects":{"/h/p":{"hasTrustDialogAccepted":1}}}"#, "trust-granted:low"),
        (CLAUDE_JSON, r#"{"projects":{"/h/p":{"hasTrustDialogAccepted":false}}}"#, ""),
        (
            CLAUDE_JSON,
            r#"{"projects":{"/h/p":{"hasClaudeMdExternalIncludesApproved":true}}}"#,
            "trust-granted:low",
        ),
        (CLAUDE_JSON, r#"{"projects":{"/h/gone":{"hasTrustDialogAccepted":true}}}"#, "trust-granted:medium"),
        (SETTINGS, r#"{"disabledMcpjsonServers":["s"]}"#, ""),
        (SETTINGS, r#"{"enableAllProjectMcpServers":false}"#, ""),
        (SETTINGS, r#"{"enabledMcpjsonServers":[]}"#, ""),
    ];
    let mut table = Table::new();
    for (file, content, expected) in cases {
        let mut home = Home::captured(&base);
        home.write(&[(file, content)]);
        table.expect(&format!("{file}: {content}"), &home.says(), expected);
    }
    table.done();
    // An approved entry that changes keeps its level, enabled or not.
    let mut home = Home::captured(&base);
    home.write(&[("/h/p/.mcp.json", &mcp(&format!(r#""s":{B}"#)))]);
    assert_eq!(home.says(), "endpoint-host-changed:high");
}

#[test]
fn a_second_worktree_is_approved_for_the_same_words_that_run_the_same_file() {
    let entry = mcp(r#""s":{"command":"./run.sh"}"#);
    let two = r#"{"projects":{"/h/p":{},"/h/q":{"enabledMcpjsonServers":["s"]}}}"#;
    let base =
        [(CLAUDE_JSON, claude("", "")), ("/h/p/.mcp.json", entry.clone()), ("/h/p/run.sh", "one".into())];
    let base: Vec<(&str, &str)> = base.iter().map(|(file, text)| (*file, text.as_str())).collect();
    for (script, expected, later) in [
        ("one", "approval-widened:medium", "target-changed:low"),
        ("evil", "approval-widened:medium target-changed:low", "target-changed:informational"),
    ] {
        let mut home = Home::captured(&base);
        home.write(&[(CLAUDE_JSON, two), ("/h/q/.mcp.json", &entry), ("/h/q/run.sh", script)]);
        assert_eq!(home.says(), expected, "{script}");
        home.approve_all();
        assert_eq!(home.says(), "");
        home.write(&[("/h/q/run.sh", "again")]);
        assert_eq!(home.says(), later);
    }
    let mut home = Home::captured(&base);
    home.write(&[(CLAUDE_JSON, two), ("/h/q/.mcp.json", &entry.replace("run", "evil"))]);
    assert_eq!(home.says(), "approval-widened:medium server-added:medium");
}

#[test]
fn a_configured_directory_has_all_of_it_too() {
    let base = claude(&format!(r#""s":{A}"#), "");
    let build = || {
        let mut home = Home::with(&[(CLAUDE_JSON, &base), ("/srv/cc/.claude.json", &base)]);
        home.layout.config_dirs = vec!["/srv/cc".into()];
        home.capture();
        assert_eq!(home.says(), "");
        home
    };
    let mut home = build();
    home.write(&[("/srv/cc/.claude.json", &base.replace("a.example", "b.example"))]);
    assert_eq!(home.says(), "endpoint-host-changed:high");
    let mut home = build();
    home.write(&[("/srv/cc/settings.json", r#"{"apiKeyHelper":"/opt/x"}"#)]);
    assert_eq!(home.says(), "helper-changed:high");
    let mut home = build();
    home.write(&[("/srv/cc/.config.json", "{}")]);
    assert_eq!(home.says(), "config-replaced:high");
}

#[test]
fn plugins() {
    const LIST: &str = "/h/.claude/plugins/installed_plugins.json";
    let list = |version: &str| {
        format!(r#"{{"plugins":{{"pl@m":[{{"installPath":"/h/.claude/plugins/cache/m/pl/{version}"}}]}}}}"#)
    };
    let root = |version: &str, file: &str| format!("/h/.claude/plugins/cache/m/pl/{version}/{file}");
    let servers = mcp(r#""s":{"command":"${CLAUDE_PLUGIN_ROOT}/run.sh"}"#);
    let hooks =
        r#"{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"${CLAUDE_PLUGIN_ROOT}/h.sh"}]}]}}"#;
    let build = || {
        let home = Home::with(&[
            (LIST, &list("1")),
            (&root("1", ".mcp.json"), &servers),
            (&root("1", "run.sh"), "run"),
            (&root("1", "hooks/hooks.json"), hooks),
            (&root("1", "h.sh"), "hook"),
        ]);
        let mut home = home;
        home.capture();
        assert_eq!(home.says(), "");
        home
    };
    let mut table = Table::new();
    for (file, content, expected) in [
        (root("1", ".mcp.json"), servers.replace("run.sh", "evil.sh"), "command-changed:high"),
        (root("1", ".mcp.json"), mcp(&format!(r#""s":{A}"#)), "transport-changed:medium"),
        (root("1", "run.sh"), "evil".to_owned(), "target-changed:informational"),
        (root("1", "h.sh"), "evil".to_owned(), "target-changed:low"),
        (root("1", "hooks/hooks.json"), hooks.replace("h.sh", "evil.sh"), "hook-changed:high"),
        (
            root("1", ".claude-plugin/plugin.json"),
            r#"{"mcpServers":{"t":{"command":"/opt/x"}}}"#.to_owned(),
            "server-added:medium",
        ),
        (root("1", ".claude-plugin/plugin.json"), r#"{"mcpServers":"../../x.json"}"#.to_owned(), ""),
        (
            "/h/.claude/plugins/known_marketplaces.json".to_owned(),
            r#"{"m":{"source":{"source":"github","repo":"evil/m"},"lastUpdated":"now"}}"#.to_owned(),
            "approval-widened:medium",
        ),
        (SETTINGS.to_owned(), r#"{"enabledPlugins":{"pl@m":true}}"#.to_owned(), "approval-widened:medium"),
        (SETTINGS.to_owned(), r#"{"enabledPlugins":{"pl@m":false}}"#.to_owned(), ""),
        (SETTINGS.to_owned(), r#"{"enabledPlugins":{}}"#.to_owned(), ""),
    ] {
        let mut home = build();
        home.write(&[(&file, &content)]);
        table.expect(&format!("{file}: {content}"), &home.says(), expected);
    }
    table.done();
    // An update brings the same words from another directory: that says little, other words say more.
    let update = |words: &str| {
        let mut home = build();
        home.write(&[
            (LIST, &list("2")),
            (&root("2", ".mcp.json"), words),
            (&root("2", "run.sh"), "run"),
            (&root("2", "hooks/hooks.json"), hooks),
        ]);
        home.says()
    };
    assert_eq!(update(&servers), "hook-changed:low");
    assert_eq!(update(&servers.replace("run.sh", "x.sh")), "command-changed:high hook-changed:low");
}
