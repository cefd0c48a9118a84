//! `rules test`: every rule against its own examples. Knows nothing of how rules are evaluated.

use crate::cli::diff::counted;
use crate::cli::error::{Answer, OK, SOME};
use crate::cli::options::{Format, FormatOption};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::style::{BAD, COMMAND, Styled, WARN};
use crate::compose;
use crate::rules::{Example, Origin, Rules, Wanted, shipped_examples};
use clap::{Args, ValueHint};
use serde::Serialize;
use std::path::PathBuf;

/// Run each rule against its own examples
#[derive(Args, Debug)]
#[command(
    after_help = "The examples of my-rule.yml are events in DIR/my-rule/match-*.json, which it must match, and near-*.json,\nwhich it must not. Without --examples those beside the rules are taken: RULES/tests/my-rule/.\n\nExit codes: 0 all hold, 1 one does not.\n\nExamples:\n  mcpwatch rules test\n  mcpwatch --rules ./my-rules rules test\n  mcpwatch --rules ./my-rules rules test --examples ./examples"
)]
pub(crate) struct Test {
    /// Where the examples of your own rules lie
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    examples: Option<PathBuf>,
    #[command(flatten)]
    format: FormatOption,
}

/// What `--format json` prints.
#[derive(Default, Serialize)]
struct Document {
    /// How many rules were tested.
    rules: usize,
    /// How many examples were tried.
    examples: usize,
    /// What does not hold.
    failures: Vec<FailureRow>,
    /// The rules of which no example was found.
    untested: Vec<String>,
}

/// One example that does not hold.
#[derive(Serialize)]
struct FailureRow {
    /// The rule's name.
    rule: String,
    /// The example's file.
    example: String,
    /// What is wrong.
    message: String,
}

impl Test {
    /// Tests them.
    pub(crate) fn run(&self, session: &Session<'_>, out: &mut Output<'_>) -> Answer {
        let rules = session.setup.rules.load();
        let mut document = Document::default();
        let own = self.own_examples(session, &rules);
        let examples: Vec<(Origin, Example)> = shipped_examples()
            .map(|example| (Origin::Shipped, example))
            .chain(own.into_iter().map(|example| (Origin::Own, example)))
            .collect();
        for rule in rules.rules() {
            let mut tried = 0;
            for (_, example) in examples
                .iter()
                .filter(|(origin, example)| *origin == rule.origin && example.slug == rule.slug)
            {
                tried += 1;
                if let Some(message) = example.fault(rule, &rules) {
                    let (rule, example) = (rule.slug.clone(), example.name.clone());
                    document.failures.push(FailureRow { rule, example, message });
                }
            }
            document.rules += 1;
            document.examples += tried;
            if tried == 0 {
                document.untested.push(rule.slug.clone());
            }
        }
        match self.format.format {
            Format::Json => out.json(&document)?,
            Format::Text => print(&document, out)?,
        }
        Ok(if document.failures.is_empty() { OK } else { SOME })
    }

    /// What cannot be read is an example that fails, since it is none.
    fn own_examples(&self, session: &Session<'_>, rules: &Rules) -> Vec<Example> {
        let mut found = Vec::new();
        let beside: Vec<PathBuf> = session.setup.rules.own.iter().map(|dir| dir.join("tests")).collect();
        let dirs = self.examples.as_ref().map_or(beside, |dir| vec![dir.clone()]);
        for rule in rules.rules().iter().filter(|rule| rule.origin == Origin::Own) {
            for dir in dirs.iter().map(|dir| dir.join(&rule.slug)) {
                let mut names = compose::list_examples(&dir).unwrap_or_default();
                names.sort();
                for name in names {
                    let path = dir.join(&name);
                    let name = name.to_string_lossy().into_owned();
                    let Some(wanted) = Wanted::of(&name) else { continue };
                    let bytes = compose::read_rule(&path).unwrap_or_default();
                    found.push(Example { slug: rule.slug.clone(), name, wanted, bytes });
                }
            }
        }
        found
    }
}

fn print(document: &Document, out: &mut Output<'_>) -> std::io::Result<()> {
    for failure in &document.failures {
        let line = Styled::new(failure.rule.as_str(), COMMAND).and(": ").then(failure.example.as_str(), BAD);
        out.line(line.and(format!(" {}", failure.message)), 2)?;
    }
    for rule in &document.untested {
        out.line(Styled::new(rule.as_str(), COMMAND).then(": no example was found", WARN), 2)?;
    }
    let (rules, examples) = (counted(document.rules, "rule"), counted(document.examples, "example"));
    out.line(format!("{rules}, {examples}, {} that do not hold", document.failures.len()), 2)
}
