//! What a person types. Each command is one file; this one knows which there are and how a failure is told.

mod acceptance;
mod approve;
mod baseline;
mod chosen;
mod completions;
mod crash;
mod credentials;
mod error;
mod event_line;
mod events;
mod export;
mod installs;
mod json;
mod log;
mod man;
mod mend_file;
mod naming;
mod options;
mod output;
mod paths;
mod revert;
mod rules;
#[cfg(test)]
mod samples;
mod session;
mod shorten;
mod show;
mod sinks;
mod status;
mod status_document;
mod stream;
mod style;
mod switched_off;
mod table;
mod verify;
mod verify_document;
mod watch;
mod when;
mod wrap;

mod diff;
mod doctor;

use crate::host::hardening::harden;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use error::{Answer, Failure, TROUBLE};
use options::Options;
use output::Output;
use session::Session;
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;
use style::{BAD, COMMAND, Styled};

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "mcpwatch",
    version,
    about = "Guards the files that tell an AI coding agent which MCP servers to talk to",
    long_about = None,
    arg_required_else_help = true,
    subcommand_required = true,
    propagate_version = false,
    disable_help_subcommand = true,
    max_term_width = 100,
    styles = help_styles(),
    after_help = "Start here:\n  mcpwatch baseline capture   approve what is there now\n  mcpwatch diff               see what changed since\n\nExit codes: 0 all is well, 1 drift, a changed journal or a part refused, 2 trouble."
)]
struct Line {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
enum Command {
    Watch(watch::Watch),
    Diff(diff::Diff),
    Baseline(baseline::Baseline),
    Approve(approve::Approve),
    Revert(revert::Revert),
    Events(events::Events),
    Export(export::Export),
    Show(show::Show),
    Installs(installs::Installs),
    Verify(verify::Verify),
    Rules(rules::Rules),
    Credentials(credentials::Credentials),
    Status(status::StatusCommand),
    Doctor(doctor::Doctor),
    Completions(completions::Completions),
    Man(man::Man),
    MendFile(mend_file::MendFile),
}

/// Runs one command line and says how it went.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    // First of all, for every command: each reads files that hold secrets.
    harden();
    crash::abort_on_panic();
    let line = match Line::command()
        .try_get_matches_from(arguments)
        .and_then(|found| Line::from_arg_matches(&found))
    {
        Ok(line) => line,
        Err(error) => return usage(&error),
    };
    let mut out = Output::stdout();
    let answer = answer(&line, &mut out);
    let flushed = out.flush();
    let code = match (answer, flushed) {
        (Ok(code), Ok(())) => code,
        (Err(failure), _) => tell(&failure),
        (Ok(_), Err(error)) => tell(&error::unwritable(&error)),
    };
    ExitCode::from(code)
}

fn answer(line: &Line, out: &mut Output<'_>) -> Answer {
    match &line.command {
        Command::Watch(watch) => watch.run(&session(line)?, out),
        Command::Diff(diff) => diff.run(&session(line)?, out),
        Command::Baseline(baseline) => baseline.run(&line.options, || session(line), out),
        Command::Approve(approve) => approve.run(&session(line)?, out),
        Command::Revert(revert) => revert.run(&session(line)?, out),
        Command::Events(events) => events.run(&session(line)?, out),
        Command::Export(export) => export.run(&session(line)?, out),
        Command::Show(show) => show.run(&session(line)?, out),
        Command::Installs(installs) => installs.run(&session(line)?, out),
        Command::Verify(verify) => verify.run(&session(line)?, out),
        Command::Credentials(credentials) => credentials.run(&session(line)?, out),
        Command::Status(status) => status.run(&session(line)?, out),
        Command::Doctor(doctor) => doctor.run(session(line), out),
        Command::Rules(rules) => rules.run(|| session(line), out),
        Command::Completions(completions) => completions.run(Line::command(), out),
        Command::Man(man) => man.run(Line::command(), out),
        Command::MendFile(mend) => mend.run(out),
    }
}

/// The surroundings of a command that looks at files or at the journal.
fn session(line: &Line) -> Result<Session<'_>, Failure> {
    let session = Session::new(&line.options)?;
    log::start(line.options.verbose, session.setup.config.log_level, session.setup.config.log_format);
    Ok(session)
}

/// Help, version, or a command line that cannot be understood.
fn usage(error: &clap::Error) -> ExitCode {
    // NOTE(ignored): there is nowhere left to say that the usage could not be printed.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(TROUBLE))
}

/// Says on standard error what went wrong.
fn tell(failure: &Failure) -> u8 {
    let mut err = Output::stderr();
    // NOTE(ignored): there is nowhere left to say that the failure could not be said.
    let _ = say(failure, &mut err);
    failure.code
}

fn say(failure: &Failure, err: &mut Output<'_>) -> io::Result<()> {
    err.line(Styled::new("mcpwatch", BAD).and(": ").and(&failure.sentence), 2)?;
    for advice in &failure.help {
        err.line(Styled::new("help", COMMAND).and(": ").and(advice), 2)?;
    }
    err.flush()
}

const fn help_styles() -> clap::builder::Styles {
    clap::builder::Styles::styled()
        .header(style::STRONG)
        .usage(style::STRONG)
        .literal(style::COMMAND)
        .placeholder(style::DIM)
        .error(style::BAD)
        .valid(style::GOOD)
        .invalid(style::WARN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Line::command().debug_assert();
    }

    #[test]
    fn options_may_stand_on_either_side() {
        for line in [["mcpwatch", "--state", "/s", "man"], ["mcpwatch", "man", "--state", "/s"]] {
            assert_eq!(Line::parse_from(line).options.state.as_deref(), Some(std::path::Path::new("/s")));
        }
    }

    #[test]
    fn every_command_has_help_with_an_example() {
        fn look(command: &clap::Command, path: &str) {
            assert!(command.get_about().is_some(), "{path} says nothing about itself");
            if command.get_subcommands().next().is_none() {
                let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains("mcpwatch"), "{path} has no example");
            }
            command.get_subcommands().for_each(|inner| look(inner, &format!("{path} {}", inner.get_name())));
        }
        look(&Line::command(), "mcpwatch");
    }

    #[test]
    fn a_failure_is_escaped() {
        let mut bytes = Vec::new();
        let mut err = Output::to(&mut bytes, 80, false);
        say(&Failure::new("no such file: \u{1b}[2J").help("look"), &mut err).unwrap();
        drop(err);
        assert_eq!(String::from_utf8(bytes).unwrap(), "mcpwatch: no such file: \\u{1b}[2J\nhelp: look\n");
    }
}
