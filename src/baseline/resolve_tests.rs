//! The order of verdicts.

use super::*;
use crate::baseline::tests::{approval, approval_of, server, server_in, surface, template};
use crate::baseline::{Ground, Standing};
use crate::model::setting::SettingKind;

const GOOD: &str = r#"{"type":"http","url":"https://mcp.linear.app/mcp"}"#;
const EVIL: &str = r#"{"type":"http","url":"http://127.0.0.1:8080/mcp"}"#;

fn baseline(templates: &[(&str, &str)], approvals: Vec<Approval>) -> Baseline {
    Baseline { templates: templates.iter().map(|(file, text)| template(file, text)).collect(), approvals }
}

/// The verdict in a word, with the name of the template or the number of the approval.
fn verdict(baseline: &Baseline, server: &Server) -> String {
    match baseline.server(server) {
        ServerVerdict::Denied { template, .. } => format!("denied {}", template.name),
        ServerVerdict::Named { template, expected } => {
            format!("named {} {}", template.name, *expected == *server.entry)
        }
        ServerVerdict::Allowed { template, .. } => format!("allowed {}", template.name),
        ServerVerdict::NotListed { template } => format!("not listed {}", template.name),
        ServerVerdict::Approved { approval } => format!("approved {}", approval.id),
        ServerVerdict::Differs { approval, .. } => format!("differs {}", approval.id),
        ServerVerdict::Unknown => "unknown".into(),
    }
}

#[test]
fn each_step_goes_before_the_next() {
    let all = baseline(
        &[(
            "/b/10-a.json",
            r#"{"mcpServers":{"linear":{"type":"http","url":"https://mcp.linear.app/mcp"}},
                "allowedMcpServers":[{"serverUrl":"https://*.example.com/*"}],
                "deniedMcpServers":[{"serverUrl":"http://*"}],
                "mcpwatch":{"unlisted":"deny"}}"#,
        )],
        vec![approval_of(1, &server("other", r#"{"type":"http","url":"https://other.test/"}"#))],
    );
    for (name, entry, expected) in [
        ("linear", EVIL, "denied 10-a.json"),
        ("linear", GOOD, "named 10-a.json true"),
        ("linear", r#"{"type":"http","url":"https://x.example.com/"}"#, "named 10-a.json false"),
        ("x", r#"{"type":"http","url":"https://x.example.com/"}"#, "allowed 10-a.json"),
        ("other", r#"{"type":"http","url":"https://other.test/"}"#, "not listed 10-a.json"),
    ] {
        assert_eq!(verdict(&all, &server(name, entry)), expected, "{name} {entry}");
    }
    // Nothing but the deny list reaches the administrator's own scope.
    let managed = |entry| server_in(Scope::Managed, None, "linear", entry);
    assert_eq!(verdict(&all, &managed(GOOD)), "unknown");
    assert_eq!(verdict(&all, &managed(EVIL)), "denied 10-a.json");
}

#[test]
fn the_later_file_wins_a_name_whatever_the_order_of_loading() {
    let early = ("/b/10.json", r#"{"mcpServers":{"linear":{"type":"http","url":"https://old.test/"}}}"#);
    let late =
        ("/b/20.json", r#"{"mcpServers":{"linear":{"type":"http","url":"https://mcp.linear.app/mcp"}}}"#);
    for templates in [[early, late], [late, early]] {
        assert_eq!(verdict(&baseline(&templates, vec![]), &server("linear", GOOD)), "named 20.json true");
    }
}

#[test]
fn allow_lists_are_one_list() {
    let both = baseline(
        &[
            ("/b/1.json", r#"{"allowedMcpServers":[{"serverName":"srv"}]}"#),
            ("/b/2.json", r#"{"allowedMcpServers":[{"serverCommand":["npx","-y","a"]}]}"#),
        ],
        vec![],
    );
    assert_eq!(verdict(&both, &server("srv", r#"{"command":"evil"}"#)), "unknown", "commands count now");
    assert_eq!(verdict(&both, &server("srv", r#"{"command":"npx","args":["-y","a"]}"#)), "allowed 2.json");
    assert_eq!(verdict(&both, &server("srv", GOOD)), "allowed 1.json", "no URL in any list");
}

#[test]
fn approved_content_holds_in_another_directory_and_scope_does_not_leak() {
    let here = server_in(Scope::Local, Some("/home/dev/a"), "linear", GOOD);
    let approved = baseline(&[], vec![approval_of(1, &here)]);
    for (scope, project, entry, expected) in [
        (Scope::Local, Some("/home/dev/a"), GOOD, "approved 1"),
        (Scope::Local, Some("/home/dev/b"), GOOD, "approved 1"),
        (Scope::Local, Some("/home/dev/a"), EVIL, "differs 1"),
        (Scope::Local, Some("/home/dev/b"), EVIL, "unknown"),
        (Scope::User, None, GOOD, "unknown"),
    ] {
        assert_eq!(verdict(&approved, &server_in(scope, project, "linear", entry)), expected);
    }
    assert_eq!(verdict(&approved, &server_in(Scope::Local, Some("/home/dev/a"), "liпear", GOOD)), "unknown");
}

#[test]
fn the_newest_approval_says_what_is_expected() {
    let first = server("linear", GOOD);
    let second = server("linear", r#"{"type":"sse","url":"https://mcp.linear.app/sse"}"#);
    let both = baseline(&[], vec![approval_of(2, &second), approval_of(1, &first)]);
    match both.server(&server("linear", EVIL)) {
        ServerVerdict::Differs { approval, expected } => {
            assert_eq!(approval.id, 2);
            assert_eq!(expected, *second.entry);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(verdict(&both, &first), "approved 1");
}

#[test]
fn settings_stand_on_templates_first() {
    let setting = |key: &str, value| Setting {
        surface: surface(Scope::User),
        project: None,
        key: key.into(),
        kind: SettingKind::Permission,
        value,
    };
    let mode = setting("permissions.defaultMode", Value::plain("acceptEdits"));
    let hook = setting("hooks.Stop", Value::plain("x"));
    let both = baseline(
        &[("/b/1.json", r#"{"mcpwatch":{"settings":{"permissions":{"defaultMode":"plan"}}}}"#)],
        vec![
            approval(1, Subject::setting(&mode), mode.value.clone()),
            approval(2, Subject::setting(&hook), hook.value.clone()),
        ],
    );
    assert!(
        matches!(both.setting(&mode), ContentVerdict::Ruled { expected, .. } if *expected == Value::plain("plan"))
    );
    assert!(matches!(both.setting(&hook), ContentVerdict::Approved { approval } if approval.id == 2));
    let changed = Setting { value: Value::plain("y"), ..hook.clone() };
    assert!(matches!(both.setting(&changed), ContentVerdict::Differs { approval } if approval.id == 2));
    let unknown = setting("hooks.Start", Value::Null);
    assert!(matches!(both.setting(&unknown), ContentVerdict::Unknown));
    assert_eq!(both.settings_expected().len(), 1);
    let elsewhere = Subject::File("/x".into());
    assert!(matches!(both.content(&elsewhere, &Value::Null), ContentVerdict::Unknown));
}

#[test]
fn the_list_says_on_what_everything_stands() {
    let linear = server("linear", GOOD);
    let other = server("other", r#"{"command":"npx"}"#);
    let all = baseline(
        &[
            (
                "/b/1.json",
                r#"{"mcpServers":{"linear":{"type":"http","url":"https://old.test/"}},
                    "mcpwatch":{"required":["linear"],"unlisted":"deny"}}"#,
            ),
            (
                "/b/2.json",
                r#"{"mcpServers":{"linear":{"type":"http","url":"https://mcp.linear.app/mcp"}},
                    "allowedMcpServers":[{"serverName":"x"}],"deniedMcpServers":[{"serverName":"y"}]}"#,
            ),
        ],
        vec![approval_of(1, &linear), approval_of(2, &other)],
    );
    let told: Vec<String> = all
        .standings()
        .iter()
        .map(|standing| match standing {
            Standing::Server { name, ground, overruled_by, required, .. } => {
                let ground = match ground {
                    Ground::Template(template) => template.name.clone(),
                    Ground::Approval(approval) => approval.id.to_string(),
                };
                let over = overruled_by.map(|template| template.name.as_str()).unwrap_or("-");
                format!("{name} {ground} {over} {required}")
            }
            Standing::Allowed { template, .. } => format!("allowed {}", template.name),
            Standing::Denied { template, .. } => format!("denied {}", template.name),
            Standing::UnlistedDenied { template } => format!("unlisted {}", template.name),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        told,
        [
            "denied 2.json",
            "linear 1.json 2.json true",
            "linear 2.json - false",
            "linear 1 2.json false",
            "other 2 - false",
            "unlisted 1.json",
            "allowed 2.json",
        ]
    );
    assert_eq!(all.required(), [(&all.templates[0], "linear")]);
    assert!(!all.is_empty() && Baseline::default().is_empty());
}
