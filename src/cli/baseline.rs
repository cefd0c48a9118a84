//! `baseline`: capture, show, check. Knows which there are and nothing else.

mod capture;
mod check;
mod rows;
mod show;
mod taken;

pub(crate) use capture::capture;

use crate::cli::error::{Answer, Failure};
use crate::cli::options::Options;
use crate::cli::output::Output;
use crate::cli::session::Session;
use clap::{Args, Subcommand};

/// What should be there: approve all of it, look at it, or validate a template
#[derive(Args, Debug)]
pub(crate) struct Baseline {
    #[command(subcommand)]
    command: BaselineCommand,
}

#[derive(Debug, Subcommand)]
enum BaselineCommand {
    Capture(capture::Capture),
    Show(show::Show),
    Check(check::Check),
}

impl Baseline {
    /// Runs the one that was asked for. Validating a template needs nothing of this machine.
    pub(crate) fn run<'o>(
        &self,
        options: &Options,
        session: impl FnOnce() -> Result<Session<'o>, Failure>,
        out: &mut Output<'_>,
    ) -> Answer {
        match &self.command {
            BaselineCommand::Capture(capture) => capture.run(&session()?, out),
            BaselineCommand::Show(show) => show.run(&session()?, out),
            BaselineCommand::Check(check) => check.run(options, out),
        }
    }
}
