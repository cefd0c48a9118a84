//! A `hooks` object: commands by event. Knows nothing of which file it stands in.

use crate::json::{self, Node};
use crate::model::masking::{mask_command_line, mask_url, mask_value};
use crate::model::text::Text;
use crate::model::value::Value;

/// Each event that has hooks, with everything that runs at it.
pub(super) fn hooks(node: &Node) -> Vec<(String, Value)> {
    let Some(events) = node.as_object() else { return Vec::new() };
    events
        .iter()
        .map(|(event, groups)| (event.to_owned(), hook_value(groups, "")))
        .filter(|(_, value)| super::claude_json::says_something(value))
        .collect()
}

/// A hook's fields say by their names what may be shown.
fn hook_value(node: &Node, field: &str) -> Value {
    if let Some(items) = node.as_list() {
        return Value::List(items.iter().map(|item| hook_value(item, field)).collect());
    }
    if let Some(object) = node.as_object() {
        return Value::Object(
            object.iter().map(|(name, value)| (name.to_owned(), hook_value(value, name))).collect(),
        );
    }
    json::entry::value(node, &|text| match field {
        "command" | "args" => mask_command_line(text),
        "url" => mask_url(text),
        "type" | "matcher" | "if" | "statusMessage" | "model" | "shell" => Text::plain(text),
        _ => mask_value(text),
    })
}
