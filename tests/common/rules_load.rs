//! What must hold of a file of rules of any bytes. Shared by the fuzz target and the replay of its seeds.

use mcpwatch::model::event::Event;
use mcpwatch::rules::{Origin, Rules, Source};
use std::path::PathBuf;

/// Loads the bytes; whatever they are they become a rule, an exception or a reason with a place, and an event can be
/// held against them.
pub(crate) fn check(bytes: &[u8]) {
    for origin in [Origin::Own, Origin::Exception] {
        let rules = Rules::load([Source { file: PathBuf::from("a.yml"), bytes: bytes.to_vec(), origin }]);
        let held = rules.rules().len() + rules.exceptions().len();
        assert!(held <= 1 && (held == 1 || !rules.problems().is_empty()), "it is one or says why not");
        for problem in rules.problems() {
            // A carriage return alone ends a line of YAML too.
            let lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).count();
            assert!((1..=lines + 1).contains(&problem.line) && problem.column >= 1, "{problem}");
            assert!(!problem.sentence.is_empty());
        }
        let document = serde_json::json!({
            "@timestamp": "2026-01-02T03:04:05.000000Z",
            "event": { "id": "1", "kind": "alert", "action": "server-added" },
            "process": { "args": ["node", "x"] },
        });
        let Some(mut event) = Event::from_document(document) else { return };
        rules.apply(&mut event);
        assert!(event.action() == "server-added" && event.id() == "1", "a rule changes no fact");
    }
}
