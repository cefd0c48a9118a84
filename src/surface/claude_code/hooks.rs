//! A `hooks` object: commands by event. Knows nothing of which file it stands in.

use super::masks;
use crate::json::{self, Node, Tree};
use crate::model::value::Value;

/// Each event that has hooks, with everything that runs at it.
pub(super) fn hooks(node: &Node) -> Vec<(String, Value)> {
    let node = json::entry::unfolded(node);
    if let Tree::Deep(_) = &node.tree {
        // Larger than anything a person writes: what it says is not known, that it changes is.
        return vec![("‹too large to read›".to_owned(), masks::runnable(&node))];
    }
    let Some(events) = node.as_object() else { return Vec::new() };
    events
        .iter()
        .map(|(event, groups)| (event.to_owned(), masks::runnable(groups)))
        .filter(|(_, value)| super::claude_json::says_something(value))
        .collect()
}
