//! npm: the log of a run, and the hidden lock file that it leaves. Seen with npm 10, 11 and 12.

use super::reading::{Circumstances, Problem, Reading, install, json, name_and_version, put};
use crate::model::install::{Hook, Manager, NODE_INSTALLS, Package, Step};
use crate::model::masking::mask_arguments;
use crate::model::text::Text;
use jiff::Timestamp;
use std::path::Path;

/// What one log says.
#[derive(Default)]
struct Log {
    words: Vec<String>,
    directory: Option<String>,
    /// The project's own configuration, asked for first: while npm runs, that is all there is to tell the directory.
    asked: Option<String>,
    hooks: Vec<Hook>,
    is_npm: bool,
    is_over: bool,
}

/// `20 info run left-pad@1.3.0 postinstall node_modules/left-pad node x.js`. The line is there before the hook runs.
pub(super) fn log(file: &Path, bytes: &[u8], around: &Circumstances) -> Reading {
    let text = String::from_utf8_lossy(bytes);
    let mut log = Log::default();
    let mut problem = None;
    for (number, line) in text.lines().enumerate() {
        // What is left of a line that continues the one before it starts with no number.
        let Some((count, rest)) =
            line.split_once(' ').filter(|(count, _)| count.bytes().all(|b| b.is_ascii_digit()))
        else {
            continue;
        };
        if count.is_empty() {
            continue;
        }
        log.is_npm = true;
        if let Err(what) = take(&mut log, rest) {
            problem = problem.or_else(|| Some(Problem::at(file, number + 1, what)));
        }
    }
    if !log.is_npm {
        return Reading::refused(Problem::at(file, 1, "this is no log of npm"));
    }
    let command = log.words.iter().find(|word| !word.starts_with('-'));
    let installs = command.is_some_and(|command| NODE_INSTALLS.contains(&command.as_str()));
    if !installs && log.hooks.is_empty() {
        return Reading { installs: Vec::new(), problem };
    }
    let directory = log.directory.or(log.asked);
    let mut found = install(Manager::Npm, file, directory.as_deref().map(Path::new), around);
    found.started = time_of(file);
    found.ended = around.modified.filter(|_| log.is_over);
    found.command_line =
        std::iter::once(Text::plain("npm")).chain(mask_arguments("npm", &log.words)).collect();
    found.packages = log.hooks.iter().filter_map(|hook| hook.package.clone()).collect();
    found.packages.dedup();
    found.has_scripts = (!log.hooks.is_empty()).then_some(true);
    found.hooks = log.hooks;
    Reading { installs: vec![found], problem }
}

fn take(log: &mut Log, line: &str) -> Result<(), &'static str> {
    if let Some(words) = line.strip_prefix("verbose argv ") {
        log.words = quoted(words).ok_or("the arguments are cut")?;
    } else if let Some(directory) = line.strip_prefix("verbose cwd ") {
        log.directory = Some(directory.to_owned());
    } else if let Some(asked) =
        line.strip_prefix("silly config load:file:").and_then(|path| path.strip_suffix("/.npmrc"))
    {
        log.asked.get_or_insert_with(|| asked.to_owned());
    } else if line.starts_with("verbose exit") || line == "info ok" {
        log.is_over = true;
    } else if let Some(run) = line.strip_prefix("info run ") {
        let mut words = run.split(' ');
        let (spec, step) = words.next().zip(words.next()).ok_or("a run names no step")?;
        let step = Step::from_word(step);
        let (name, version) = name_and_version(spec);
        let directory = words.next().filter(|word| *word != "{");
        // The second line of a run says how it ended.
        if let (Some(step), Some(directory)) = (step, directory) {
            let package = Package::new(name, version).map(|package| package.scripts(Some(true)));
            let is_own = !directory.contains("node_modules");
            let hook = Hook { package, is_consumer: false, is_own, step: Some(step), process: None };
            if log.hooks.len() < super::reading::PACKAGES {
                log.hooks.push(hook);
            }
        }
    }
    Ok(())
}

/// `"install" "--save-dev" "left-pad"`.
fn quoted(words: &str) -> Option<Vec<String>> {
    let mut values = serde_json::Deserializer::from_str(words).into_iter::<String>();
    let mut found = Vec::new();
    for word in values.by_ref().take(256) {
        found.push(word.ok()?);
    }
    Some(found)
}

/// The log's name is the time at which npm was started: `2026-11-21T15_22_10_681Z-debug-0.log`.
fn time_of(file: &Path) -> Option<Timestamp> {
    let name = file.file_name()?.to_str()?;
    let (stamp, _) = name.split_once("-debug-")?;
    let (date, time) = stamp.strip_suffix('Z')?.split_once('T')?;
    let mut parts = time.split('_');
    let (hour, minute, second, fraction) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    format!("{date}T{hour}:{minute}:{second}.{fraction}Z").parse().ok()
}

/// `node_modules/.package-lock.json`.
pub(super) fn lock(file: &Path, bytes: &[u8], around: &Circumstances) -> Reading {
    let document = match json(file, bytes) {
        Ok(document) => document,
        Err(problem) => return Reading::refused(problem),
    };
    let Some(packages) = document.get("packages").and_then(|packages| packages.as_object()) else {
        return Reading::refused(Problem::new(file, "it names no packages"));
    };
    let found = packages.iter().filter_map(|(place, entry)| {
        let text = |name: &str| entry.get(name).and_then(|value| value.as_str());
        let (_, folder) = place.rsplit_once("node_modules/")?;
        let has_scripts = entry.get("hasInstallScript").and_then(|value| value.as_bool()).unwrap_or(false);
        let directory = file.parent()?.parent()?.join(place);
        Package::new(text("name").unwrap_or(folder), text("version")).map(|package| {
            package
                .resolved(text("resolved"))
                .integrity(text("integrity"))
                .directory(Some(directory))
                .scripts(Some(has_scripts))
        })
    });
    let project = file.parent().and_then(Path::parent);
    let mut install = install(Manager::Npm, file, project, around);
    put(&mut install, found.collect());
    Reading::of(install)
}
