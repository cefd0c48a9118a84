//! `rules explain`: what a rule or a drift kind means, in a terminal. Knows nothing of the texts but their shape.

use crate::cli::error::{Answer, Failure, OK};
use crate::cli::output::Output;
use crate::cli::session::Session;
use crate::cli::style::{COMMAND, DIM, STRONG, Styled};
use crate::drift::explain::explanation;
use crate::model::kind::DriftKind;
use crate::rules::{Rule, Rules};
use clap::Args;
use std::fmt::Write as _;
use std::io;

/// Say what a rule or a drift kind means, when it is harmless and what to do about it
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  mcpwatch rules explain endpoint-host-changed\n  mcpwatch rules explain install-redirects-endpoint"
)]
pub(crate) struct Explain {
    /// The drift kind as `diff` and `events` print it, or a rule's name or id
    #[arg(value_name = "ID-or-KIND")]
    id: String,
}

impl Explain {
    /// Prints the text.
    pub(crate) fn run<'o>(
        &self,
        session: impl FnOnce() -> Result<Session<'o>, Failure>,
        out: &mut Output<'_>,
    ) -> Answer {
        if let Ok(kind) = self.id.parse() {
            print(explanation(kind), out)?;
            return Ok(OK);
        }
        let rules = session()?.setup.rules.load();
        let rule = rules.find(&self.id).ok_or_else(|| unknown(&self.id, &rules))?;
        print(&about(rule), out)?;
        Ok(OK)
    }
}

fn unknown(id: &str, rules: &Rules) -> Failure {
    let failure = Failure::new(format!("\"{id}\" is neither a rule nor a drift kind"));
    let kind = DriftKind::ALL
        .iter()
        .map(|kind| (strsim::damerau_levenshtein(kind.as_str(), id), kind.as_str()))
        .filter(|(distance, kind)| *distance <= kind.len() / 2)
        .min();
    match kind.map(|(_, kind)| kind).or_else(|| rules.nearest(id)) {
        Some(near) => failure.help(format!("did you mean \"{near}\"?")),
        None => failure.help("mcpwatch rules list names the rules; diff and events name drift kinds"),
    }
}

/// A rule in the shape of a drift kind's text.
fn about(rule: &Rule) -> String {
    let mut text = format!("# {}\n\nLevel: {}. Rule `{}`, id {}", rule.title, rule.level, rule.slug, rule.id);
    if let Some(status) = &rule.status {
        // NOTE(ignored): writing to a string cannot fail.
        let _ = write!(text, ", status {status}");
    }
    text.push_str(".\n\n");
    text.push_str(&rule.description);
    let mut list = |heading: &str, items: &[String]| {
        if !items.is_empty() {
            // NOTE(ignored): writing to a string cannot fail.
            let _ = write!(text, "\n\n## {heading}\n");
            items.iter().for_each(|item| text.push_str(&format!("\n- {item}")));
        }
    };
    list("When it is harmless", &rule.falsepositives);
    list("Tags", &rule.tags);
    list("Where to read on", &rule.references);
    list("File", &[rule.file.display().to_string()]);
    text
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
    fn every_shipped_rule_is_explained_within_the_width() {
        for rule in Rules::shipped().rules() {
            let mut bytes = Vec::new();
            let mut out = Output::to(&mut bytes, 80, false);
            print(&about(rule), &mut out).unwrap();
            drop(out);
            let text = String::from_utf8(bytes).unwrap();
            assert!(text.starts_with(&rule.title) && text.contains("When it is harmless"), "{text}");
            assert!(text.lines().all(|line| line.width() <= 80 || line.contains("https://")), "{text}");
        }
    }

    #[test]
    fn a_slip_of_the_finger_is_met_with_the_nearest() {
        let rules = Rules::shipped();
        assert_eq!(unknown("hook-chnaged", &rules).help, ["did you mean \"hook-changed\"?"]);
        assert!(unknown("xyzzyxyzzy", &rules).help[0].contains("rules list"));
    }
}
