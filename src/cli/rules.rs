//! `rules`: list, explain, check, test. Knows which there are and nothing else.

mod check;
mod explain;
mod list;
mod test;

use crate::cli::error::{Answer, Failure};
use crate::cli::output::Output;
use crate::cli::session::Session;
use clap::{Args, Subcommand};

/// The rules in force: list them, explain one, validate a file, run them against their examples
#[derive(Args, Debug)]
pub(crate) struct Rules {
    #[command(subcommand)]
    command: RulesCommand,
}

#[derive(Debug, Subcommand)]
enum RulesCommand {
    List(list::List),
    Explain(explain::Explain),
    Check(check::Check),
    Test(test::Test),
}

impl Rules {
    /// Runs the one that was asked for. What a drift kind means can be said without anything of this machine.
    pub(crate) fn run<'o>(
        &self,
        session: impl FnOnce() -> Result<Session<'o>, Failure>,
        out: &mut Output<'_>,
    ) -> Answer {
        match &self.command {
            RulesCommand::List(list) => list.run(&session()?, out),
            RulesCommand::Explain(explain) => explain.run(session, out),
            RulesCommand::Check(check) => check.run(session, out),
            RulesCommand::Test(test) => test.run(&session()?, out),
        }
    }
}
