//! The one place that names concrete parts and puts them together: configuration, wishes and surroundings become
//! what a command works with. Decides nothing about what is found.

mod caller;
mod error;
mod homes;
mod places;
mod reading;
mod rules;
mod sinks;
mod templates;

pub use caller::Caller;
pub use error::ComposeError;
pub use homes::Home;
pub use reading::Reading;
pub use rules::RuleDirs;
pub use sinks::sink;

use crate::baseline::LocalApprovals;
use crate::baseline::signed::{InForce, Keys};
use crate::config::{self, Config};
use crate::host::clock::{Clock, SystemClock};
use crate::host::files::Files;
use crate::host::machine::Machine;
use crate::host::trusted::trusted_input;
use crate::journal::Journal;
use crate::model::template::SignedTemplate;
use std::path::{Path, PathBuf};

/// A configuration file is no larger than this.
const CONFIG_CAP: u64 = 1 << 20;

/// What the caller asked for; it comes before what the configuration file says.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// A configuration file instead of the usual one.
    pub config: Option<PathBuf>,
    /// Where journal and key lie.
    pub state: Option<PathBuf>,
    /// Which homes to look at.
    pub homes: Vec<PathBuf>,
    /// Where the templates lie.
    pub baselines: Vec<PathBuf>,
    /// Where rules of one's own lie.
    pub rules: Vec<PathBuf>,
    /// What stands in for the client's managed directory.
    pub managed: Option<PathBuf>,
}

/// Everything that a command works with.
#[derive(Debug)]
pub struct Setup {
    /// What the configuration file says, or the defaults.
    pub config: Config,
    /// The configuration file that was read.
    pub config_file: Option<PathBuf>,
    /// Where journal and key lie.
    pub state: PathBuf,
    /// The homes to look at.
    pub homes: Vec<Home>,
    /// Whether the caller named them.
    pub homes_were_named: bool,
    /// Where the templates lie.
    pub template_dirs: Vec<PathBuf>,
    /// Which rules are in force.
    pub rules: RuleDirs,
    signers: templates::Signers,
    files: Machine,
    clock: SystemClock,
}

impl Setup {
    /// Puts everything together. Reads the configuration file and nothing else.
    pub fn new(wishes: &Wishes) -> Result<Self, ComposeError> {
        let wished = wishes.config.as_deref().map(places::absolute).transpose()?;
        let (config, config_file) = read_config(wished.as_deref())?;
        let state = match wishes.state.as_deref().or(config.state.as_deref()) {
            Some(state) => places::absolute(state)?,
            None => places::state().ok_or(ComposeError::NoHome)?,
        };
        Ok(Self {
            homes: homes::homes(wishes, &config)?,
            homes_were_named: !wishes.homes.is_empty(),
            template_dirs: templates::dirs(&wishes.baselines, &config)?,
            rules: RuleDirs::new(&wishes.rules, &config)?,
            signers: templates::signers(&config)?,
            state,
            config,
            config_file,
            files: Machine,
            clock: SystemClock,
        })
    }

    /// The files of this machine.
    pub fn files(&self) -> &dyn Files {
        &self.files
    }

    /// The clock of this machine.
    pub fn clock(&self) -> &dyn Clock {
        &self.clock
    }

    /// Templates, and the journal if there is one: enough for every command that only looks.
    pub fn reading(&self) -> Result<Reading, ComposeError> {
        let journal = self.journal()?;
        let in_force = self.templates_with(journal.as_ref())?;
        Ok(Reading::new(in_force, self.local_approvals(), journal))
    }

    /// The same with a journal to write to, which is made where there is none.
    pub fn writing(&self) -> Result<(Reading, Journal), ComposeError> {
        let mut journal = Journal::open(&self.state)?;
        let in_force = self.templates_with(Some(&journal))?;
        if !in_force.signed.is_empty() {
            journal.remember_templates(&in_force.signed)?;
        }
        Ok((Reading::of_key(in_force, self.local_approvals(), journal.key().clone()), journal))
    }

    /// Every template in force, after `known`, the signed ones that were so last.
    pub fn templates(&self, known: &[SignedTemplate]) -> Result<InForce, ComposeError> {
        templates::load(&self.template_dirs, &self.signers, known)
    }

    /// Every template in force, by what a journal remembers.
    pub fn templates_with(&self, journal: Option<&Journal>) -> Result<InForce, ComposeError> {
        let known = journal.map(Journal::signed_templates).transpose()?.unwrap_or_default();
        let in_force = self.templates(&known)?;
        for rejected in &in_force.rejected {
            tracing::warn!(why = rejected.why, "a template is rejected");
        }
        Ok(in_force)
    }

    /// The journal, if there is one, for looking.
    pub fn journal(&self) -> Result<Option<Journal>, ComposeError> {
        Ok(Journal::open_existing(&self.state)?)
    }

    /// The person who typed the command.
    pub fn caller(&self) -> Caller {
        Caller::now()
    }

    /// What approvals of this machine count for.
    pub fn local_approvals(&self) -> LocalApprovals {
        if self.config.local_approvals { LocalApprovals::Count } else { LocalApprovals::SwitchedOff }
    }
}

/// The configuration file that was asked for, or the usual one if it is there.
fn read_config(wished: Option<&Path>) -> Result<(Config, Option<PathBuf>), ComposeError> {
    let usual = places::config();
    let Some(file) = wished.or(usual.as_deref().filter(|file| Machine.exists(file))) else {
        return Ok((Config::default(), None));
    };
    let bytes = trusted_input(file, CONFIG_CAP)?.bytes;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = 1 + error
            .as_bytes()
            .iter()
            .take(error.utf8_error().valid_up_to())
            .filter(|b| **b == b'\n')
            .count();
        ComposeError::ConfigEncoding { file: file.to_path_buf(), line }
    })?;
    let config = config::parse(&text)
        .map_err(|problems| ComposeError::Config { file: file.to_path_buf(), problems })?;
    Ok((config, Some(file.to_path_buf())))
}

/// Where the configuration file is looked for.
pub fn usual_config() -> Option<PathBuf> {
    places::config()
}

/// The bytes of a rule, or of an example, that somebody wants to have checked; whose it is does not matter.
pub fn read_rule(file: &Path) -> Result<Vec<u8>, crate::host::read_error::ReadError> {
    Ok(Machine.read(file, crate::rules::FILE_CAP)?.bytes)
}

/// The names in a directory of examples.
pub fn list_examples(dir: &Path) -> Result<Vec<std::ffi::OsString>, crate::host::read_error::ReadError> {
    Machine.list(dir)
}

/// The bytes of a template that somebody wants to have checked; whose it is does not matter.
pub fn read_template(file: &Path) -> Result<Vec<u8>, crate::host::read_error::ReadError> {
    Ok(Machine.read(file, templates::TEMPLATE_CAP)?.bytes)
}

/// Who must have signed that template, as far as the configuration that was asked for, or the usual one, says so.
pub fn template_keys(wishes: &Wishes, file: &Path) -> Result<Option<Keys>, ComposeError> {
    let wished = wishes.config.as_deref().map(places::absolute).transpose()?;
    let (config, _) = read_config(wished.as_deref())?;
    let file = places::absolute(file)?;
    let mut signers = templates::signers(&config)?;
    Ok(file.parent().and_then(|dir| signers.remove(&dir.components().collect::<PathBuf>())))
}

/// What lies beside a template as its signature, or why that cannot be read.
pub fn read_signature(file: &Path) -> Result<String, String> {
    templates::read_signature(file)
}
