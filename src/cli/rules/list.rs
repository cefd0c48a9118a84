//! `rules list`: the rules in force and the exceptions. Knows nothing of how they are read.

use crate::cli::diff::counted;
use crate::cli::error::{Answer, OK};
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::style::{COMMAND, DIM, Styled, WARN, in_column};
use crate::cli::table::Table;
use crate::rules::{Exception, Rule};
use clap::Args;
use serde::Serialize;

/// List the rules in force, the gravest first
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcpwatch rules list\n  mcpwatch rules list --format json | jq -r '.rules[].name'\n  mcpwatch --rules ./my-rules rules list"
)]
pub(crate) struct List {
    #[command(flatten)]
    format: FormatOption,
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Document<'r> {
    /// The rules, the gravest first.
    rules: Vec<RuleRow<'r>>,
    /// The exceptions.
    exceptions: Vec<ExceptionRow<'r>>,
    /// Why others are not in force.
    problems: Vec<super::check::ProblemRow>,
}

/// One rule.
#[derive(Serialize)]
struct RuleRow<'r> {
    /// Its UUID.
    id: &'r str,
    /// Its file's name without the ending.
    name: &'r str,
    /// What it finds.
    title: &'r str,
    /// What it raises an event to.
    level: &'static str,
    /// `stable`, `test`, `experimental`, …
    status: Option<&'r str>,
    /// `shipped` or `own`.
    origin: &'static str,
    /// Its file.
    file: String,
    /// What it finds and why that matters.
    description: &'r str,
    /// When it is harmless.
    falsepositives: &'r [String],
    /// Techniques and the like.
    tags: &'r [String],
    /// Where to read on.
    references: &'r [String],
}

/// One exception.
#[derive(Serialize)]
struct ExceptionRow<'r> {
    /// Its UUID.
    id: &'r str,
    /// What it excepts.
    title: &'r str,
    /// The rules that it names; none means every rule.
    rules: &'r [String],
    /// Its file.
    file: String,
}

impl List {
    /// Prints them.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let rules = session.setup.rules.load();
        if self.format.format == Format::Json {
            out.json(&Document {
                rules: rules.rules().iter().map(RuleRow::new).collect(),
                exceptions: rules.exceptions().iter().map(ExceptionRow::new).collect(),
                problems: rules.problems().iter().map(super::check::ProblemRow::new).collect(),
            })?;
            return Ok(OK);
        }
        let mut table = Table::new(&["level", "rule", "finds"]);
        for rule in rules.rules() {
            table.row([
                Styled::new(rule.level.as_str(), in_column(rule.level)),
                Styled::new(rule.slug.as_str(), COMMAND),
                Styled::plain(rule.title.as_str()),
            ]);
        }
        table.print(out)?;
        out.gap()?;
        for exception in rules.exceptions() {
            let about =
                if exception.rules.is_empty() { "every rule".to_owned() } else { exception.rules.join(", ") };
            out.line(Styled::new("except ", DIM).and(format!("{} ({about})", exception.title)), 2)?;
        }
        out.line(counted(rules.rules().len(), "rule"), 0)?;
        if !rules.problems().is_empty() {
            let line = format!("{}, not in force: ", counted(rules.problems().len(), "problem"));
            let check = format!("mcpwatch{} rules check", session.repeated(None));
            out.line(Styled::new(line, WARN).then(check, COMMAND), 2)?;
        }
        Ok(OK)
    }
}

impl<'r> RuleRow<'r> {
    fn new(rule: &'r Rule) -> Self {
        Self {
            id: &rule.id,
            name: &rule.slug,
            title: &rule.title,
            level: rule.level.as_str(),
            status: rule.status.as_deref(),
            origin: rule.origin.as_str(),
            file: rule.file.display().to_string(),
            description: &rule.description,
            falsepositives: &rule.falsepositives,
            tags: &rule.tags,
            references: &rule.references,
        }
    }
}

impl<'r> ExceptionRow<'r> {
    fn new(exception: &'r Exception) -> Self {
        Self {
            id: &exception.id,
            title: &exception.title,
            rules: &exception.rules,
            file: exception.file.display().to_string(),
        }
    }
}
