//! Claude Code: which files it reads, in which order, and what stands in them.
//!
//! Every fact here was seen on client 2.1.329 or stands in its documentation; see the single files.

mod address;
mod claude_json;
mod hooks;
mod layout;
mod masks;
mod plugins;
mod schema;
mod servers;
mod settings;
mod variables;

pub use address::address;
pub use layout::{Layout, Roots, is_client_program, is_draft_of, is_installed_client, is_stand_in};

use super::extract::{Extract, FoundServer};
use super::place::Lines;
use crate::json::{self, Document, Shape, SyntaxError};
use crate::model::inventory::DuplicateKey;
use crate::model::masking::mask_value;
use crate::model::surface::{Format, Scope, Surface};
use std::cell::Cell;
use std::collections::BTreeSet;

/// Reads the text of `surface` as the client does.
///
/// # Errors
/// What the client would not take either, with line and column.
pub fn extract(surface: &Surface, text: &str) -> Result<Extract, SyntaxError> {
    extract_after(surface, text, None)
}

/// The same where that was read of it `before`: entries whose text is the same are kept, since the client writes the whole
/// file again for every small thing.
///
/// # Errors
/// What the client would not take either, with line and column.
pub fn extract_after(
    surface: &Surface,
    text: &str,
    before: Option<&Extract>,
) -> Result<Extract, SyntaxError> {
    let shape = match surface.format {
        Format::ClaudeJson => &claude_json::SHAPE,
        Format::McpJson => &servers::SHAPE,
        Format::Settings => &settings::SHAPE,
        _ => &Shape::Whole,
    };
    let document = json::read(text, shape)?;
    let before = before.map_or(&[][..], |before| &before.servers);
    let source = Source { surface, text, before: Cell::new(before) };
    let mut found = Extract { duplicates: duplicates(&document, text), ..Extract::default() };
    let root = &document.root;
    match surface.format {
        Format::ClaudeJson => claude_json::extract(&source, root, &mut found),
        Format::McpJson => {
            found.servers = source.servers(root.get("mcpServers"), surface.scope, surface.project.as_deref());
        }
        Format::Settings => settings::extract(&source, root, &mut found),
        Format::ManagedMcp => {
            found.servers = source.servers(root.get("mcpServers"), Scope::Managed, None);
            found.content = Some(json::entry::value(root, &mask_value));
        }
        Format::ManagedSettings => {
            settings::extract(&source, root, &mut found);
            found.servers = source.servers(root.get("managedMcpServers"), Scope::Managed, None);
            found.content = Some(json::entry::value(root, &mask_value));
        }
        Format::InstalledPlugins if surface.file.ends_with(layout::MARKETPLACES) => {
            plugins::marketplaces(&source, root, &mut found);
        }
        Format::InstalledPlugins => plugins::installed(&source, root, &mut found),
        Format::PluginServers => plugins::servers(&source, root, &mut found),
        Format::PluginHooks => plugins::hooks(&source, root, &mut found),
    }
    let same = same_when_read(&found, text);
    found.duplicates.extend(same);
    // It is kept for as long as the file says so, and with thousands of projects a third of it would be empty room.
    found.settings.shrink_to_fit();
    found.servers.shrink_to_fit();
    found.projects.shrink_to_fit();
    Ok(found)
}

/// Names that differ only in characters that cannot be read are one name to a person: said like duplicates.
fn same_when_read(extract: &Extract, text: &str) -> Vec<DuplicateKey> {
    let mut seen = BTreeSet::new();
    let mut lines = Lines::of(text);
    extract
        .servers
        .iter()
        .filter(|server| !seen.insert((server.scope, &server.project, &server.name)))
        .map(|server| DuplicateKey {
            path: vec!["mcpServers".into(), server.name.clone()],
            line: lines.at(server.offset),
        })
        .collect()
}

/// A document being read: where it stands and its text.
struct Source<'a> {
    surface: &'a Surface,
    text: &'a str,
    /// The servers that were found in it before, as far as they were not passed yet.
    before: Cell<&'a [FoundServer]>,
}

fn duplicates(document: &Document, text: &str) -> Vec<DuplicateKey> {
    let mut lines = Lines::of(text);
    document
        .duplicates
        .iter()
        .map(|duplicate| DuplicateKey { path: duplicate.path.clone(), line: lines.at(duplicate.span.start) })
        .collect()
}

#[cfg(test)]
mod tests;
