//! Where Claude Code keeps its files: for a user, for a project, for an administrator, for a plugin.
//!
//! Sources: docs pages "settings", "mcp", "managed-settings"; `CLAUDE_CONFIG_DIR` seen on 2.1.329.

use crate::model::surface::{Client, Format, Scope, Surface};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file that says from where plugins come.
pub(super) const MARKETPLACES: &str = "known_marketplaces.json";
/// The old name of `.claude.json`, in the settings directory. Where it is there and not empty the client takes
/// it and leaves `.claude.json` alone, with and without `CLAUDE_CONFIG_DIR` (seen on 2.1.329).
const STAND_IN: &str = ".config.json";

/// Where the client keeps its logins (seen on 2.1.329, on Linux).
const CREDENTIALS: &str = ".credentials.json";

/// Where to look for the files of one home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The home directory.
    pub home: PathBuf,
    /// Directories that stand in for `~/.claude` and hold `.claude.json` too (`CLAUDE_CONFIG_DIR`).
    pub config_dirs: Vec<PathBuf>,
    /// The client's managed directory.
    pub managed: PathBuf,
    /// Projects to watch beside those that the client's own file names.
    pub projects: Vec<PathBuf>,
}

/// What to read first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    /// Files.
    pub surfaces: Vec<Surface>,
    /// A directory whose every `*.json` is a managed settings file too.
    pub managed_drop_in: PathBuf,
}

impl Layout {
    /// The layout of a home with nothing out of the ordinary.
    pub fn of_home(home: impl Into<PathBuf>) -> Self {
        Self {
            home: home.into(),
            config_dirs: Vec::new(),
            managed: PathBuf::from("/etc/claude-code"),
            projects: Vec::new(),
        }
    }

    /// What to read first; the rest is named by these.
    pub fn roots(&self) -> Roots {
        let mut surfaces = vec![
            surface(self.managed.join("managed-mcp.json"), Scope::Managed, Format::ManagedMcp, None),
            surface(
                self.managed.join("managed-settings.json"),
                Scope::Managed,
                Format::ManagedSettings,
                None,
            ),
        ];
        for (claude_json, settings_dir) in self.user_places() {
            surfaces.push(surface(claude_json, Scope::User, Format::ClaudeJson, None));
            surfaces.push(surface(settings_dir.join(STAND_IN), Scope::User, Format::ClaudeJson, None));
            surfaces.push(surface(settings_dir.join("settings.json"), Scope::User, Format::Settings, None));
            let plugins = settings_dir.join("plugins/installed_plugins.json");
            surfaces.push(surface(plugins, Scope::Plugin, Format::InstalledPlugins, None));
            let marketplaces = settings_dir.join("plugins").join(MARKETPLACES);
            surfaces.push(surface(marketplaces, Scope::Plugin, Format::InstalledPlugins, None));
        }
        let projects: Vec<Arc<Path>> = self.projects.iter().map(|project| project.as_path().into()).collect();
        surfaces.extend(self.of_projects(&projects));
        Roots { surfaces, managed_drop_in: self.managed.join("managed-settings.d") }
    }

    /// A managed settings file in the drop-in directory.
    pub fn managed_drop_in(file: PathBuf) -> Surface {
        surface(file, Scope::Managed, Format::ManagedSettings, None)
    }

    /// The surfaces of projects: each one's settings, and the `.mcp.json` in it and in every directory above
    /// it, even above the repository's root.
    pub fn of_projects<'p>(&self, projects: impl IntoIterator<Item = &'p Arc<Path>>) -> Vec<Surface> {
        // The home's own `.claude/settings.json` is the user's, also when the home is a project.
        let users: Vec<PathBuf> =
            self.user_places().map(|(_, settings)| settings.join("settings.json")).collect();
        let projects = projects.into_iter();
        let mut surfaces = Vec::with_capacity(projects.size_hint().0 * 3);
        let mut seen = HashSet::with_capacity(projects.size_hint().0);
        for project in projects.filter(|project| is_usable(project)) {
            for (name, scope) in [("settings.json", Scope::Project), ("settings.local.json", Scope::Local)] {
                let file = project.join(".claude").join(name);
                if scope != Scope::Project || !users.contains(&file) {
                    surfaces.push(surface(file, scope, Format::Settings, Some(project.clone())));
                }
            }
            for directory in project.ancestors() {
                if !seen.insert(directory.as_os_str()) {
                    break;
                }
                let file = directory.join(".mcp.json");
                let directory = if directory.as_os_str() == project.as_os_str() {
                    Arc::clone(project)
                } else {
                    directory.into()
                };
                surfaces.push(surface(file, Scope::Project, Format::McpJson, Some(directory)));
            }
        }
        surfaces
    }

    /// The directories in which the client keeps its transcripts, one directory a project.
    pub fn transcripts(&self) -> Vec<PathBuf> {
        self.user_places().map(|(_, settings)| settings.join("projects")).collect()
    }

    /// The directories in which each running process of the client says which session it has open.
    pub fn sessions(&self) -> Vec<PathBuf> {
        self.user_places().map(|(_, settings)| settings.join("sessions")).collect()
    }

    /// The credentials files, each after the client's own file that it belongs to.
    pub fn credentials(&self) -> impl Iterator<Item = (PathBuf, PathBuf)> {
        self.user_places().map(|(claude_json, settings)| (claude_json, settings.join(CREDENTIALS)))
    }

    fn user_places(&self) -> impl Iterator<Item = (PathBuf, PathBuf)> {
        std::iter::once((self.home.join(".claude.json"), self.home.join(".claude")))
            .chain(self.config_dirs.iter().map(|dir| (dir.join(".claude.json"), dir.clone())))
    }
}

/// Whether a program lies where one of the client's installers puts it.
pub fn is_installed_client(program: &Path) -> bool {
    const PLACES: [&str; 4] =
        ["/@anthropic-ai/claude-code", "/claude/versions/", "/.claude/local/", "/.local/share/claude/"];
    let path = program.to_string_lossy();
    PLACES.iter().any(|place| path.contains(place))
}

/// Whether a program is the client, by its path: where its installers put it, or its name. Anybody can give a program
/// that name.
pub fn is_client_program(program: &Path) -> bool {
    program.file_name().is_some_and(|name| name == "claude") || is_installed_client(program)
}

/// Whether `draft` is a name under which the client writes `file` before it renames it: `<name>.tmp.<pid>.<12 hex
/// digits>` beside it (seen with strace on 2.1.329). Anybody can write under such a name.
pub fn is_draft_of(draft: &Path, file: &Path) -> bool {
    let name =
        |path: &Path| path.file_name().map(|name| name.as_encoded_bytes().to_vec()).unwrap_or_default();
    let (draft_name, mut mark) = (name(draft), name(file));
    mark.extend(b".tmp.");
    let rest = draft_name.strip_prefix(mark.as_slice()).unwrap_or_default();
    let mut parts = rest.split(|byte| *byte == b'.');
    let is_pid = parts.next().is_some_and(|pid| !pid.is_empty() && pid.iter().all(u8::is_ascii_digit));
    let is_mark = parts.next().is_some_and(|mark| mark.len() == 12 && mark.iter().all(u8::is_ascii_hexdigit));
    is_pid && is_mark && parts.next().is_none() && draft.parent() == file.parent()
}

/// The files of an installed plugin.
pub(super) fn of_plugin(plugin: &str, root: &Path) -> Vec<Surface> {
    [
        (".mcp.json", Format::PluginServers),
        (".claude-plugin/plugin.json", Format::PluginServers),
        ("hooks/hooks.json", Format::PluginHooks),
    ]
    .into_iter()
    .map(|(name, format)| Surface {
        plugin: Some(plugin.into()),
        ..surface(root.join(name), Scope::Plugin, format, Some(root.into()))
    })
    .collect()
}

/// A key of `projects` is chosen by whoever writes the file. Only a plain absolute path is followed.
fn is_usable(project: &Path) -> bool {
    use std::path::Component;
    project.is_absolute()
        && project
            .components()
            .all(|part| matches!(part, Component::RootDir | Component::Normal(_) | Component::Prefix(_)))
        && !project.as_os_str().as_encoded_bytes().contains(&0)
        && project.as_os_str().len() < 4096
}

/// Whether a file is the one that the client takes instead of `.claude.json`.
pub fn is_stand_in(surface: &Surface) -> bool {
    surface.format == Format::ClaudeJson && surface.file.file_name().is_some_and(|name| name == STAND_IN)
}

fn surface(file: PathBuf, scope: Scope, format: Format, project: Option<Arc<Path>>) -> Surface {
    Surface { file: file.into(), scope, format, project, plugin: None, client: Client::ClaudeCode }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn projects_bring_their_settings_and_every_mcp_json_above_them() {
        let layout = Layout::of_home("/home/dev");
        let projects = ["/home/dev/a/b", "/home/dev/a", "../up", "/x/../y", "/home/dev"]
            .map(|project| Path::new(project).into());
        let surfaces = layout.of_projects(&projects);
        let files: Vec<_> = surfaces.iter().map(|surface| surface.file.to_str().unwrap()).collect();
        for expected in ["/.mcp.json", "/home/dev/a/b/.mcp.json", "/home/dev/a/.claude/settings.local.json"] {
            assert_eq!(files.iter().filter(|file| **file == expected).count(), 1, "{expected}");
        }
        assert!(!files.contains(&"/home/dev/.claude/settings.json"), "that one is the user's");
        assert!(files.contains(&"/home/dev/.claude/settings.local.json"));
        assert!(files.iter().all(|file| !file.contains("..")));
    }

    #[test]
    fn a_configured_directory_stands_beside_the_home() {
        let layout = Layout { config_dirs: vec!["/srv/cc".into()], ..Layout::of_home("/home/dev") };
        let files: Vec<_> = layout.roots().surfaces.into_iter().map(|surface| surface.file).collect();
        for expected in ["/home/dev/.claude.json", "/srv/cc/.claude.json", "/srv/cc/settings.json"] {
            assert!(files.contains(&Path::new(expected).into()), "{expected}");
        }
    }
}
