//! An object of servers by name. Knows nothing of which file it stands in.

use super::Source;
use crate::json::{self, Node, Shape};
use crate::model::secret::Secret;
use crate::model::surface::Scope;
use crate::surface::extract::FoundServer;
use std::path::Path;

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
                Some(FoundServer {
                    name: member.name.to_string(),
                    project: project.map(Path::to_path_buf),
                    scope,
                    entry: json::entry::entry(&member.value)?.into(),
                    raw: Secret::new(self.text.get(member.value.span.clone()).unwrap_or_default()),
                    offset: member.value.span.start,
                })
            })
            .collect()
    }
}
