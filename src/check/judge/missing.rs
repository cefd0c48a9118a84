//! What was approved or is required, and is not there.

use crate::baseline::Baseline;
use crate::check::world::World;
use crate::drift::{judge_missing_server, judge_missing_setting, judge_required};
use crate::model::approval::Approval;
use crate::model::drift::Judgement;
use crate::model::inventory::Inventory;
use crate::model::subject::Subject;
use crate::model::surface::{Client, Format, Scope, Surface, SurfaceState};
use crate::model::value::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Which files say nothing now, so that what they used to say is not called removed.
pub(super) struct Absent<'a> {
    unread: HashSet<&'a Path>,
    world: &'a World<'a>,
}

impl<'a> Absent<'a> {
    pub(super) fn of(inventory: &'a Inventory, world: &'a World<'a>) -> Self {
        let unread = inventory
            .surfaces
            .iter()
            .filter(|reading| reading.state != SurfaceState::Read)
            .map(|reading| reading.surface.file.as_ref())
            .collect();
        Self { unread, world }
    }

    /// Whether a missing subject of `approval` is worth a word: its file is there and was read, and its
    /// project still exists.
    pub(super) fn is_removal(&self, approval: &Approval, project: Option<&PathBuf>) -> bool {
        !self.unread.contains(&*approval.file)
            && project.is_none_or(|project| self.world.has(project))
            && approval.content != Value::Null
    }
}

pub(super) fn missing(
    baseline: &Baseline,
    inventory: &Inventory,
    absent: &Absent<'_>,
    steers: &BTreeSet<String>,
) -> Vec<Judgement> {
    let surfaces: HashMap<&Path, &Surface> =
        inventory.surfaces.iter().map(|reading| (reading.surface.file.as_ref(), &reading.surface)).collect();
    // A plugin's directory moves with every version.
    let plugins: HashSet<&str> = inventory
        .servers
        .iter()
        .filter(|server| server.surface.scope == Scope::Plugin)
        .map(|server| server.name.as_str())
        .collect();
    let moved: BTreeSet<_> = inventory
        .settings
        .iter()
        .filter(|setting| setting.surface.scope == Scope::Plugin)
        .filter_map(|setting| {
            Some(plugin_place(setting.project.as_deref()?, &setting.surface.file, &setting.key))
        })
        .collect();
    let servers: HashSet<(Scope, Option<&OsStr>, &str)> = inventory
        .servers
        .iter()
        .map(|server| (server.surface.scope, plain(server.project.as_ref()), server.name.as_str()))
        .collect();
    let settings: HashSet<(&OsStr, Option<&OsStr>, &str)> = inventory
        .settings
        .iter()
        .map(|setting| {
            (
                setting.surface.file.as_os_str(),
                setting.project.as_deref().map(Path::as_os_str),
                setting.key.as_str(),
            )
        })
        .collect();
    let is_there = |subject: &Subject| match subject {
        Subject::Server { scope, project, name } => {
            servers.contains(&(*scope, plain(project.as_ref()), name))
        }
        Subject::Setting { file, project, key } => {
            settings.contains(&(file.as_os_str(), plain(project.as_ref()), key))
        }
        _ => true, // judged where it is looked at
    };
    let mut found: Vec<Judgement> = baseline
        .approvals
        .iter()
        .filter(|approval| !is_there(&approval.subject))
        .filter_map(|approval| match &approval.subject {
            Subject::Server { name, scope: Scope::Plugin, .. } if plugins.contains(name.as_str()) => None,
            Subject::Server { name, project, scope } if absent.is_removal(approval, project.as_ref()) => {
                Some(judge_missing_server(approval, name, surface_of(approval, *scope, project.as_ref())))
            }
            Subject::Setting { file, key, project: Some(root) }
                if moved.contains(&plugin_place(root, file, key)) =>
            {
                None
            }
            Subject::Setting { key, project, .. } if absent.is_removal(approval, project.as_ref()) => {
                let surface = surface_of(approval, Scope::User, project.as_ref());
                let surface = surfaces.get(&*approval.file).map_or(surface, |known| (*known).clone());
                judge_missing_setting(approval, key, surface, steers)
            }
            _ => None,
        })
        .collect();
    for (template, name) in baseline.required() {
        let surface = inventory
            .surfaces
            .iter()
            .map(|reading| &reading.surface)
            .find(|surface| surface.format == Format::ClaudeJson)
            .cloned()
            .unwrap_or_else(|| blank_surface(template.file.clone(), Scope::User, None));
        found.extend(judge_required(template, name, inventory, surface));
    }
    found
}

fn surface_of(approval: &Approval, scope: Scope, project: Option<&PathBuf>) -> Surface {
    blank_surface(approval.file.to_path_buf(), scope, project)
}

pub(super) fn blank_surface(file: PathBuf, scope: Scope, project: Option<&PathBuf>) -> Surface {
    let format = match scope {
        Scope::Project => Format::McpJson,
        Scope::Managed => Format::ManagedMcp,
        Scope::Plugin => Format::PluginServers,
        Scope::User | Scope::Local => Format::ClaudeJson,
    };
    let project = project.map(|project| project.as_path().into());
    Surface { file: file.into(), scope, format, project, plugin: None, client: Client::ClaudeCode }
}

/// A setting of a plugin without the version's directory.
fn plugin_place<'p>(
    root: &'p Path,
    file: &'p Path,
    key: &'p str,
) -> (Option<&'p Path>, Option<&'p Path>, &'p str) {
    (root.parent(), file.strip_prefix(root).ok(), key)
}

/// As a plain string: a path is hashed part by part, which costs several times as much.
fn plain(path: Option<&PathBuf>) -> Option<&OsStr> {
    path.map(|path| path.as_os_str())
}
