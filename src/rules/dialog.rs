//! What the client writes when a person answers one of its dialogs: a directory is trusted, one server of a project is
//! accepted, one use of a tool is always allowed. Must not know who wrote.

use crate::model::event::Event;
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use serde_json::Value;

/// Whether it is no more than one answer at a terminal. Several at once, or one for all that is to come, is more than
/// the dialogs offer or than a person should find in no alert.
pub(super) fn is_answer_to_a_dialog(event: &Event) -> bool {
    if event.get("process.interactive").and_then(Value::as_bool) != Some(true) {
        return false;
    }
    let field = event.text("mcpwatch.drift.field").unwrap_or_default();
    match (event.action().parse(), field) {
        // A directory that is not there, or several at once, is graver by itself.
        (Ok(DriftKind::TrustGranted), _) => event.level() == Level::Low,
        (
            Ok(DriftKind::ApprovalWidened),
            "enabledMcpjsonServers" | "enabledMcpServers" | "customApiKeyResponses.approved",
        ) => added(event).is_some(),
        (Ok(DriftKind::PermissionsWidened), "permissions.allow") => {
            added(event).is_some_and(|permission| is_for_one_use(&permission))
        }
        _ => false,
    }
}

/// The one item that a list has more than before; `None` where more than that has changed.
fn added(event: &Event) -> Option<String> {
    let list = |field: &str| -> Option<Vec<String>> {
        match event.text(field) {
            None => Some(Vec::new()),
            Some(text) => serde_json::from_str(text).ok(),
        }
    };
    let (before, after) = (list("mcpwatch.drift.expected")?, list("mcpwatch.drift.observed")?);
    let mut new = after.iter().filter(|item| !before.contains(item));
    let one = new.next()?;
    (new.next().is_none() && before.iter().all(|item| after.contains(item))).then(|| one.clone())
}

/// `Bash(npm test:*)` or `mcp__server__tool`; not `Bash`, `Bash(*)` or all of a server's tools.
fn is_for_one_use(permission: &str) -> bool {
    let narrowed = permission.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    match narrowed {
        Some(use_of_it) => use_of_it.chars().any(char::is_alphanumeric),
        None => permission
            .strip_prefix("mcp__")
            .and_then(|rest| rest.split_once("__"))
            .is_some_and(|(server, tool)| !server.is_empty() && !tool.is_empty() && !tool.contains('*')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn is_answer(kind: &str, field: &str, expected: Value, observed: &str) -> bool {
        let mut event = Event::from_document(json!({
            "@timestamp": "2026-01-02T03:04:05.000000Z",
            "event": {"id": "1", "kind": "alert", "action": kind, "severity": 21},
            "process": {"interactive": true},
            "mcpwatch": {"level": "low", "drift": {"field": field, "observed": observed}},
        }))
        .unwrap();
        event.set_level(Level::Low);
        if !expected.is_null() {
            event.set("mcpwatch.drift.expected", expected);
        }
        is_answer_to_a_dialog(&event)
    }

    #[test]
    fn one_answer_is_told_from_many_and_from_blanket_ones() {
        let none = Value::Null;
        let (approval, permission) = ("approval-widened", "permissions-widened");
        for (kind, field, expected, observed, wanted) in [
            ("trust-granted", "hasTrustDialogAccepted", none.clone(), "true", true),
            (approval, "enabledMcpjsonServers", none.clone(), r#"["one"]"#, true),
            (approval, "enabledMcpjsonServers", json!(r#"["one"]"#), r#"["one", "two"]"#, true),
            (approval, "enabledMcpjsonServers", none.clone(), r#"["one", "two"]"#, false),
            (approval, "enabledMcpjsonServers", json!(r#"["one"]"#), r#"["two"]"#, false),
            (approval, "enabledMcpjsonServers", none.clone(), "[\u{2026}", false),
            (approval, "customApiKeyResponses.approved", none.clone(), r#"["‹secret 3f9a1c›"]"#, true),
            (approval, "enableAllProjectMcpServers", none.clone(), "true", false),
            (permission, "permissions.allow", none.clone(), r#"["Bash(npm test:*)"]"#, true),
            (permission, "permissions.allow", none.clone(), r#"["mcp__linear__find"]"#, true),
            (permission, "permissions.allow", none.clone(), r#"["mcp__linear"]"#, false),
            (permission, "permissions.allow", none.clone(), r#"["mcp__linear__*"]"#, false),
            (permission, "permissions.allow", none.clone(), r#"["Bash(*)"]"#, false),
            (permission, "permissions.allow", none.clone(), r#"["Bash"]"#, false),
            (permission, "permissions.defaultMode", none.clone(), r#""bypassPermissions""#, false),
            ("hook-changed", "hooks.Stop", none, r#"["x"]"#, false),
        ] {
            assert_eq!(is_answer(kind, field, expected, observed), wanted, "{kind} {field} {observed}");
        }
    }
}
