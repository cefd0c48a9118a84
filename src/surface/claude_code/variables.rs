//! An `env` object of a settings file or of `.claude.json`. Knows nothing of which file it stands in.

use crate::json::{self, Node};
use crate::model::value::Value;

/// Every variable, masked by what its name says.
pub(super) fn variables(node: &Node) -> Vec<(String, Value)> {
    let node = json::entry::unfolded(node);
    let members = node.as_object().into_iter().flat_map(|object| object.iter());
    members
        .map(|(name, node)| (name.to_owned(), json::entry::value(node, json::entry::mask_of_variable(name))))
        .collect()
}

/// A value as it reaches the environment: whatever it is, JavaScript makes a word of it. Seen on 2.1.329:
/// `null` sets `null`, an object `[object Object]`.
pub(super) fn as_the_client_says(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Text(text) => text.reveal(),
        Value::Object(_) | Value::Deep(_) => "[object Object]".to_owned(),
        Value::List(items) => items
            .iter()
            .map(|item| if *item == Value::Null { String::new() } else { as_the_client_says(item) })
            .collect::<Vec<_>>()
            .join(","),
        scalar => scalar.revealed().to_string(),
    }
}
