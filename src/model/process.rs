//! Processes: who they are, what they ran, and whose children they are. Must not know how that was learned.

use crate::model::text::Text;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The variables of a process's environment that are ever kept: they say which package manager runs which step of
/// which package, which agent runs a command, and what is loaded into a program. Everything else in an environment
/// is nobody's business.
pub const KEPT_VARIABLES: [&str; 45] = [
    "BERRY_BIN_FOLDER",
    "BUN_INSTALL",
    "CARGO_MANIFEST_DIR",
    "CARGO_PKG_NAME",
    "CARGO_PKG_VERSION",
    "CLAUDECODE",
    "CLAUDE_CODE_ENTRYPOINT",
    "COMPOSER_BINARY",
    "COMPOSER_DEV_MODE",
    "DPKG_MAINTSCRIPT_NAME",
    "DPKG_MAINTSCRIPT_PACKAGE",
    "DPKG_RUNNING_VERSION",
    "DYLD_INSERT_LIBRARIES",
    "GEM_HOME",
    "HOMEBREW_CELLAR",
    "HOMEBREW_FORMULA_PREFIX",
    "INIT_CWD",
    "LD_AUDIT",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "NODE_OPTIONS",
    "OUT_DIR",
    "PEP517_BUILD_BACKEND",
    "PIP_BUILD_TRACKER",
    "PNPM_SCRIPT_SRC_DIR",
    "PROJECT_CWD",
    "SSH_CONNECTION",
    "SUDO_UID",
    "TERM_PROGRAM",
    "TMUX",
    "UV",
    "UV_INTERNAL__BUILD_DIR",
    "VIRTUAL_ENV",
    "npm_command",
    "npm_config_global",
    "npm_config_user_agent",
    "npm_execpath",
    "npm_lifecycle_event",
    "npm_node_execpath",
    "npm_package_integrity",
    "npm_package_json",
    "npm_package_name",
    "npm_package_resolved",
    "npm_package_version",
    "npm_lifecycle_script",
];

/// What tells a process from every other one of this boot: its number alone is used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProcessId {
    /// Its number, in the agent's own namespace.
    pub pid: u32,
    /// When it started, in clock ticks since boot (`/proc/PID/stat`, field 22, see proc_pid_stat(5)).
    pub start: u64,
}

/// A file, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FileId {
    /// The device's number.
    pub device: u64,
    /// The file's number on it.
    pub inode: u64,
}

/// Whose process it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The account that started it.
    pub real: u32,
    /// The account as which it acts: another one under sudo and for set-user-id programs.
    pub effective: u32,
    /// The account that logged in, where the system keeps it.
    pub login: Option<u32>,
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this status.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// One program that a process ran: between two `execve`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Image {
    /// The file that was executed, by its path then.
    pub executable: Option<PathBuf>,
    /// That file.
    pub file: Option<FileId>,
    /// The name that the kernel keeps, 15 bytes at most. The process can change it.
    pub name: String,
    /// The arguments with the program's name first, masked.
    pub args: Vec<Text>,
    /// Whether there were more arguments than are kept.
    pub is_cut: bool,
    /// The working directory.
    pub directory: Option<PathBuf>,
    /// Of its environment then, what is in [`KEPT_VARIABLES`].
    pub environment: BTreeMap<&'static str, Text>,
}

/// Where a process lives, as far as that is another place than the agent's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// Its pids are other ones.
    pub has_own_pids: bool,
    /// Its paths may lead to other files.
    pub has_own_mounts: bool,
}

/// A process as it is remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    /// Which one.
    pub id: ProcessId,
    /// Who forked it: that stays true when the parent is gone and another one has adopted it.
    pub parent: Option<ProcessId>,
    /// Whether the fork was recorded as it happened. Otherwise the parent is who it was when somebody looked.
    pub is_fork_seen: bool,
    /// When it started.
    pub started: Option<Timestamp>,
    /// When it ended, and how; `None` while it runs.
    pub ended: Option<(Timestamp, Option<Exit>)>,
    /// The leader of its session.
    pub session: Option<u32>,
    /// Whether it has a terminal.
    pub has_terminal: bool,
    /// Whose it is.
    pub credentials: Option<Credentials>,
    /// Another process watches and may change it.
    pub is_traced: bool,
    /// Where it lives.
    pub elsewhere: Elsewhere,
    /// What it ran, oldest first: `sh -c 'exec node x.js'` is one process and two images of its own. Where its fork
    /// was recorded, the first is the one that it inherited, so that it is known what its parent ran then.
    pub images: Vec<Arc<Image>>,
}

impl Process {
    /// A process of which nothing is known but which one it is.
    pub fn new(id: ProcessId) -> Self {
        Self {
            id,
            parent: None,
            is_fork_seen: false,
            started: None,
            ended: None,
            session: None,
            has_terminal: false,
            credentials: None,
            is_traced: false,
            elsewhere: Elsewhere::default(),
            images: Vec::new(),
        }
    }

    /// What it ran last.
    pub fn image(&self) -> Option<&Image> {
        self.images.last().map(Arc::as_ref)
    }

    /// The file that it executed last.
    pub fn executable(&self) -> Option<&Path> {
        self.image()?.executable.as_deref()
    }

    /// What to call it: the program's file name, else the name that the kernel keeps.
    pub fn name(&self) -> Option<String> {
        let image = self.image()?;
        let file = image.executable.as_deref().and_then(Path::file_name);
        let name = file.map_or_else(|| image.name.clone(), |file| file.to_string_lossy().into_owned());
        (!name.is_empty()).then_some(name)
    }
}

/// A process with those that it descends from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ancestry {
    /// The process first, then its parent, up to the leader of its session or beyond, as far as is known. Where a very
    /// long line is told in part, the next one is not its [`Process::parent`] but an ancestor further up.
    pub processes: Vec<Arc<Process>>,
    /// Whether it leads by forks up to a process that was there before the record began, or to the first of all.
    pub is_whole: bool,
    /// Whether the kernel told everything while these processes lived, or what it did not tell is known to have changed
    /// none of them: otherwise a fork may be missing, and a number may have been used again unseen.
    pub is_lossless: bool,
}

impl Ancestry {
    /// The process itself.
    pub fn process(&self) -> Option<&Process> {
        self.processes.first().map(Arc::as_ref)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_called_after_its_program_and_else_as_the_kernel_does() {
        let image = |executable: Option<&str>, name: &str| {
            Arc::new(Image {
                executable: executable.map(PathBuf::from),
                name: name.into(),
                ..Image::default()
            })
        };
        let mut process = Process::new(ProcessId { pid: 7, start: 9 });
        assert_eq!(process.name(), None);
        process.images.push(image(None, "npm install x"));
        assert_eq!(process.name().as_deref(), Some("npm install x"));
        process.images.push(image(Some("/usr/bin/node"), "MainThread"));
        assert_eq!(process.name().as_deref(), Some("node"));
        assert_eq!(process.executable(), Some(Path::new("/usr/bin/node")));
    }
}
