//! The documents of one home put together: which variables hold where, which servers the client would start.

use super::extract::{Extract, ToggleKind};
use crate::model::inventory::{Activation, Inventory, Server, SurfaceReading};
use crate::model::surface::{FileFacts, Format, Scope, Surface, SurfaceState};
use crate::model::variables::Variables;
use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

/// One surface as it was found, with what its document says when it could be read.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which.
    pub surface: Surface,
    /// How it was found.
    pub state: SurfaceState,
    /// What the file system says, when it is there.
    pub facts: Option<FileFacts>,
    /// What it says: now, or the last time it could be read.
    pub extract: Option<Extract>,
}

/// Puts the documents of one home together.
pub fn assemble<'a>(found: impl IntoIterator<Item = &'a Found> + Clone) -> Inventory {
    let places = Places::of(found.clone());
    let words = Words::of(found.clone());
    let mut inventory = Inventory::default();
    // There are thousands of them, and they stay: no more room is taken than is needed.
    let extracts = || found.clone().into_iter().filter_map(|one| one.extract.as_ref());
    inventory.settings.reserve_exact(extracts().map(|extract| extract.settings.len()).sum());
    inventory.servers.reserve_exact(extracts().map(|extract| extract.servers.len()).sum());
    inventory.surfaces.reserve_exact(found.clone().into_iter().count());
    for one in found {
        let mut reading = SurfaceReading {
            surface: one.surface.clone(),
            state: one.state.clone(),
            facts: one.facts.clone(),
            duplicates: Vec::new(),
            content: None,
        };
        if let Some(extract) = &one.extract {
            reading.duplicates.clone_from(&extract.duplicates);
            reading.content.clone_from(&extract.content);
            inventory.settings.extend(extract.settings.iter().cloned());
            inventory.servers.extend(extract.servers.iter().map(|server| Server {
                name: server.name.clone(),
                surface: Surface { scope: server.scope, ..one.surface.clone() },
                project: server.project.clone(),
                entry: Arc::clone(&server.entry),
                raw: server.raw.clone(),
                offset: server.offset,
                variables: places.variables(server.scope, server.project.as_deref()),
                activation: words.activation(server.scope, server.project.as_deref(), &server.name),
            }));
        }
        inventory.surfaces.push(reading);
    }
    inventory
}

/// Which variables hold where: managed over local over project over user over `.claude.json`.
struct Places {
    claude_json: Variables,
    user: Variables,
    managed: Variables,
    projects: HashMap<Arc<Path>, (Variables, Variables)>,
}

impl Places {
    fn of<'a>(found: impl IntoIterator<Item = &'a Found>) -> Self {
        let mut places = Self {
            claude_json: Variables::default(),
            user: Variables::default(),
            managed: Variables::default(),
            projects: HashMap::new(),
        };
        for one in found {
            let Some(extract) = one.extract.as_ref().filter(|extract| !extract.variables.is_empty()) else {
                continue;
            };
            let variables = match (one.surface.scope, &one.surface.project) {
                (Scope::Managed, _) => &mut places.managed,
                (Scope::Local, Some(project)) => {
                    &mut places.projects.entry(Arc::clone(project)).or_default().1
                }
                (Scope::Project, Some(project)) => {
                    &mut places.projects.entry(Arc::clone(project)).or_default().0
                }
                _ if one.surface.format == Format::ClaudeJson => &mut places.claude_json,
                _ => &mut places.user,
            };
            for variable in &extract.variables {
                variables.set(&variable.name, variable.value.reveal());
            }
        }
        places
    }

    fn variables(&self, scope: Scope, project: Option<&Path>) -> Variables {
        let mut variables = self.claude_json.overridden_by(&self.user);
        if let Some(project) = project.filter(|_| matches!(scope, Scope::Local | Scope::Project))
            && let Some((shared, own)) = self.projects.get(project)
        {
            variables = variables.overridden_by(shared).overridden_by(own);
        }
        let mut variables = variables.overridden_by(&self.managed);
        if let (Scope::Plugin, Some(root)) = (scope, project) {
            variables.set("CLAUDE_PLUGIN_ROOT", root.to_string_lossy());
        }
        variables
    }
}

/// What users and settings say of servers by name: the word, the server, and where it holds (everywhere when
/// none).
struct Words<'a>(BTreeSet<(ToggleKind, &'a str, Option<&'a Path>)>);

impl<'a> Words<'a> {
    fn of(found: impl IntoIterator<Item = &'a Found>) -> Self {
        let toggles =
            found.into_iter().filter_map(|one| one.extract.as_ref()).flat_map(|extract| &extract.toggles);
        Self(toggles.map(|toggle| (toggle.kind, toggle.server.as_str(), toggle.project.as_deref())).collect())
    }

    /// A `.mcp.json` also serves the projects below its directory: a word spoken in any of them counts.
    fn activation(&self, scope: Scope, directory: Option<&Path>, name: &str) -> Activation {
        let says = |kind: ToggleKind| {
            let server = if kind == ToggleKind::EnableAll { "" } else { name };
            let here = (kind, server, directory);
            // What lies below a directory sorts right behind it.
            let below = || {
                self.0.range(here..).next().is_some_and(|(k, s, project)| {
                    (*k, *s) == (kind, server)
                        && project.zip(directory).is_some_and(|(project, above)| project.starts_with(above))
                })
            };
            self.0.contains(&(kind, server, None))
                || if scope == Scope::Project { below() } else { self.0.contains(&here) }
        };
        match scope {
            Scope::Project if says(ToggleKind::Disable) => Activation::Disabled,
            Scope::Project if says(ToggleKind::EnableAll) || says(ToggleKind::Enable) => Activation::Enabled,
            Scope::Project => Activation::Pending,
            Scope::Local if says(ToggleKind::SwitchOff) => Activation::Disabled,
            _ => Activation::Enabled,
        }
    }
}
