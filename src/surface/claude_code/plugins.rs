//! Installed plugins: where they lie, the servers and hooks they bring.
//!
//! Source: docs pages "plugins-reference" and "mcp". A plugin's server is called `plugin:<plugin>:<server>`
//! at run time, so it never shadows one of the user's by name.

use super::{Source, hooks, layout, masks};
use crate::json::{Node, Tree};
use crate::model::setting::{Setting, SettingKind};
use crate::model::surface::{Format, Scope, Surface};
use crate::surface::extract::Extract;
use std::path::{Component, Path, PathBuf};

/// `known_marketplaces.json`: `<name>.source` is where the plugins of that marketplace come from. When it was
/// last updated and where its copy lies says nothing.
pub(super) fn marketplaces(source: &Source<'_>, root: &Node, found: &mut Extract) {
    for (name, node) in root.as_object().into_iter().flat_map(|object| object.iter()) {
        let Some(from) = node.get("source") else { continue };
        let setting = Setting {
            surface: source.surface.clone(),
            project: None,
            key: format!("marketplaces.{name}"),
            kind: SettingKind::Approval,
            value: masks::source(from),
        };
        found.settings.push(setting.into());
    }
}

/// `installed_plugins.json`: `plugins.<name>@<marketplace>` is an installation or a list of them.
pub(super) fn installed(_: &Source<'_>, root: &Node, found: &mut Extract) {
    let Some(plugins) = root.get("plugins").and_then(Node::as_object) else { return };
    for (id, node) in plugins.iter() {
        let name = id.split('@').next().unwrap_or(id);
        let installations = match &node.tree {
            Tree::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        for path in installations.iter().filter_map(|one| one.get("installPath")?.as_text()) {
            let root = Path::new(path);
            if root.is_absolute() && !root.components().any(|part| part == Component::ParentDir) {
                found.follow.extend(layout::of_plugin(name, root));
            }
        }
    }
}

/// A plugin's `.mcp.json` (with or without the `mcpServers` around it) or `plugin.json`, whose `mcpServers`
/// is an object, a path, or a list of either.
pub(super) fn servers(source: &Source<'_>, root: &Node, found: &mut Extract) {
    let manifest = source.surface.file.ends_with("plugin.json");
    match root.get("mcpServers") {
        Some(node) => servers_or_paths(source, node, found),
        None if !manifest => add_servers(source, root, found),
        None => {}
    }
    if let (true, Some(node)) = (manifest, root.get("hooks")) {
        match node.as_text() {
            Some(path) => found.follow.extend(beside(source.surface, path, Format::PluginHooks)),
            None => add_hooks(source, node, found),
        }
    }
}

/// A plugin's `hooks/hooks.json`.
pub(super) fn hooks(source: &Source<'_>, root: &Node, found: &mut Extract) {
    if let Some(node) = root.get("hooks") {
        add_hooks(source, node, found);
    }
}

fn servers_or_paths(source: &Source<'_>, node: &Node, found: &mut Extract) {
    match &node.tree {
        Tree::Text(path) => found.follow.extend(beside(source.surface, path, Format::PluginServers)),
        Tree::List(items) => items.iter().for_each(|item| match &item.tree {
            Tree::Text(path) => found.follow.extend(beside(source.surface, path, Format::PluginServers)),
            _ => add_servers(source, item, found),
        }),
        _ => add_servers(source, node, found),
    }
}

fn add_servers(source: &Source<'_>, node: &Node, found: &mut Extract) {
    let plugin = source.surface.plugin.as_deref().unwrap_or_default();
    let servers = source.servers(Some(node), Scope::Plugin, source.surface.project.as_deref());
    found.servers.extend(servers.into_iter().map(|mut server| {
        server.name = format!("plugin:{plugin}:{}", server.name);
        server
    }));
}

fn add_hooks(source: &Source<'_>, node: &Node, found: &mut Extract) {
    let setting = |(event, value)| Setting {
        surface: source.surface.clone(),
        project: source.surface.project.clone(),
        key: format!("hooks.{event}"),
        kind: SettingKind::Hook,
        value,
    };
    found.settings.extend(hooks::hooks(node).into_iter().map(|hook| setting(hook).into()));
}

/// A file that the plugin names, which must lie inside the plugin.
fn beside(surface: &Surface, path: &str, format: Format) -> Option<Surface> {
    let relative = path.strip_prefix("${CLAUDE_PLUGIN_ROOT}/").unwrap_or(path);
    let inside =
        Path::new(relative).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    let root = surface.project.as_ref()?;
    let file: PathBuf = root.join(relative).components().collect();
    (inside && *file != *surface.file).then(|| Surface { file: file.into(), format, ..surface.clone() })
}
