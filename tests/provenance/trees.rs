//! Recorded process trees: what real package managers started, down to a hook, as the kernel told it at each fork
//! and exec. Paths are moved to a home that nobody lives in; nothing else is changed.

use jiff::Timestamp;
use mcpwatch::model::masking::mask_arguments;
use mcpwatch::model::process::{Ancestry, Credentials, Image, KEPT_VARIABLES, Process, ProcessId};
use mcpwatch::model::text::Text;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The chains of one recording, each from a process that the hook ran up to the shell.
pub(crate) fn recorded(name: &str) -> Vec<Ancestry> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/trees").join(format!("{name}.json"));
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let chains: Vec<Vec<Value>> = serde_json::from_str(&text).unwrap();
    chains.iter().map(|chain| ancestry(chain)).collect()
}

fn ancestry(chain: &[Value]) -> Ancestry {
    let id = |process: &Value| ProcessId {
        pid: u32::try_from(process["pid"].as_u64().unwrap()).unwrap(),
        start: process["start"].as_u64().unwrap_or_default(),
    };
    let parents = chain.iter().skip(1).map(|process| Some(id(process))).chain([None]);
    let processes = chain.iter().zip(parents).map(|(process, parent)| {
        Arc::new(Process {
            images: process["images"].as_array().unwrap().iter().map(|one| Arc::new(image(one))).collect(),
            is_fork_seen: process["forked"].as_bool().unwrap(),
            ..bare(id(process), parent)
        })
    });
    Ancestry { processes: processes.collect(), is_whole: true, is_lossless: true }
}

/// A process that has run nothing.
pub(crate) fn bare(id: ProcessId, parent: Option<ProcessId>) -> Process {
    Process {
        parent,
        is_fork_seen: true,
        started: Some(Timestamp::UNIX_EPOCH),
        has_terminal: true,
        credentials: Some(Credentials { real: 1000, effective: 1000, login: Some(1000) }),
        ..Process::new(id)
    }
}

fn image(image: &Value) -> Image {
    let text = |name: &str| image[name].as_str().map(str::to_owned);
    let words: Vec<String> = serde_json::from_value(image["args"].clone()).unwrap();
    let environment = image["environment"].as_object().unwrap();
    let kept = environment.iter().filter_map(|(name, value)| {
        let name = KEPT_VARIABLES.iter().find(|kept| *kept == name)?;
        Some((*name, Text::plain(value.as_str()?)))
    });
    Image {
        executable: text("executable").map(PathBuf::from),
        name: text("name").unwrap_or_default(),
        args: args(&words),
        directory: text("directory").map(PathBuf::from),
        environment: kept.collect(),
        ..Image::default()
    }
}

fn args(words: &[String]) -> Vec<Text> {
    let Some((program, rest)) = words.split_first() else { return Vec::new() };
    std::iter::once(Text::plain(program.as_str())).chain(mask_arguments(program, rest)).collect()
}

/// A chain of processes that were made up: executable and command line of each, the writer first.
pub(crate) fn made_up(steps: &[(&str, &str)]) -> Ancestry {
    let id = |at: usize| ProcessId { pid: 9000 - u32::try_from(at).unwrap(), start: 1 };
    let processes = steps.iter().enumerate().map(|(at, (executable, line))| {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let image = Image {
            executable: Some(PathBuf::from(executable)),
            args: args(&words),
            directory: Some("/home/u/work".into()),
            ..Image::default()
        };
        let parent = (at + 1 < steps.len()).then(|| id(at + 1));
        Arc::new(Process { images: vec![Arc::new(image)], ..bare(id(at), parent) })
    });
    Ancestry { processes: processes.collect(), is_whole: true, is_lossless: true }
}

/// Changes every process of a chain.
pub(crate) fn each(ancestry: &mut Ancestry, change: impl Fn(usize, &mut Process)) {
    for (at, process) in ancestry.processes.iter_mut().enumerate() {
        change(at, Arc::make_mut(process));
    }
}

/// Puts a chain below another one.
pub(crate) fn below(writer: Ancestry, above: Ancestry) -> Ancestry {
    let mut processes = writer.processes;
    if let (Some(last), Some(first)) = (processes.last_mut(), above.processes.first()) {
        Arc::make_mut(last).parent = Some(first.id);
    }
    processes.extend(above.processes);
    Ancestry { processes, is_whole: true, is_lossless: true }
}

/// Sets variables in all images of a process.
pub(crate) fn set(process: &mut Process, variables: &[(&'static str, &str)]) {
    let variables: BTreeMap<&'static str, Text> =
        variables.iter().map(|(name, value)| (*name, Text::plain(*value))).collect();
    for image in &mut process.images {
        Arc::make_mut(image).environment.extend(variables.clone());
    }
}

/// The record as the sensor gives it: what a process inherited by its fork stands before what it executed.
pub(crate) fn with_inherited(mut ancestry: Ancestry) -> Ancestry {
    for at in 0..ancestry.processes.len() {
        let inherited = ancestry.processes.get(at + 1).and_then(|parent| parent.images.last().cloned());
        let process = Arc::make_mut(&mut ancestry.processes[at]);
        if process.is_fork_seen {
            process.images.splice(0..0, inherited);
        }
    }
    ancestry
}
