//! `docs/events.md` is what the code says: made of the table of fields, the actions, the drift kinds and the formats.
//! `MCPWATCH_REWRITE=1 cargo test --test export` writes it anew.

use mcpwatch::drift::explain::explanation;
use mcpwatch::model::event::AgentAction;
use mcpwatch::model::event::fields::{self, Origin, Section};
use mcpwatch::model::kind::DriftKind;
use std::fmt::Write as _;
use std::fs;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/events.md");

/// What stands before the tables, written by hand.
const BEFORE: &str = include_str!("document_before.md");

/// What stands behind them.
const AFTER: &str = include_str!("document_after.md");

fn document() -> String {
    let mut text = BEFORE.to_owned();
    text.push_str("## Fields\n\nA list of objects is written as the fields of its members.\n");
    for section in fields::sections() {
        write_section(section, &mut text);
    }
    text.push_str("\n## Drift kinds\n\n`event.kind` is `alert` and `event.dataset` is `mcpwatch.drift`. The level is the one before ");
    text.push_str("circumstances and rules; `mcpwatch rules explain KIND` says more.\n\n| `event.action` | level | what happened |\n|---|---|---|\n");
    for kind in DriftKind::ALL {
        assert!(!explanation(*kind).is_empty());
        let _ = writeln!(text, "| `{kind}` | {} | {} |", kind.default_level(), cell(kind.meaning()));
    }
    text.push_str("\n## What the agent does and meets\n\n`event.dataset` is `mcpwatch.agent`.\n\n");
    text.push_str("| `event.action` | `event.kind` | category, type | what happened |\n|---|---|---|---|\n");
    for action in AgentAction::ALL {
        let (kind, category, sort) = (action.kind(), action.category(), action.event_type());
        let _ = writeln!(text, "| `{action}` | {kind} | {category}, {sort} | {} |", cell(action.meaning()));
    }
    text.push('\n');
    text.push_str(AFTER);
    text
}

fn write_section(section: &Section, text: &mut String) {
    let _ = write!(text, "\n### {}\n\n", section.title);
    match section.origin {
        Origin::Event => {}
        Origin::Rules => text.push_str("Set by rules, which therefore cannot ask for them.\n\n"),
        Origin::Journal => text.push_str("Set when the event is stored; rules cannot ask for them.\n\n"),
    }
    let prefix = match section.places {
        [] => String::new(),
        [place] => format!("{place}."),
        places => {
            let places: Vec<String> = places.iter().map(|place| format!("`{place}`")).collect();
            let _ = write!(text, "Each below {}.\n\n", places.join(", "));
            ".".to_owned()
        }
    };
    text.push_str("| field | type | when | what it says |\n|---|---|---|---|\n");
    for field in section.fields {
        let shape = field.shape.as_str();
        let _ = writeln!(
            text,
            "| `{prefix}{}` | {shape} | {} | {} |",
            field.name,
            cell(field.when),
            cell(field.meaning)
        );
    }
}

fn cell(text: &str) -> String {
    text.trim_end_matches('.').replace('|', "\\|")
}

#[test]
fn the_document_is_what_the_code_says() {
    let made = document();
    if std::env::var_os("MCPWATCH_REWRITE").is_some() {
        fs::write(FILE, &made).unwrap();
    }
    let stands = fs::read_to_string(FILE).unwrap_or_default();
    let first = made.lines().zip(stands.lines()).find(|(made, stands)| made != stands);
    assert!(
        made == stands,
        "docs/events.md is stale, first at {first:#?}: MCPWATCH_REWRITE=1 cargo test --test export writes it"
    );
}

#[test]
fn every_format_is_described() {
    for format in mcpwatch::export::Format::ALL {
        assert!(AFTER.contains(&format!("### `{format}`")), "{format}");
    }
}
