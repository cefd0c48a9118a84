//! What to type after looking at an event. Knows nothing of how it looks.

use super::fate::Fate;
use crate::cli::paths;
use crate::model::event::Event;
use crate::model::hidden::is_hidden;
use crate::model::kind::DriftKind;
use serde_json::Value;

/// A command, or words where there is none, and what it is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) purpose: &'static str,
    pub(super) what: What,
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Command(String),
    Words(String),
}

/// The steps. `options` are those that a further command needs, each with a space before it; `switched_off` says why
/// nothing can be approved here, where that is so.
pub(super) fn steps(event: &Event, fate: &Fate, options: &str, switched_off: Option<String>) -> Vec<Step> {
    let command =
        |purpose, words: String| Step { purpose, what: What::Command(format!("mcpwatch{options} {words}")) };
    if let Some(number) = approvals(event).first().filter(|_| event.action() != "approval-withdrawn") {
        return vec![command("to take it back", format!("approve --withdraw {number}"))];
    }
    if event.action().parse::<DriftKind>().is_err() {
        return match event.action() {
            "sensor-degraded" | "journal-unwritable" | "events-dropped" => {
                vec![command("to mend it", "doctor".to_owned())]
            }
            "template-rejected" => vec![command("to see why", "baseline show".to_owned())],
            "journal-trimmed" => vec![command("to check it", "verify".to_owned())],
            _ => Vec::new(),
        };
    }
    let server = event.text("mcpwatch.server").filter(|server| !server.chars().any(is_hidden));
    let named = server.map_or_else(String::new, |server| format!(" {}", paths::quoted(server)));
    let mut steps = vec![command("to see it now", format!("diff{named}"))];
    let has_ended = matches!(fate, Fate::Ended { .. });
    if !has_ended && event.text("mcpwatch.drift.source") != Some("lint") {
        steps.push(command("to put it right", format!("revert --event {}", paths::quoted(event.id()))));
    }
    match (event.text("mcpwatch.drift.source"), event.text("mcpwatch.drift.baseline")) {
        _ if has_ended => {}
        (Some("template"), Some(template)) => steps.push(Step {
            purpose: "to accept it",
            what: What::Words(format!("the template {template} rules this; ask whoever keeps it")),
        }),
        _ if switched_off.is_some() => {
            let words = switched_off.unwrap_or_default();
            steps.push(Step { purpose: "to accept it", what: What::Words(words) });
        }
        _ => steps.push(command("to accept it", format!("approve --event {}", paths::quoted(event.id())))),
    }
    steps.push(Step {
        purpose: "to understand",
        what: What::Command(format!("mcpwatch rules explain {}", event.action())),
    });
    steps
}

/// The approvals that the event speaks of.
fn approvals(event: &Event) -> Vec<&str> {
    let ids = event.get("mcpwatch.approval.id").and_then(Value::as_array);
    ids.into_iter().flatten().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(action: &str, mcpwatch: Value) -> Event {
        Event::from_document(json!({
            "@timestamp": "2026-01-02T03:04:05.000000Z", "message": "m",
            "event": {"id": "0199c0de-1111-7222-8333-444455556666", "kind": "alert", "action": action},
            "mcpwatch": mcpwatch,
        }))
        .unwrap()
    }

    fn commands(event: &Event, fate: &Fate) -> Vec<String> {
        let what = |step: Step| match step.what {
            What::Command(command) | What::Words(command) => command,
        };
        steps(event, fate, " --state /s", None).into_iter().map(what).collect()
    }

    #[test]
    fn a_drift_is_looked_at_accepted_and_understood() {
        let drift = event("hook-changed", json!({"server": "a b", "drift": {"source": "approval"}}));
        assert_eq!(
            commands(&drift, &Fate::Unknown),
            [
                "mcpwatch --state /s diff 'a b'",
                "mcpwatch --state /s revert --event 0199c0de-1111-7222-8333-444455556666",
                "mcpwatch --state /s approve --event 0199c0de-1111-7222-8333-444455556666",
                "mcpwatch rules explain hook-changed",
            ]
        );
        let ended = Fate::Ended { time: String::new(), sequence: 7 };
        assert!(!commands(&drift, &ended).iter().any(|command| command.contains("approve")));
        let ruled = event("hook-changed", json!({"drift": {"source": "template", "baseline": "acme"}}));
        assert!(commands(&ruled, &Fate::Unknown)[2].contains("acme"));
    }

    #[test]
    fn an_approval_can_be_taken_back() {
        let approved = event("server-approved", json!({"approval": {"id": ["12"]}}));
        assert_eq!(commands(&approved, &Fate::None), ["mcpwatch --state /s approve --withdraw 12"]);
        assert!(commands(&event("agent-started", json!({})), &Fate::None).is_empty());
    }
}
