//! The local files that commands, hooks and helpers run. What the system's packages own is left out: its
//! content changes with every update, and whoever can write there owns the machine anyway.

use crate::model::inventory::{Activation, Inventory, Server, Target};
use crate::model::setting::SettingKind;
use crate::model::surface::{Scope, Surface};
use crate::model::value::Value;
use crate::model::variables::is_injecting;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// Directories whose content belongs to the system's packages.
const SYSTEM: [&str; 10] = [
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib64",
    "/nix",
    "/snap",
    "/opt/homebrew",
    "/System",
    "/Library/Apple",
];

/// At most this many are watched, so that a hostile file cannot make us read the disk.
const MOST: usize = 2_000;

/// Every local file that the inventory's commands run, without its content. Hooks and helpers come first and
/// servers that nobody enabled last, so that a project cannot crowd them out.
pub fn targets(inventory: &Inventory, home: &Path) -> Vec<Target> {
    let mut found = Found { home, targets: BTreeMap::new() };
    for setting in &inventory.settings {
        if matches!(setting.kind, SettingKind::Hook | SettingKind::Helper | SettingKind::StatusLine) {
            // A relative path of the user's own settings is relative to whichever project is open: unknown.
            let project = setting.project.as_deref().filter(|_| setting.surface.scope != Scope::User);
            let words = commands(&setting.value);
            found.add(&words, project, &setting.surface, &setting.key, false);
        }
    }
    let mut servers: Vec<&Server> = inventory.servers.iter().collect();
    servers.sort_by_key(|server| server.activation != Activation::Enabled);
    for server in servers {
        let run_by = format!("server {}", server.name);
        found.add(&words_of(server), server.project.as_deref(), &server.surface, &run_by, true);
    }
    // What a surface says is compared entry by entry; that it says it otherwise is the client's own life.
    for reading in &inventory.surfaces {
        found.targets.remove(&*reading.surface.file);
    }
    found.targets.into_values().collect()
}

struct Found<'h> {
    home: &'h Path,
    targets: BTreeMap<PathBuf, Target>,
}

impl Found<'_> {
    fn add(
        &mut self,
        lines: &[String],
        project: Option<&Path>,
        surface: &Surface,
        run_by: &str,
        by_server: bool,
    ) {
        for word in lines.iter().flat_map(|line| std::iter::once(line.as_str()).chain(parts(line))) {
            let Some(file) = resolve(word, self.home, project) else { continue };
            if self.targets.len() >= MOST || is_data(&file) {
                continue;
            }
            let inside_project = project.is_some_and(|project| file.starts_with(project));
            self.targets.entry(file.clone()).or_insert_with(|| Target {
                file,
                run_by: run_by.to_owned(),
                inside_project,
                by_server,
                content: None,
                surface: surface.clone(),
            });
        }
    }
}

/// What a server runs or loads: its command line, its helper, and what loader variables name.
fn words_of(server: &Server) -> Vec<String> {
    let effective = server.entry.effective(&server.variables);
    let line = effective.command_line().unwrap_or_default().into_iter().map(str::to_owned);
    let helper = server.entry.text("headersHelper").map(|text| text.reveal());
    let variables = server.entry.fields.get("env").and_then(Value::as_object).into_iter().flatten();
    let loaded = variables
        .filter(|(name, _)| is_injecting(name))
        .filter_map(|(_, value)| Some(server.variables.expand(&value.as_text()?.reveal()).value));
    line.chain(helper).chain(loaded).collect()
}

/// The words of a line that a shell or an interpreter reads, and what stands behind `--flag=`.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    line.split([' ', '\t', '\n', ';', '|', '&', '(', ')'])
        .filter(|word| !word.contains("://"))
        .flat_map(|word| word.split(['=', ':']))
        .filter(move |word| *word != line)
}

/// Files that programs write to: that they change says nothing about what is run.
fn is_data(file: &Path) -> bool {
    const ENDINGS: [&str; 14] = [
        "db", "sqlite", "sqlite3", "duckdb", "log", "csv", "tsv", "jsonl", "ndjson", "lock", "pid", "sock",
        "txt", "md",
    ];
    file.extension().is_some_and(|ending| ENDINGS.iter().any(|data| ending == *data))
}

/// Every string of a hook or helper that is a command or one of its arguments.
fn commands(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) => vec![text.reveal()],
        Value::List(items) => items.iter().flat_map(commands).collect(),
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| matches!(name.as_str(), "hooks" | "command" | "args"))
            .flat_map(|(_, value)| commands(value))
            .collect(),
        _ => Vec::new(),
    }
}

/// A word as a local file that is not the system's, if it looks like one.
fn resolve(word: &str, home: &Path, project: Option<&Path>) -> Option<PathBuf> {
    let bare: String = word.chars().filter(|c| !matches!(c, '"' | '\'')).collect();
    if bare.contains("://") || bare.contains(['*', '\0', '\n']) || bare.len() > 4096 {
        return None;
    }
    let from_home = ["~/", "$HOME/", "${HOME}/"].iter().find_map(|prefix| bare.strip_prefix(prefix));
    let from_project = ["$CLAUDE_PROJECT_DIR/", "${CLAUDE_PROJECT_DIR}/"]
        .iter()
        .find_map(|prefix| bare.strip_prefix(prefix));
    let from_plugin = bare.strip_prefix("${CLAUDE_PLUGIN_ROOT}/");
    let path = if let Some(rest) = from_home {
        home.join(rest)
    } else if let Some(rest) = from_project.or(from_plugin) {
        project?.join(rest)
    } else if bare.starts_with('/') {
        PathBuf::from(&bare)
    } else if bare.contains('/') && !bare.starts_with(['-', '@', '$']) || has_script_ending(&bare) {
        project?.join(&bare)
    } else {
        return None;
    };
    let plain = lexically_plain(&path)?;
    let ours = !SYSTEM.iter().any(|directory| plain.starts_with(directory)) && !plain.starts_with("/dev");
    (ours && plain.file_name().is_some()).then_some(plain)
}

fn has_script_ending(word: &str) -> bool {
    [".js", ".mjs", ".cjs", ".ts", ".py", ".sh", ".rb", ".pl"].iter().any(|ending| word.ends_with(ending))
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// The path without `.` and `..`; `None` when it climbs above the root.
fn lexically_plain(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if !plain.pop() => return None,
            Component::ParentDir => {}
            other => plain.push(other),
        }
    }
    plain.is_absolute().then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_files_are_resolved() {
        let resolve = |word| {
            resolve(word, Path::new("/home/dev"), Some(Path::new("/p"))).map(|p| p.display().to_string())
        };
        for (word, file) in [
            ("/tmp/.x/npx", Some("/tmp/.x/npx")),
            ("~/.dev-utils/server.js", Some("/home/dev/.dev-utils/server.js")),
            (".vscode/setup.mjs", Some("/p/.vscode/setup.mjs")),
            ("\"$CLAUDE_PROJECT_DIR\"/.claude/a.sh", Some("/p/.claude/a.sh")),
            ("../../../x.sh", None),
            ("../x.sh", Some("/x.sh")),
            ("setup.mjs", Some("/p/setup.mjs")),
            ("/usr/bin/node", None),
            ("/bin/../tmp/x", Some("/tmp/x")),
            ("node", None),
            ("-y", None),
            ("@acme/db", None),
            ("https://h.example/x.js", None),
        ] {
            assert_eq!(resolve(word).as_deref(), file, "{word}");
        }
    }
}
