//! Package installs: which manager ran, what it installed, which of a package's steps it ran. Must not know how an
//! install is recognised.

mod manager;
mod package;

pub use self::manager::{Manager, NODE_INSTALLS, Step};
pub use self::package::Package;

use crate::model::process::ProcessId;
use crate::model::text::Text;
use jiff::Timestamp;
use std::path::PathBuf;

/// One run of a package's code by its manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hook {
    /// Whose code it is, where that is known.
    pub package: Option<Package>,
    /// Whether [`Hook::package`] is not the one whose code ran but the one that was being built with it: the compiler
    /// runs a macro of any of its dependencies.
    pub is_consumer: bool,
    /// Whether it is a step of the very project in which the manager was called, not of something it fetched.
    pub is_own: bool,
    /// At which step.
    pub step: Option<Step>,
    /// The manager's child that runs it.
    pub process: Option<ProcessId>,
}

/// How an install became known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Its processes were seen.
    Seen,
    /// It left this file behind.
    Receipt(PathBuf),
}

/// One run of a package manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Install {
    /// Which one.
    pub manager: Manager,
    /// Its process.
    pub process: Option<ProcessId>,
    /// What was called, masked, the program's name first.
    pub command_line: Vec<Text>,
    /// Where it was called.
    pub directory: Option<PathBuf>,
    /// By which account.
    pub user: Option<u32>,
    /// When it began.
    pub started: Option<Timestamp>,
    /// When it was over.
    pub ended: Option<Timestamp>,
    /// Which packages' code it ran.
    pub hooks: Vec<Hook>,
    /// What it installed.
    pub packages: Vec<Package>,
    /// Whether any of that brings code that runs at install time; `None` where nothing says so.
    pub has_scripts: Option<bool>,
    /// How it is known.
    pub source: Source,
}

impl Install {
    /// An install of which nothing but the manager is known.
    pub fn new(manager: Manager, source: Source) -> Self {
        Self {
            manager,
            process: None,
            command_line: Vec::new(),
            directory: None,
            user: None,
            started: None,
            ended: None,
            hooks: Vec::new(),
            packages: Vec::new(),
            has_scripts: None,
            source,
        }
    }

    /// When it is known to have been at work last.
    pub fn last_seen(&self) -> Option<Timestamp> {
        self.ended.or(self.started)
    }
}
