//! Settings with parts of several kinds: which of them may be shown. Knows nothing of files.

use crate::json::{self, Node, Tree};
use crate::model::masking::{mask_arguments, mask_command_line, mask_permission, mask_url, mask_value};
use crate::model::text::Text;
use crate::model::value::Value;

/// What runs a command: a hook, a helper, the status line. A field's name says what may be shown.
pub(super) fn runnable(node: &Node) -> Value {
    field(node, "command", "")
}

fn field(node: &Node, name: &str, program: &str) -> Value {
    let node = json::entry::unfolded(node);
    if let Some(items) = node.as_list() {
        let words: Option<Vec<&str>> = items.iter().map(Node::as_text).collect();
        return match words {
            Some(words) if name == "args" => {
                Value::List(mask_arguments(program, &words).into_iter().map(Value::Text).collect())
            }
            _ => Value::List(items.iter().map(|item| field(item, name, program)).collect()),
        };
    }
    if let Some(object) = node.as_object() {
        let program = object.get("command").and_then(Node::as_text).unwrap_or_default();
        return Value::Object(
            object.iter().map(|(name, node)| (name.to_owned(), field(node, name, program))).collect(),
        );
    }
    json::entry::value(&node, &|text| match name {
        "command" | "path" => mask_command_line(text),
        "url" => mask_url(text),
        "if" => mask_permission(text),
        "type" | "matcher" | "model" | "shell" => Text::plain(text),
        _ => mask_value(text),
    })
}

/// Where something comes from: a repository, a URL, a path.
pub(super) fn source(node: &Node) -> Value {
    json::entry::value(&json::entry::unfolded(node), &place)
}

/// `allowedMcpServers` and `deniedMcpServers`.
pub(super) fn patterns(node: &Node) -> Value {
    let node = json::entry::unfolded(node);
    match &node.tree {
        Tree::List(items) => Value::List(items.iter().map(patterns).collect()),
        Tree::Object(object) => {
            Value::Object(object.iter().map(|(name, node)| (name.to_owned(), pattern(name, node))).collect())
        }
        _ => json::entry::value(&node, &|word| Text::plain(word)),
    }
}

fn pattern(name: &str, node: &Node) -> Value {
    let words: Option<Vec<&str>> = node.as_list().and_then(|items| items.iter().map(Node::as_text).collect());
    match (name, words.as_deref()) {
        ("serverCommand", Some([program, arguments @ ..])) => {
            let arguments = mask_arguments(program, arguments).into_iter();
            Value::List(
                std::iter::once(mask_command_line(program)).chain(arguments).map(Value::Text).collect(),
            )
        }
        ("serverUrl", _) => json::entry::value(node, &mask_url),
        ("serverName", _) => json::entry::value(node, &|word| Text::plain(word)),
        _ => json::entry::value(node, &mask_value),
    }
}

/// A URL or a name as it may be shown; what has userinfo in any spelling is a URL.
fn place(word: &str) -> Text {
    if word.contains("://") {
        mask_url(word)
    } else if word.contains('@') && word.contains(':') && !word.starts_with("git@") {
        mask_value(word)
    } else {
        Text::plain(word)
    }
}
