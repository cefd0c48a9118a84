//! How one entry differs from another, component by component.

use super::difference::{Difference, one_line};
use super::{arguments, endpoint, lookalike::Known, maps, oauth};
use crate::model::entry::{Entry, Transport};
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::text::Text;
use crate::model::value::Value;
use crate::model::variables::Variables;
use std::collections::BTreeSet;

/// Everything that differs, in no particular order. Both are read under the same variables: what a changed
/// variable does is a drift of the setting that sets it.
pub(super) fn differences(
    expected: &Entry,
    observed: &Entry,
    variables: &Variables,
    known: &Known<'_>,
) -> Vec<Difference> {
    let mut found = Vec::new();
    if expected.transport != observed.transport {
        found.push(transport(expected, observed));
    }
    let same_way = expected.transport.is_remote() == observed.transport.is_remote();
    let names: BTreeSet<&String> = expected.fields.keys().chain(observed.fields.keys()).collect();
    for name in names {
        let (before, after) = (expected.fields.get(name), observed.fields.get(name));
        if before == after {
            continue;
        }
        match name.as_str() {
            // A server that went from one way to the other has been said to; the fields of the way that it
            // left say nothing more.
            "url" | "command" | "args" | "headers" if !same_way => {}
            // What the transport does not use is a field like any other.
            "url" | "headers" if !observed.transport.is_remote() => found.push(other(name, before, after)),
            "command" | "args" if observed.transport.is_remote() => found.push(other(name, before, after)),
            "url" => found.extend(endpoint::differences(name, text(before), text(after), variables, known)),
            "command" => found.extend(command(before, after, variables)),
            "args" => found.extend(arguments::differences(expected, observed, variables, known)),
            "env" => found.extend(maps::variables(before, after)),
            "headers" => found.extend(maps::headers(before, after)),
            "headersHelper" => found.push(
                Difference::new(
                    DriftKind::HeadersHelperChanged,
                    name,
                    "the command that makes this server's headers changed",
                )
                .between(before.map(one_line), after.map(one_line)),
            ),
            "oauth" => found.extend(oauth::differences(before, after)),
            _ => found.push(other(name, before, after)),
        }
    }
    found
}

fn text(value: Option<&Value>) -> Option<&Text> {
    value.and_then(Value::as_text)
}

fn transport(expected: &Entry, observed: &Entry) -> Difference {
    let level = if observed.transport == Transport::Stdio && observed.problem().is_none() {
        Level::Critical
    } else {
        Level::Medium
    };
    let words = |entry: &Entry| {
        let mut text = entry.transport.to_text();
        if let Some(command) = entry.text("command").filter(|_| entry.transport == Transport::Stdio) {
            text.push_plain(" ");
            text.push_text(command);
            entry.arguments().into_iter().for_each(|argument| {
                text.push_plain(" ");
                text.push_text(argument);
            });
        }
        text
    };
    let summary = match observed.problem() {
        Some(problem) => format!("the client no longer starts this server: {problem}"),
        None => {
            format!("this server is now reached by {} instead of {}", observed.transport, expected.transport)
        }
    };
    Difference::new(DriftKind::TransportChanged, "type", summary)
        .at(level)
        .between(Some(words(expected)), Some(words(observed)))
}

fn command(before: Option<&Value>, after: Option<&Value>, variables: &Variables) -> Option<Difference> {
    let effective = |value: Option<&Value>| text(value).map(|text| variables.expand(&text.reveal()));
    if let (Some(before), Some(after)) = (effective(before), effective(after))
        && before == after
        && before.unknown.is_empty()
    {
        return None;
    }
    let summary = "another program is run for this server";
    Some(
        Difference::new(DriftKind::CommandChanged, "command", summary)
            .between(before.map(one_line), after.map(one_line)),
    )
}

fn other(name: &str, before: Option<&Value>, after: Option<&Value>) -> Difference {
    // The client keeps what it discovered about a server in the entry itself.
    let level = if name == "discoveryCache" { Level::Informational } else { Level::Low };
    let what = match (before, after) {
        (None, _) => "was added",
        (_, None) => "was removed",
        _ => "changed",
    };
    Difference::new(DriftKind::FieldChanged, name, format!("the field {} {what}", name.escape_debug()))
        .at(level)
        .between(before.map(one_line), after.map(one_line))
}
