//! A node that is an entry of `mcpServers`, or any other value, as the nouns of `model`. Knows which part of
//! an entry may hold a secret, and nothing of files or scopes.

use super::node::{Node, Tree};
use super::read::read;
use super::shape::Shape;
use crate::model::digest::Digest;
use crate::model::entry::{Entry, Transport};
use crate::model::masking::{mask_arguments, mask_command_line, mask_url, mask_value};
use crate::model::text::Text;
use crate::model::value::{Members, Value};
use crate::model::variables::is_steering;
use std::borrow::Cow;

/// How the strings of a value are masked.
pub type Mask<'a> = &'a dyn Fn(&str) -> Text;

/// The node as a value, every string of it masked by `mask`.
pub fn value(node: &Node, mask: Mask<'_>) -> Value {
    match &node.tree {
        Tree::Skipped(_) | Tree::Null => Value::Null,
        Tree::Bool(value) => Value::Bool(*value),
        Tree::Number(value) => Value::Number(*value),
        Tree::Text(text) => Value::Text(mask(text)),
        Tree::List(items) => Value::List(items.iter().map(|item| value(item, mask)).collect()),
        Tree::Object(object) => {
            Value::Object(object.iter().map(|(name, node)| (name.to_owned(), value(node, mask))).collect())
        }
        Tree::Deep(raw) => Value::Deep(Box::new(Digest::of(raw.as_bytes()))),
    }
}

/// The node with what was too large for the document's tree read again on its own, so that padding before
/// it hides nothing.
pub fn unfolded(node: &Node) -> Cow<'_, Node> {
    match &node.tree {
        Tree::Deep(raw) => read(raw, &Shape::Whole).map_or(Cow::Borrowed(node), |own| Cow::Owned(own.root)),
        _ => Cow::Borrowed(node),
    }
}

/// The node as an entry of `mcpServers`; `None` when it is no object.
pub fn entry(node: &Node) -> Option<Entry> {
    let node = unfolded(node);
    if let Tree::Deep(raw) = &node.tree
        && raw.starts_with('{')
    {
        // Larger than anything a person writes, and still one that the client may take.
        let all = Value::Deep(Box::new(Digest::of(raw.as_bytes())));
        return Some(Entry::new(
            Transport::Other(Text::plain("‹too large to read›")),
            Members::from_iter([("‹entry›".to_owned(), all)]),
        ));
    }
    let object = node.as_object()?;
    let transport = match object.get("type") {
        None => Transport::from_word(None),
        // A `type` that is no string is one that the client does not know.
        Some(node) => match node.as_text() {
            Some(word) => Transport::from_word(Some(word)),
            None => Transport::Other(Text::plain("‹not a string›")),
        },
    };
    let program = object.get("command").and_then(Node::as_text).unwrap_or_default();
    let fields = object
        .iter()
        .filter(|(name, _)| *name != "type")
        .map(|(name, node)| (name.to_owned(), field(name, &unfolded(node), program)))
        .collect();
    Some(Entry::new(transport, fields))
}

fn field(name: &str, node: &Node, program: &str) -> Value {
    match name {
        "command" | "headersHelper" => value(node, &mask_command_line),
        "url" => value(node, &mask_url),
        "args" => arguments(node, program),
        "env" => variables(node),
        "oauth" => oauth(node),
        "tools" => tools(node, ""),
        _ => value(node, &mask_value),
    }
}

fn arguments(node: &Node, program: &str) -> Value {
    let words: Option<Vec<&str>> = node.as_list().and_then(|items| items.iter().map(Node::as_text).collect());
    match words {
        Some(words) => Value::List(mask_arguments(program, &words).into_iter().map(Value::Text).collect()),
        None => value(node, &mask_value),
    }
}

/// `tools`: which tool may do what. Only the two fields that the client knows are shown.
fn tools(node: &Node, field: &str) -> Value {
    match &node.tree {
        Tree::List(items) => Value::List(items.iter().map(|item| tools(item, field)).collect()),
        Tree::Object(object) => {
            Value::Object(object.iter().map(|(name, node)| (name.to_owned(), tools(node, name))).collect())
        }
        _ if matches!(field, "name" | "permission_policy") => value(node, &|word| Text::plain(word)),
        _ => value(node, &mask_value),
    }
}

/// An `env` object. What steers programs (a library to preload, a proxy) must be seen to be judged, so it is
/// masked by its shape; every other value is secret.
pub fn variables(node: &Node) -> Value {
    match node.as_object() {
        Some(object) => Value::Object(
            object
                .iter()
                .map(|(name, node)| (name.to_owned(), value(node, mask_of_variable(name))))
                .collect(),
        ),
        None => value(node, &mask_value),
    }
}

/// How the value of the environment variable `name` is masked.
pub fn mask_of_variable(name: &str) -> Mask<'static> {
    if is_steering(name) { &mask_steering } else { &mask_value }
}

fn mask_steering(raw: &str) -> Text {
    if raw.contains("://") { mask_url(raw) } else { mask_command_line(raw) }
}

fn oauth(node: &Node) -> Value {
    let Some(object) = node.as_object() else { return value(node, &mask_value) };
    let members: Members = object
        .iter()
        .map(|(name, node)| {
            let mask: Mask<'_> = match name {
                "clientId" | "scopes" => &|word: &str| Text::plain(word),
                "authServerMetadataUrl" => &mask_url,
                _ => &mask_value,
            };
            (name.to_owned(), value(node, mask))
        })
        .collect();
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::super::{Shape, read};
    use super::*;
    use crate::model::digest::Key;

    fn entry_of(text: &str) -> Entry {
        entry(&read(text, &Shape::Whole).unwrap().root).unwrap()
    }

    #[test]
    fn spelling_makes_no_difference() {
        assert_eq!(
            entry_of(r#"{"type":"streamable-http","url":"https://h.example/","headers":{}}"#),
            entry_of(r#"{ "\u0075rl":"https:\/\/h.example/", "type":"http"}"#),
        );
        assert_eq!(
            entry_of(r#"{"command":"a","timeout":3e4}"#),
            entry_of(r#"{"timeout":30000,"command":"a","args":[]}"#)
        );
        assert_ne!(entry_of(r#"{"command":"a"}"#), entry_of(r#"{"command":"a","type":7}"#));
    }

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        let entry = entry_of(
            r#"{"type":"http","url":"https://u:CANARY@h.example/?k=CANARY","headers":{"A":"Bearer CANARY"},
                "env":{"T":"CANARY","LD_PRELOAD":"/tmp/x.so"},"oauth":{"clientId":"c","clientSecret":"CANARY"},
                "command":"srv","args":["--token","CANARY"],"unknown":{"deep":["CANARY"]}}"#,
        );
        let shown = entry.to_value().shown(&Key::from_bytes([5; 32])).to_string();
        assert!(!shown.contains("CANARY"), "{shown}");
        assert!(shown.contains("/tmp/x.so") && shown.contains("Bearer ‹secret"), "{shown}");
        assert_eq!(entry.to_value().revealed().to_string().matches("CANARY").count(), 7);
    }
}
