//! The documents of one home put together: which variables hold where, which servers the client would start.

use super::extract::{Extract, ToggleKind};
use crate::model::inventory::{Activation, DuplicateKey, Inventory, Server, SurfaceReading};
use crate::model::surface::{FileFacts, Format, Scope, Surface, SurfaceState};
use crate::model::variables::Variables;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

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
            reading.duplicates.extend(same_when_read(extract));
            reading.content.clone_from(&extract.content);
            inventory.settings.extend(extract.settings.iter().cloned());
            inventory.servers.extend(extract.servers.iter().map(|server| Server {
                name: server.name.clone(),
                surface: Surface { scope: server.scope, ..one.surface.clone() },
                project: server.project.clone(),
                entry: server.entry.clone(),
                raw: server.raw.clone(),
                line: server.line,
                variables: places.variables(server.scope, server.project.as_deref()),
                activation: words.activation(server.scope, server.project.as_deref(), &server.name),
            }));
        }
        inventory.surfaces.push(reading);
    }
    inventory
}

/// Names that differ only in characters that cannot be read are one name to a person: said like duplicates.
fn same_when_read(extract: &Extract) -> Vec<DuplicateKey> {
    let mut seen = BTreeSet::new();
    extract
        .servers
        .iter()
        .filter(|server| !seen.insert((server.scope, &server.project, &server.name)))
        .map(|server| DuplicateKey {
            path: vec!["mcpServers".into(), server.name.clone()],
            line: server.line,
        })
        .collect()
}

/// Which variables hold where: managed over local over project over user over `.claude.json`.
struct Places {
    claude_json: Variables,
    user: Variables,
    managed: Variables,
    projects: BTreeMap<PathBuf, (Variables, Variables)>,
}

impl Places {
    fn of<'a>(found: impl IntoIterator<Item = &'a Found>) -> Self {
        let mut places = Self {
            claude_json: Variables::default(),
            user: Variables::default(),
            managed: Variables::default(),
            projects: BTreeMap::new(),
        };
        for one in found {
            let Some(extract) = one.extract.as_ref().filter(|extract| !extract.variables.is_empty()) else {
                continue;
            };
            let variables = match (one.surface.scope, &one.surface.project) {
                (Scope::Managed, _) => &mut places.managed,
                (Scope::Local, Some(project)) => &mut places.projects.entry(project.clone()).or_default().1,
                (Scope::Project, Some(project)) => &mut places.projects.entry(project.clone()).or_default().0,
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

/// What users and settings say of servers by name.
#[derive(Default)]
struct Words<'a>(HashMap<(ToggleKind, &'a str), Spoken<'a>>);

/// Where one word was said.
#[derive(Default)]
struct Spoken<'a> {
    everywhere: bool,
    projects: BTreeSet<&'a Path>,
}

impl<'a> Words<'a> {
    fn of(found: impl IntoIterator<Item = &'a Found>) -> Self {
        let mut words = Self::default();
        let extracts = found.into_iter().filter_map(|one| one.extract.as_ref());
        for toggle in extracts.flat_map(|extract| &extract.toggles) {
            let spoken = words.0.entry((toggle.kind, toggle.server.as_str())).or_default();
            match &toggle.project {
                None => spoken.everywhere = true,
                Some(project) => _ = spoken.projects.insert(project),
            }
        }
        words
    }

    /// A `.mcp.json` also serves the projects below its directory: a word spoken in any of them counts.
    fn activation(&self, scope: Scope, directory: Option<&Path>, name: &str) -> Activation {
        let says = |kind: ToggleKind, name: &str| {
            self.0.get(&(kind, name)).is_some_and(|spoken| {
                spoken.everywhere
                    || directory.is_some_and(|directory| match scope {
                        // Paths are sorted by their parts: what lies below comes right behind.
                        Scope::Project => {
                            let mut below = spoken.projects.range(directory..);
                            below.next().is_some_and(|project| project.starts_with(directory))
                        }
                        _ => spoken.projects.contains(directory),
                    })
            })
        };
        match scope {
            Scope::Project if says(ToggleKind::Disable, name) => Activation::Disabled,
            Scope::Project if says(ToggleKind::EnableAll, "") || says(ToggleKind::Enable, name) => {
                Activation::Enabled
            }
            Scope::Project => Activation::Pending,
            Scope::Local if says(ToggleKind::SwitchOff, name) => Activation::Disabled,
            _ => Activation::Enabled,
        }
    }
}
