//! `man`: the manual, made from the command line's own help. Knows nothing of the commands.

use crate::cli::error::{Answer, OK};
use crate::cli::output::Output;
use clap::Args;
use std::io;

/// Print the manual page, with every command in it
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  mcpwatch man | man -l -\n  mcpwatch man > ~/.local/share/man/man1/mcpwatch.1"
)]
pub(crate) struct Man {}

impl Man {
    /// Prints the page.
    pub(crate) fn run(&self, mut command: clap::Command, out: &mut Output<'_>) -> Answer {
        command.build();
        let mut page = Vec::new();
        let whole = clap_mangen::Man::new(command.clone());
        whole.render_title(&mut page)?;
        whole.render_name_section(&mut page)?;
        page.extend_from_slice(b".SH SYNOPSIS\n\\fBmcpwatch\\fR [\\fIOPTIONS\\fR] \\fICOMMAND\\fR\n");
        whole.render_description_section(&mut page)?;
        whole.render_options_section(&mut page)?;
        page.extend_from_slice(b".SH COMMANDS\n");
        for inner in command.get_subcommands() {
            section(inner, &mut page)?;
        }
        whole.render_extra_section(&mut page)?;
        whole.render_version_section(&mut page)?;
        out.verbatim(&page)?;
        Ok(OK)
    }
}

/// One command: its line, what it does, its own options and examples.
fn section(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    let inner: Vec<_> = command.get_subcommands().filter(|inner| inner.get_name() != "help").collect();
    if !inner.is_empty() {
        return inner.into_iter().try_for_each(|inner| section(inner, page));
    }
    use io::Write as _;
    let own = command.clone().mut_args(|argument| {
        let hidden = argument.is_global_set() || argument.is_hide_set();
        argument.hide(hidden)
    });
    let usage = own.clone().render_usage().to_string();
    writeln!(page, ".SS \"{}\"", roff(usage.trim_start_matches("Usage: ")))?;
    let about = own.get_about().map(ToString::to_string).unwrap_or_default();
    writeln!(page, "{}.", roff(&about))?;
    for argument in own.get_arguments().filter(|argument| !argument.is_hide_set()) {
        if argument.get_id() == "help" {
            continue;
        }
        let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
        writeln!(page, ".TP\n\\fB{}\\fR\n{}.", roff(argument.to_string().trim()), roff(&help))?;
    }
    if let Some(examples) = own.get_after_help() {
        writeln!(page, ".PP\n.nf")?;
        for line in examples.to_string().lines() {
            writeln!(page, "{}", roff(line))?;
        }
        writeln!(page, ".fi")?;
    }
    Ok(())
}

/// A line that roff prints as it is.
fn roff(line: &str) -> String {
    let escaped = line.replace('\\', "\\e").replace('-', "\\-");
    if escaped.starts_with(['.', '\'']) { format!("\\&{escaped}") } else { escaped }
}
