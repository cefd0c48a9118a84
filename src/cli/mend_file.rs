//! `mend-file`: what this program is asked to do when it acts for the owner of a file. Nobody types it.

use crate::cli::error::{Answer, OK};
use crate::cli::output::Output;
use crate::host::clock::SystemClock;
use crate::restore;
use clap::Args;

/// Carry out one order from standard input; for mcpwatch itself
#[derive(Args, Debug)]
#[command(
    hide = true,
    after_help = "mcpwatch starts this by itself, as the owner of the file that it puts right."
)]
pub(crate) struct MendFile {}

impl MendFile {
    /// Does it, and says what came of it.
    pub(crate) fn run(&self, out: &mut Output<'_>) -> Answer {
        let answer = restore::act(&SystemClock)?;
        out.verbatim(&answer)?;
        Ok(OK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn it_is_called_as_it_is_asked_for() {
        let command = crate::cli::Line::command();
        let found = command.find_subcommand(restore::COMMAND).map(clap::Command::is_hide_set);
        assert_eq!(found, Some(true));
    }
}
