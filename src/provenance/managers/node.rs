//! npm, pnpm, yarn and bun. What a hook looks like was seen with npm 11, pnpm 12, yarn 1, 2 and 4, and bun 1.4.

use super::{Found, Scene, Task, command, folders, owned};
use crate::model::install::{Manager, NODE_INSTALLS, Package, Step};
use crate::model::provenance::Evidence;
use crate::provenance::program::Program;
use std::path::Path;

/// Commands that run a program, after they have fetched it.
const FETCH: [&str; 5] = ["exec", "x", "dlx", "create", "init"];

/// Commands that run what is there.
const OTHER: [&str; 24] = [
    "run",
    "run-script",
    "rum",
    "urn",
    "start",
    "stop",
    "restart",
    "test",
    "t",
    "tst",
    "publish",
    "pack",
    "version",
    "view",
    "config",
    "set",
    "get",
    "node",
    "why",
    "list",
    "ls",
    "outdated",
    "login",
    "whoami",
];

/// The steps of a package's life at which these managers run its scripts.
const STEPS: [Step; 7] = [
    Step::Preinstall,
    Step::Install,
    Step::Postinstall,
    Step::Preprepare,
    Step::Prepare,
    Step::Postprepare,
    Step::Prepublish,
];

/// Variables that some of these commands leave behind when they are no install.
const NO_INSTALL: [&str; 8] = ["run", "run-script", "start", "test", "stop", "restart", "publish", "pack"];

pub(super) fn recognise(program: &Program) -> Option<(Manager, Task)> {
    let stem = program.name.as_str();
    let stem = [".js", ".cjs", ".mjs", ".exe"].iter().find_map(|end| stem.strip_suffix(end)).unwrap_or(stem);
    let (manager, fetches) = match stem {
        "npm" | "npm-cli" => (Manager::Npm, false),
        "npx" | "npx-cli" => (Manager::Npm, true),
        "pnpm" | "pn" => (Manager::Pnpm, false),
        "pnpx" | "pnx" => (Manager::Pnpm, true),
        "yarn" | "yarnpkg" | "yarn-berry" => (Manager::Yarn, false),
        "bun" => (Manager::Bun, false),
        "bunx" => (Manager::Bun, true),
        _ if stem.starts_with("yarn-") && stem.as_bytes().get(5).is_some_and(u8::is_ascii_digit) => {
            (Manager::Yarn, false)
        }
        _ => return None,
    };
    if fetches {
        return Some((manager, Task::Fetch));
    }
    let known: Vec<&str> = NODE_INSTALLS.iter().chain(&FETCH).chain(&OTHER).copied().collect();
    let task = match command(program, &known) {
        Some(command) if NODE_INSTALLS.contains(&command) => Task::Install,
        Some(command) if FETCH.contains(&command) => Task::Fetch,
        Some(_) => Task::Other,
        // `yarn` alone installs; the others print their help, or run a script of that name.
        None if manager == Manager::Yarn && program.arguments.iter().all(|word| word.starts_with('-')) => {
            Task::Install
        }
        None => Task::Other,
    };
    Some((manager, task))
}

pub(super) fn hook(scene: &Scene<'_>) -> Option<Found> {
    let directory = scene.directory();
    let step = scene.variable("npm_lifecycle_event").and_then(|event| Step::from_word(&event));
    let step = step.filter(|step| STEPS.contains(step));
    let placed = directory.and_then(package_of_directory);
    if scene.variable("npm_command").is_some_and(|command| NO_INSTALL.contains(&command.as_str())) {
        return None;
    }
    let has_environment = scene.first().is_some_and(|image| !image.environment.is_empty());
    // Without a step it is a hook only if nothing of its environment could be seen and it runs where packages lie:
    // managers start other programs too, such as git.
    if step.is_none() && (has_environment || placed.is_none() || scene.run.task != Task::Install) {
        return None;
    }
    // `npx` sets a step of its own; a hook under it is one of something that it fetched.
    if scene.run.task == Task::Fetch && placed.is_none() || scene.run.task == Task::Other {
        return None;
    }
    let named = scene.variable("npm_package_name");
    let manifest = directory.and_then(|directory| (scene.manifest)(directory));
    let told = manifest.as_ref().and_then(|manifest| manifest.name.clone());
    let mut evidence = Vec::new();
    if named.is_some() {
        evidence.push(Evidence::FirstChild);
    }
    if told.is_some() && (told == named || named.is_none()) {
        evidence.push(Evidence::Manifest);
    }
    if placed.is_some() && (placed == named || named.is_none()) {
        evidence.push(Evidence::Directory);
    }
    if named.is_some() && told.is_some() && told != named {
        evidence.push(Evidence::Contradiction);
    }
    let version = scene.variable("npm_package_version").or_else(|| {
        manifest.filter(|_| named.is_none() || told == named).and_then(|manifest| manifest.version)
    });
    let is_own = placed.is_none();
    let name = named.or(placed).or(told);
    let package = name.and_then(|name| Package::new(&name, version.as_deref())).map(|package| {
        package
            .resolved(scene.variable("npm_package_resolved").as_deref())
            .integrity(scene.variable("npm_package_integrity").as_deref())
            .directory(owned(directory))
            .scripts(Some(true))
    });
    Some(Found { package, step, is_own, evidence, is_consumer: false })
}

/// The package that lies in a directory, by the names of its folders: what follows the last `node_modules`.
fn package_of_directory(directory: &Path) -> Option<String> {
    let folders = folders(directory);
    let at = folders.iter().rposition(|name| *name == "node_modules")?;
    let first = folders.get(at + 1)?;
    if !first.starts_with('@') {
        return Some((*first).to_owned());
    }
    Some(format!("{first}/{}", folders.get(at + 2)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(name: &str, arguments: &str) -> Option<Task> {
        let program = Program {
            name: name.into(),
            interpreter: Some("node".into()),
            path: None,
            arguments: arguments.split_whitespace().map(str::to_owned).collect(),
            is_claim: false,
        };
        recognise(&program).map(|(_, task)| task)
    }

    #[test]
    fn commands_that_install_are_told_from_those_that_run() {
        for (name, arguments, expected) in [
            ("npm", "install left-pad", Some(Task::Install)),
            ("npm", "--prefix /x i", Some(Task::Install)),
            ("npm", "ci --silent", Some(Task::Install)),
            ("npm", "run install", Some(Task::Other)),
            ("npm", "run postinstall", Some(Task::Other)),
            ("npm", "start", Some(Task::Other)),
            ("npm", "exec -y x", Some(Task::Fetch)),
            ("npx-cli.js", "install", Some(Task::Fetch)),
            ("yarn", "", Some(Task::Install)),
            ("yarn.js", "--frozen-lockfile", Some(Task::Install)),
            ("yarn", "build", Some(Task::Other)),
            ("yarn-4.1.0.cjs", "add x", Some(Task::Install)),
            ("pnpm", "dlx x", Some(Task::Fetch)),
            ("bun", "postinstall.js", Some(Task::Other)),
            ("bun.exe", "add x", Some(Task::Install)),
            ("npm-check", "install", None),
            ("yarn-audit-fix", "", None),
        ] {
            assert_eq!(task(name, arguments), expected, "{name} {arguments}");
        }
    }

    #[test]
    fn a_package_is_found_by_its_folder() {
        for (directory, expected) in [
            ("/p/node_modules/left-pad", Some("left-pad")),
            ("/p/node_modules/a/node_modules/@s/b/build", Some("@s/b")),
            ("/p/node_modules/.pnpm/a@1/node_modules/a", Some("a")),
            ("/p/.yarn/unplugged/a-npm-1/node_modules/a", Some("a")),
            ("/p", None),
            ("/p/node_modules", None),
            ("/p/node_modules/@s", None),
        ] {
            assert_eq!(package_of_directory(Path::new(directory)).as_deref(), expected, "{directory}");
        }
    }
}
