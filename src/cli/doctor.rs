//! `doctor`: what is wrong with this installation and how to mend it. Mends nothing.

mod installation;
mod sinks;
mod surfaces;

use crate::cli::error::{Answer, Failure, OK, SOME};
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::style::{BAD, COMMAND, DIM, GOOD, STRONG, Styled, WARN};
use clap::Args;
use serde::Serialize;
use std::io;

/// Say what is wrong with this installation, and how to mend it
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 nothing fails, 1 something does.\n\nExamples:\n  mcpwatch doctor\n  mcpwatch doctor --format json | jq '.checks[] | select(.state != \"ok\")'"
)]
pub(crate) struct Doctor {
    #[command(flatten)]
    format: FormatOption,
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Warn,
    /// It keeps mcpwatch from its work.
    Fail,
}

/// What `--format json` prints.
#[derive(Debug, Default, Serialize)]
pub(super) struct Findings {
    /// Every check, in a fixed order.
    checks: Vec<Finding>,
}

/// One check.
#[derive(Debug, Serialize)]
struct Finding {
    /// What was looked at.
    name: &'static str,
    /// How it is.
    state: State,
    /// What was found.
    message: String,
    /// What to do about it.
    remedy: Option<String>,
}

impl Findings {
    /// As it should be.
    pub(super) fn ok(&mut self, name: &'static str, message: impl Into<String>) {
        self.checks.push(Finding { name, state: State::Ok, message: message.into(), remedy: None });
    }

    /// Worth knowing.
    pub(super) fn warn(&mut self, name: &'static str, message: impl Into<String>, remedy: impl Into<String>) {
        let remedy = Some(remedy.into());
        self.checks.push(Finding { name, state: State::Warn, message: message.into(), remedy });
    }

    /// In the way. The message of an error says itself what to do.
    pub(super) fn fail(&mut self, name: &'static str, message: impl Into<String>, remedy: Option<String>) {
        self.checks.push(Finding { name, state: State::Fail, message: message.into(), remedy });
    }
}

impl Doctor {
    /// Looks at everything. What keeps every other command from starting is a finding here.
    pub(crate) fn run(&self, session: Result<Session<'_>, Failure>, out: &mut Output<'_>) -> Answer {
        let mut findings = Findings::default();
        installation::version(&mut findings);
        match session {
            Err(failure) => findings.fail("configuration", failure.sentence, failure.help.into_iter().next()),
            Ok(session) => {
                installation::look(&session, &mut findings);
                sinks::look(&session, &mut findings);
                surfaces::look(&session, &mut findings);
            }
        }
        match self.format.format {
            Format::Json => out.json(&findings)?,
            Format::Text => print(&findings, out)?,
        }
        let fails = findings.checks.iter().any(|finding| finding.state == State::Fail);
        Ok(if fails { SOME } else { OK })
    }
}

fn print(findings: &Findings, out: &mut Output<'_>) -> io::Result<()> {
    let width = findings.checks.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
    let indent = 6 + width + 2;
    for Finding { name, state, message, remedy } in &findings.checks {
        let (word, style) = match state {
            State::Ok => ("ok", GOOD),
            State::Warn => ("warn", WARN),
            State::Fail => ("FAIL", BAD),
        };
        let line = Styled::new(format!("{word:<6}"), style).then(format!("{name:<width$}  "), STRONG);
        out.line(line.and(message.as_str()), indent)?;
        if let Some(remedy) = remedy {
            let line = Styled::new(format!("{:indent$}to mend it: ", ""), DIM).then(remedy.as_str(), COMMAND);
            out.line(line, indent)?;
        }
    }
    Ok(())
}
