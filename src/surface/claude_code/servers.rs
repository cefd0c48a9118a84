//! An object of servers by name. Knows nothing of which file it stands in.

use super::Source;
use crate::json::{self, Node, Shape};
use crate::model::entry::Entry;
use crate::model::secret::Secret;
use crate::model::surface::Scope;
use crate::model::value::Value;
use crate::surface::extract::FoundServer;
use std::path::Path;
use std::sync::Arc;

/// So far is looked for an entry that was there before.
const AHEAD: usize = 4;

/// `mcpServers` of a `.mcp.json`.
pub(super) const SHAPE: Shape = Shape::Members(&[("mcpServers", SERVERS)]);

/// Servers by name.
pub(super) const SERVERS: Shape = Shape::EachMember(&Shape::Whole);

impl Source<'_> {
    /// The servers of an `mcpServers` object. What is no object is no server to the client.
    pub(super) fn servers(
        &self,
        node: Option<&Node>,
        scope: Scope,
        project: Option<&Path>,
    ) -> Vec<FoundServer> {
        let Some(object) = node.and_then(Node::as_object) else { return Vec::new() };
        object
            .members()
            .iter()
            .filter_map(|member| {
                let text = self.text.get(member.value.span.clone()).unwrap_or_default();
                let (entry, raw) = match self.known(&member.name, text) {
                    Some(known) => known,
                    None => (json::entry::entry(&member.value)?.into(), Secret::new(text)),
                };
                Some(FoundServer {
                    name: member.name.to_string(),
                    project: project.map(Path::to_path_buf),
                    scope,
                    entry,
                    raw,
                    offset: member.value.span.start,
                })
            })
            .collect()
    }
    /// The entry of that name and text, if it was found here before. Those that are gone are passed over; what is new
    /// among them is none of them.
    fn known(&self, name: &str, text: &str) -> Option<(Arc<Entry>, Secret)> {
        let before = self.before.get();
        let at = before.iter().take(AHEAD).position(|known| known.name == name)?;
        let (known, rest) = before.get(at..)?.split_first()?;
        self.before.set(rest);
        let is_same = known.raw.reveal() == text && known.entry.fields.values().all(is_whole);
        is_same.then(|| (Arc::clone(&known.entry), known.raw.clone()))
    }
}

/// Whether it was read to its end: how much of a text is depends on what stands before it.
fn is_whole(value: &Value) -> bool {
    match value {
        Value::Deep(_) => false,
        Value::List(items) => items.iter().all(is_whole),
        Value::Object(members) => members.values().all(is_whole),
        _ => true,
    }
}
