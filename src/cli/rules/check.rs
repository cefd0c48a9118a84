//! `rules check`: validating a rule, or all that are asked for, with line and column. Knows nothing of what is wrong.

use crate::cli::diff::counted;
use crate::cli::error::{Answer, Failure, OK, TROUBLE};
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::style::{BAD, STRONG, Styled};
use crate::compose;
use crate::rules::{Origin, Problem, Rules, Source};
use clap::{Args, ValueHint};
use serde::Serialize;
use std::path::PathBuf;

/// Validate a rule or an exception, or all that are configured: problems with line and column
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 all hold, 2 one has errors or cannot be read.\n\nExamples:\n  mcpwatch rules check\n  mcpwatch rules check my-rule.yml"
)]
pub(crate) struct Check {
    /// The files; without one, all that are configured
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    format: FormatOption,
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Document {
    /// Whether all of it holds.
    valid: bool,
    /// How many rules hold.
    rules: usize,
    /// How many exceptions hold.
    exceptions: usize,
    /// What is wrong.
    problems: Vec<ProblemRow>,
}

/// One problem.
#[derive(Serialize)]
pub(super) struct ProblemRow {
    /// The file.
    file: String,
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
    /// What is wrong.
    message: String,
}

impl ProblemRow {
    pub(super) fn new(problem: &Problem) -> Self {
        Self {
            file: problem.file.display().to_string(),
            line: problem.line,
            column: problem.column,
            message: problem.sentence.clone(),
        }
    }
}

impl Check {
    /// Validates.
    pub(crate) fn run<'o>(
        &self,
        session: impl FnOnce() -> Result<Session<'o>, Failure>,
        out: &mut Output<'_>,
    ) -> Answer {
        let rules = match self.files.as_slice() {
            [] => session()?.setup.rules.load(),
            files => {
                let mut sources = Vec::new();
                for file in files {
                    sources.push(Source {
                        bytes: compose::read_rule(file)?,
                        file: file.clone(),
                        origin: Origin::Own,
                    });
                }
                // An exception may name a shipped rule.
                let has_shipped =
                    sources.iter().any(|source| source.bytes.windows(7).any(|part| part == b"filter:"));
                let shipped = Rules::shipped_sources().filter(|_| has_shipped);
                Rules::load(shipped.chain(sources))
            }
        };
        let is_own = |file: &PathBuf| self.files.is_empty() || self.files.contains(file);
        let held = rules.rules().iter().filter(|rule| is_own(&rule.file)).count();
        let excepted = rules.exceptions().len();
        match self.format.format {
            Format::Json => out.json(&Document {
                valid: rules.problems().is_empty(),
                rules: held,
                exceptions: excepted,
                problems: rules.problems().iter().map(ProblemRow::new).collect(),
            })?,
            Format::Text => {
                for problem in rules.problems() {
                    let place = format!("{}:{}:{}", problem.file.display(), problem.line, problem.column);
                    let line = Styled::new(place, STRONG).and(": ").then("error", BAD);
                    out.line(line.and(": ").and(problem.sentence.as_str()), 2)?;
                }
                let mut said = counted(held, "rule");
                if excepted > 0 {
                    said.push_str(&format!(" and {}", counted(excepted, "exception")));
                }
                let problems = counted(rules.problems().len(), "problem");
                out.line(format!("{said} in order, {problems}"), 2)?;
            }
        }
        Ok(if rules.problems().is_empty() { OK } else { TROUBLE })
    }
}
