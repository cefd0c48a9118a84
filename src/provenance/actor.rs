//! Whose hand it is when no install is above: the client, its agent, a person, a broker. Must not weigh anything.

use super::broker::server_of;
use super::facts::ClientCheck;
use super::program::Program;
use crate::model::process::{Elsewhere, Process};
use crate::model::provenance::{Actor, Broker, Remark};
use std::sync::Arc;

/// Shells that a person types into.
const SHELLS: [&str; 11] = ["sh", "bash", "dash", "zsh", "fish", "ksh", "tcsh", "csh", "nu", "pwsh", "xonsh"];

/// Editors.
const EDITORS: [&str; 29] = [
    "vi",
    "vim",
    "nvim",
    "vim.basic",
    "vim.tiny",
    "nano",
    "pico",
    "emacs",
    "emacs-gtk",
    "emacs-nox",
    "emacsclient",
    "micro",
    "helix",
    "hx",
    "kak",
    "ed",
    "joe",
    "mcedit",
    "gedit",
    "kate",
    "code",
    "code-insiders",
    "codium",
    "cursor",
    "zed",
    "windsurf",
    "sublime_text",
    "subl",
    "gnome-text-editor",
];

/// Variables that load something into a program that is not its own.
const LOADERS: [&str; 4] = ["LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "NODE_OPTIONS"];

/// What was found above the writer.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) actor: Actor,
    pub(super) broker: Option<Broker>,
    pub(super) remarks: Vec<Remark>,
    /// Whether that is only what the process says of itself.
    pub(super) is_claim: bool,
}

/// Looks up the chain for the nearest one whose doing it can be.
pub(super) fn origin(chain: &[Arc<Process>], is_client: ClientCheck<'_>) -> Origin {
    let mut origin = Origin { actor: Actor::Unknown, broker: None, remarks: Vec::new(), is_claim: false };
    if chain.is_empty() {
        return origin;
    }
    origin.broker = chain.iter().skip(1).find_map(|process| server_of(process));
    for (at, process) in chain.iter().enumerate() {
        if is_client(process) {
            let spoilt = spoilt(process);
            // The client starts itself anew now and then; with something between, it was told to.
            let own = chain.iter().take_while(|process| is_client(process)).count();
            let is_client_itself = at == 0 && !chain.iter().skip(own).any(|above| is_client(above));
            origin.remarks.extend(spoilt);
            // A client that something else was loaded into is a program like any other.
            origin.actor = match (spoilt, is_client_itself) {
                (Some(_), true) => Actor::Program,
                (_, false) => Actor::AgentTool,
                (None, true) => Actor::Client,
            };
            if is_client_itself && has_agent_environment(process) {
                origin.actor = Actor::AgentTool;
                origin.is_claim = true;
                origin.remarks.push(Remark::AgentEnvironment);
            }
            return origin;
        }
        if at > 0 && server_of(process).is_some() {
            break;
        }
        if is_person(process) {
            origin.actor = Actor::Person;
            break;
        }
    }
    if chain.iter().any(|process| has_agent_environment(process)) {
        origin.actor = Actor::AgentTool;
        origin.is_claim = true;
        origin.remarks.extend([Remark::AgentEnvironment, Remark::Claimed]);
    } else if origin.actor == Actor::Person {
        origin.remarks.push(Remark::Shell);
    } else if origin.broker.is_some() {
        origin.actor = Actor::Broker;
    } else {
        origin.actor = Actor::Program;
    }
    origin
}

/// What makes a program another one than its file says.
fn spoilt(process: &Process) -> Option<Remark> {
    let is_loaded = process.image().is_some_and(|image| {
        LOADERS
            .iter()
            .any(|name| image.environment.get(name).is_some_and(|value| loads(name, &value.reveal())))
    });
    if process.is_traced {
        Some(Remark::Traced)
    } else if is_loaded {
        Some(Remark::Preloaded)
    } else if process.elsewhere != Elsewhere::default() {
        Some(Remark::Elsewhere)
    } else {
        None
    }
}

/// Whether a variable brings code with it. Most of what people put into `NODE_OPTIONS` does not.
fn loads(name: &str, value: &str) -> bool {
    const CODE: [&str; 6] = ["-r", "require", "import", "loader", "inspect", "preload"];
    name != "NODE_OPTIONS" || CODE.iter().any(|option| value.contains(option))
}

/// Whether the agent's shell tool says that it is one. Anybody can say so: it names, and proves nothing.
fn has_agent_environment(process: &Process) -> bool {
    process.images.iter().any(|image| image.environment.contains_key("CLAUDECODE"))
}

/// An editor, or a shell that somebody types into.
fn is_person(process: &Process) -> bool {
    let Some(image) = process.image() else { return false };
    let file = image.executable.as_deref().and_then(|path| path.file_name()).and_then(|name| name.to_str());
    let Some(name) = file else { return false };
    if EDITORS.contains(&name) {
        return true;
    }
    let runs_script = Program::of(image).is_some();
    let runs_code = image.args.iter().skip(1).any(|word| {
        let word = word.reveal();
        word.starts_with('-') && !word.starts_with("--") && word.ends_with('c')
    });
    SHELLS.contains(&name) && process.has_terminal && !runs_script && !runs_code
}
