//! `rules explain`: what a drift kind means, in a terminal. Knows nothing of the texts but their shape.

use crate::cli::error::{Answer, Failure, OK};
use crate::cli::output::Output;
use crate::cli::style::{COMMAND, DIM, STRONG, Styled};
use crate::drift::explain::explanation;
use crate::model::kind::DriftKind;
use clap::{Args, Subcommand};
use std::io;

/// Say what a rule or a drift kind means
#[derive(Args, Debug)]
pub(crate) struct Rules {
    #[command(subcommand)]
    command: RulesCommand,
}

#[derive(Debug, Subcommand)]
enum RulesCommand {
    Explain(Explain),
}

/// Say what a drift kind means, when it is harmless and what to do about it
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcpwatch rules explain endpoint-host-changed\n  mcpwatch rules explain hook-changed"
)]
struct Explain {
    /// The drift kind, as `diff` and `events` print it
    #[arg(value_name = "ID-or-KIND")]
    id: String,
}

impl Rules {
    /// Prints the text.
    pub(crate) fn run(&self, out: &mut Output<'_>) -> Answer {
        let RulesCommand::Explain(Explain { id }) = &self.command;
        let kind: DriftKind = id.parse().map_err(|_| unknown(id))?;
        print(explanation(kind), out)?;
        Ok(OK)
    }
}

fn unknown(id: &str) -> Failure {
    let failure = Failure::new(format!("\"{id}\" is neither a rule nor a drift kind"));
    let nearest = DriftKind::ALL
        .iter()
        .map(|kind| (strsim::damerau_levenshtein(kind.as_str(), id), kind.as_str()))
        .min()
        .filter(|(distance, kind)| *distance <= kind.len() / 2);
    match nearest {
        Some((_, kind)) => failure.help(format!("did you mean \"{kind}\"?")),
        None => {
            let kinds: Vec<_> = DriftKind::ALL.iter().map(|kind| kind.as_str()).collect();
            failure.help(format!("the drift kinds are {}", kinds.join(", ")))
        }
    }
}

/// Shows Markdown: headings strong, code in the tone of commands, paragraphs filled to the terminal's width.
fn print(markdown: &str, out: &mut Output<'_>) -> io::Result<()> {
    for block in markdown.trim().split("\n\n") {
        if let Some(heading) = block.strip_prefix('#') {
            out.line(Styled::new(heading.trim_start_matches(['#', ' ']), STRONG), 0)?;
        } else if block.starts_with("    ") {
            block.lines().try_for_each(|line| out.line(Styled::new(line, COMMAND), 8))?;
        } else {
            paragraphs(block).iter().try_for_each(|text| out.line(inline(text), hanging(text)))?;
        }
        out.gap()?;
    }
    Ok(())
}

/// The items of a list, or the one paragraph, each as one line.
fn paragraphs(block: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in block.lines() {
        match found.last_mut() {
            Some(last) if !is_item(line) => {
                last.push(' ');
                last.push_str(line.trim_start());
            }
            _ => found.push(line.to_owned()),
        }
    }
    found
}

fn is_item(line: &str) -> bool {
    line.starts_with("- ") || line.starts_with("* ")
}

fn hanging(text: &str) -> usize {
    if is_item(text) { 2 } else { 0 }
}

/// Code between backticks in its own tone.
fn inline(text: &str) -> Styled {
    let mut styled = Styled::default();
    for (at, part) in text.split('`').enumerate() {
        styled = if at % 2 == 1 { styled.then(part, COMMAND) } else { styled.and(part) };
    }
    if text.starts_with("Level: ") {
        styled.0.iter_mut().for_each(|span| span.style = DIM);
    }
    styled
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr as _;

    #[test]
    fn every_kind_is_explained_within_the_width() {
        for kind in DriftKind::ALL {
            let mut bytes = Vec::new();
            let mut out = Output::to(&mut bytes, 80, false);
            print(explanation(*kind), &mut out).unwrap();
            drop(out);
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.starts_with(kind.as_str()) && !text.contains('`'), "{text}");
            assert!(text.lines().all(|line| line.width() <= 80), "{text}");
        }
    }

    #[test]
    fn a_slip_of_the_finger_is_met_with_the_nearest() {
        assert_eq!(unknown("hook-chnaged").help, ["did you mean \"hook-changed\"?"]);
        assert!(unknown("x").help[0].starts_with("the drift kinds are"));
    }
}
