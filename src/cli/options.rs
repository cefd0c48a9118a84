//! The options that every command takes. Knows nothing of the commands.

use crate::compose::Wishes;
use clap::{ArgAction, Args, ValueEnum, ValueHint};
use std::path::PathBuf;

/// Options of every command, before or after its name.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Options {
    /// Read this configuration file instead of the usual one
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Keep journal and key in this directory
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) state: Option<PathBuf>,
    /// Look at this home instead of your own; may be given several times
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) home: Vec<PathBuf>,
    /// Take templates from this directory; may be given several times
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) baselines: Vec<PathBuf>,
    /// Take rules from this directory as well; may be given several times
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) rules: Vec<PathBuf>,
    /// Use this directory in place of the client's managed one
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) managed: Option<PathBuf>,
    /// Log more to standard error: -v what happens, -vv how, -vvv everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

impl Options {
    /// What was asked for, for the part that puts everything together.
    pub(crate) fn wishes(&self) -> Wishes {
        Wishes {
            config: self.config.clone(),
            state: self.state.clone(),
            homes: self.home.clone(),
            baselines: self.baselines.clone(),
            rules: self.rules.clone(),
            managed: self.managed.clone(),
        }
    }
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs; its keys are stable
    Json,
}

/// The option of every reading command.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct FormatOption {
    /// How the answer is written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(crate) format: Format,
}
