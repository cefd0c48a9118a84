//! `credentials`: status, snapshot, restore. Knows which there are, and where the files lie.

mod restore;
mod snapshot;
mod status;

use crate::cli::error::{Answer, Failure};
use crate::cli::output::Output;
use crate::cli::session::Session;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// The client's logins: see what is there, keep the client's own, put it back
#[derive(Args, Debug)]
pub(crate) struct Credentials {
    #[command(subcommand)]
    command: CredentialsCommand,
}

#[derive(Debug, Subcommand)]
enum CredentialsCommand {
    Status(status::Status),
    Snapshot(snapshot::Snapshot),
    Restore(restore::Restore),
}

impl Credentials {
    /// Runs the one that was asked for.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        match &self.command {
            CredentialsCommand::Status(status) => status.run(session, out),
            CredentialsCommand::Snapshot(snapshot) => snapshot.run(session, out),
            CredentialsCommand::Restore(restore) => restore.run(session, out),
        }
    }
}

/// The credentials files of the homes that are looked at.
fn files(session: &Session<'_>) -> Vec<PathBuf> {
    let homes = session.setup.homes.iter();
    homes.flat_map(|home| home.layout.credentials().map(|(_, file)| file)).collect()
}

/// Keeps logins only where their owner asked for it: they are worth more than anything else in the journal.
fn require_keeping(session: &Session<'_>) -> Result<(), Failure> {
    if session.setup.config.keep_login {
        return Ok(());
    }
    let failure = Failure::new("no login is kept: that is switched off, as long as you do not ask for it");
    Err(failure.help(
        "to keep a sealed copy in the state directory, write into the configuration: credentials.keep = true",
    ))
}
