//! `completions`: a script that completes this command line in a shell. Knows nothing of the commands.

use crate::cli::error::{Answer, OK};
use crate::cli::output::Output;
use clap::Args;
use clap_complete::Shell;

/// Print a script that completes commands and options in a shell
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcpwatch completions bash > ~/.local/share/bash-completion/completions/mcpwatch\n  mcpwatch completions zsh > \"${fpath[1]}/_mcpwatch\"\n  mcpwatch completions fish > ~/.config/fish/completions/mcpwatch.fish"
)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub(crate) fn run(&self, mut command: clap::Command, out: &mut Output<'_>) -> Answer {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "mcpwatch", &mut script);
        out.verbatim(&script)?;
        Ok(OK)
    }
}
