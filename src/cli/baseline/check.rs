//! `baseline check`: validating a template, with line and column. Never prints a value of the file, which may
//! be a secret: of a line only the name that the problem is about is shown.

use crate::baseline::signed::{self, Keys};
use crate::baseline::template::{self, Severity, TemplateProblem};
use crate::cli::diff::counted;
use crate::cli::error::{Answer, Failure, OK, TROUBLE};
use crate::cli::options::{Format, FormatOption, Options};
use crate::cli::output::Output;
use crate::cli::style::{BAD, DIM, GOOD, STRONG, Styled, WARN};
use crate::compose;
use clap::{Args, ValueHint};
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};

/// Validate a template: problems with line and column
#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 the template holds, 2 it has errors or cannot be read.\n\nExamples:\n  mcpwatch baseline check acme.json\n  mcpwatch baseline check acme.json --key RWR8/p/N03b/Fp41ocWbbFzpL96K3qfFznmGtQSxYCzdT2a8mEmr+e1e\n  mcpwatch baseline check /etc/claude-code/managed-mcp.json"
)]
pub(crate) struct Check {
    /// The template; a .mcp.json, a managed-mcp.json or a managed-settings.json is one as it stands
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,
    /// Demand that this public key of minisign signed it; may be given several times. Without it, the keys that the
    /// configuration names for its directory
    #[arg(long, value_name = "KEY")]
    key: Vec<String>,
    #[command(flatten)]
    format: FormatOption,
}

/// What `--format json` prints.
#[derive(Serialize)]
struct Document {
    /// The file.
    file: String,
    /// Whether it would be used.
    valid: bool,
    /// What the template calls itself.
    name: Option<String>,
    /// Its version.
    version: Option<u64>,
    /// What its signature says; `null` where none is demanded.
    signature: Option<SignatureRow>,
    /// What is wrong, in the order of the file.
    problems: Vec<ProblemRow>,
}

/// What a signature says.
#[derive(Serialize)]
struct SignatureRow {
    /// Whether it counts.
    valid: bool,
    /// The comment that is signed with the content.
    trusted_comment: Option<String>,
    /// Why it does not count.
    problem: Option<String>,
}

/// One problem.
#[derive(Serialize)]
struct ProblemRow {
    /// `error` (the template is refused) or `warning`.
    severity: String,
    /// From 1.
    line: usize,
    /// In characters, from 1.
    column: usize,
    /// The names that lead to it, such as `mcpwatch.scopes[1]`.
    path: String,
    /// What is wrong.
    message: String,
    /// What to write instead.
    remedy: Option<String>,
}

impl Check {
    /// Validates.
    pub(crate) fn run(&self, options: &Options, out: &mut Output<'_>) -> Answer {
        let bytes = compose::read_template(&self.file)?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let parsed = template::parse(bytes.clone(), &self.file);
        let keys = self.keys(options)?;
        let signature = keys.map(|keys| SignatureRow::of(&self.file, &bytes, &keys, &parsed));
        let is_good = parsed.template.is_some() && signature.as_ref().is_none_or(|signature| signature.valid);
        match self.format.format {
            Format::Json => out.json(&Document {
                file: self.file.display().to_string(),
                valid: is_good,
                name: parsed.template.as_ref().map(|template| template.name.clone()),
                version: parsed.template.as_ref().and_then(|template| template.version),
                signature,
                problems: parsed.problems.iter().map(ProblemRow::new).collect(),
            })?,
            Format::Text => {
                parsed.problems.iter().try_for_each(|problem| print(problem, &text, out))?;
                summarise(&parsed, out)?;
                signature.iter().try_for_each(|signature| signature.print(out))?;
            }
        }
        Ok(if is_good { OK } else { TROUBLE })
    }

    /// Who must have signed it; `None` when nobody needs to.
    fn keys(&self, options: &Options) -> Result<Option<Keys>, Failure> {
        if self.key.is_empty() {
            return Ok(compose::template_keys(&options.wishes(), &self.file)?);
        }
        Ok(Some(Keys::parse(self.key.iter().map(String::as_str))?))
    }
}

impl SignatureRow {
    fn of(file: &Path, bytes: &[u8], keys: &Keys, parsed: &template::Parsed) -> Self {
        let verified = compose::read_signature(file).and_then(|signature| {
            keys.verify(bytes, &signature, file).map_err(|problem| problem.to_string())
        });
        let verified = verified.and_then(|signed| match &parsed.template {
            Some(template) if template.version.is_none() => Err(signed::NO_VERSION.to_owned()),
            _ => Ok(signed.comment),
        });
        Self {
            valid: verified.is_ok(),
            trusted_comment: verified.as_ref().ok().cloned(),
            problem: verified.err(),
        }
    }

    fn print(&self, out: &mut Output<'_>) -> io::Result<()> {
        let comment = self.trusted_comment.as_deref().unwrap_or_default();
        match &self.problem {
            None => out.line(Styled::new("Its signature holds", GOOD).then(format!(": {comment}"), DIM), 2),
            Some(problem) => {
                out.line(Styled::new("The signature is refused", BAD).and(format!(": {problem}")), 2)
            }
        }
    }
}

impl ProblemRow {
    fn new(problem: &TemplateProblem) -> Self {
        Self {
            severity: problem.severity.to_string(),
            line: problem.line,
            column: problem.column,
            path: problem.shown_path(),
            message: problem.sentence.clone(),
            remedy: problem.remedy.clone(),
        }
    }
}

fn print(problem: &TemplateProblem, text: &str, out: &mut Output<'_>) -> io::Result<()> {
    let style = if problem.severity == Severity::Error { BAD } else { WARN };
    let place = format!("{}:{}:{}", problem.file.display(), problem.line, problem.column);
    let path = problem.shown_path();
    let about = if path.is_empty() { String::new() } else { format!("{path}: ") };
    let line = Styled::new(place, STRONG)
        .and(": ")
        .then(problem.severity.to_string(), style)
        .and(format!(": {about}{}", problem.sentence));
    out.line(line, 2)?;
    if let Some(name) =
        text.split('\n').nth(problem.line.saturating_sub(1)).and_then(|line| name_at(line, problem.column))
    {
        let margin = format!("  {:>5} | ", problem.line);
        let carets = "^".repeat(crate::cli::wrap::width_of(&name));
        let dots = if problem.column > 1 { "… " } else { "" };
        let blank = " ".repeat(margin.len() - 2 + crate::cli::wrap::width_of(dots));
        out.line(Styled::new(margin, DIM).then(dots, DIM).and(name), 10)?;
        out.line(Styled::new(format!("{blank}| {carets}").replacen("| ", "  ", 1), style), 10)?;
    }
    if let Some(remedy) = &problem.remedy {
        out.line(Styled::new("  help", GOOD).and(format!(": {remedy}")), 8)?;
    }
    Ok(())
}

/// The name of a member that stands at that column, in its quotes; `None` when a value stands there.
fn name_at(line: &str, column: usize) -> Option<String> {
    let from = line.char_indices().nth(column.checked_sub(1)?)?.0;
    let rest = line.get(from..)?.strip_prefix('"')?;
    let end = rest.find(['"', '\\'])?;
    let (name, after) = rest.split_at_checked(end)?;
    let is_name = after.strip_prefix('"')?.trim_start().starts_with(':');
    is_name.then(|| format!("\"{name}\""))
}

fn summarise(parsed: &template::Parsed, out: &mut Output<'_>) -> io::Result<()> {
    let warnings = parsed.problems.len() - parsed.errors().count();
    match &parsed.template {
        Some(template) => {
            let version = template.version.map(|version| format!(" version {version}")).unwrap_or_default();
            let mut says = vec![counted(template.servers.len(), "server")];
            says.push(format!("{} allowed", counted(template.allow.iter().flatten().count(), "pattern")));
            says.push(format!("{} denied", counted(template.deny.len(), "pattern")));
            says.push(counted(template.settings.len(), "setting"));
            if warnings > 0 {
                says.push(counted(warnings, "warning"));
            }
            let line = Styled::new("The template holds", GOOD)
                .and(": ")
                .then(format!("{}{version}", template.name), STRONG)
                .then(format!(" · {}", says.join(", ")), DIM);
            out.line(line, 2)
        }
        None => {
            let errors = counted(parsed.errors().count(), "error");
            out.line(Styled::new("The template is refused", BAD).and(format!(": {errors}")), 2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_line_only_a_name_is_shown() {
        assert_eq!(name_at("  \"serverUrls\": \"https://x\"", 3).as_deref(), Some("\"serverUrls\""));
        assert_eq!(name_at("  \"a\": \"s3cr3t\"", 8), None);
        assert_eq!(name_at("  \"a\": \"s3cr3t\"", 4), None);
        assert_eq!(name_at("", 1), None);
        assert_eq!(name_at("x", 0), None);
    }
}
