//! An event as one line for people: `time level kind scope server summary (author)`. Knows nothing of where events come
//! from.

use crate::cli::style::{DIM, PLAIN, STRONG, Styled, in_column};
use crate::cli::when;
use crate::model::event::Event;

/// What stands where an event has no scope or server.
const NONE: &str = "-";

/// The line.
pub(crate) fn line(event: &Event) -> Styled {
    let level = event.level();
    let server = event.text("mcpwatch.server");
    Styled::new(when::to_the_second(event.time()), DIM)
        .then(format!("  {level:<13}"), in_column(level))
        .then(format!("  {}", event.action()), STRONG)
        .then(format!("  {}", event.text("mcpwatch.scope").unwrap_or(NONE)), DIM)
        .then(format!("  {}", server.unwrap_or(NONE)), if server.is_some() { STRONG } else { DIM })
        .then(format!("  {}", event.text("message").unwrap_or_default()), PLAIN)
        .then(author(event), DIM)
}

/// Who did it, where that is known.
fn author(event: &Event) -> String {
    let is_known = event.get("process.pid").is_some();
    let line = event.text("mcpwatch.provenance.line").filter(|_| is_known);
    line.map(|line| format!("  ({line})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_event_is_one_line() {
        let event = Event::from_document(json!({
            "@timestamp": "2026-01-02T03:04:05.000000Z", "message": "The host\nchanged.",
            "event": {"id": "1", "kind": "alert", "action": "endpoint-host-changed"},
            "process": {"pid": 7},
            "mcpwatch": {"level": "high", "scope": "user", "server": "lin\u{202e}ear",
                "provenance": {"line": "written by node\t← zsh"}},
        }))
        .unwrap();
        let mut bytes = Vec::new();
        let mut output = crate::cli::output::Output::to(&mut bytes, 40, false);
        output.unwrapped(&line(&event)).unwrap();
        drop(output);
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "2026-01-02T03:04:05Z  high           endpoint-host-changed  user  lin\\u{202e}ear  The host\\nchanged.  (written by node\\t← zsh)\n"
        );
    }
}
