//! What `diff` prints for people: by file, then by server or setting. Knows nothing of how drifts are found.

use crate::cli::diff::entry;
use crate::cli::diff::next::{Step, advice, is_all_lint};
use crate::cli::naming::{self, Namesakes};
use crate::cli::output::Output;
use crate::cli::paths;
use crate::cli::style::{COMMAND, DIM, GOOD, STRONG, Styled, in_column, of_level};
use crate::credentials::witness;
use crate::model::credentials::Credentials;
use crate::model::digest::Key;
use crate::model::drift::Judgement;
use crate::model::level::Level;
use crate::model::subject::Subject;
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};

/// The most servers and settings of one home that are shown.
pub(crate) const MOST_SHOWN: usize = 200;
/// Under a drift's level.
const SUMMARY_INDENT: usize = 19;

/// What was found in one home.
pub(crate) struct Page<'a> {
    /// The home.
    pub(crate) home: &'a Path,
    /// The options that a command about it needs, each with a space before it.
    pub(crate) options: String,
    /// Why nothing can be approved here, where that is so.
    pub(crate) switched_off: Option<String>,
    /// Everything that is to be shown, the gravest first.
    pub(crate) shown: Vec<&'a Judgement>,
    /// Everything that was found, for telling names apart.
    pub(crate) namesakes: Namesakes<'a>,
    /// The client's credentials files, whose logins are witnesses of the endpoints that they were made at.
    pub(crate) credentials: &'a [Credentials],
    /// What an agent recorded of it.
    pub(crate) recorded: HashMap<Subject, Recorded>,
}

/// What an agent recorded of a server or a setting.
#[derive(Debug)]
pub(crate) struct Recorded {
    /// Who did it, where that is known.
    pub(crate) author: Option<String>,
    /// At which level the gravest event told it, after rules and authorship.
    pub(crate) level: Level,
    /// The rule that said so.
    pub(crate) rule: Option<String>,
}

/// Prints one home, grouped by file; the file with the gravest drift comes first.
pub(crate) fn print(page: &Page<'_>, key: &Key, to: &mut Output<'_>) -> io::Result<()> {
    let mut groups: Vec<(String, Vec<&Judgement>)> = Vec::new();
    for judgement in page.shown.iter().take(MOST_SHOWN) {
        let header = header(judgement, page.home);
        match groups.iter_mut().find(|(known, _)| *known == header) {
            Some((_, members)) => members.push(judgement),
            None => groups.push((header, vec![judgement])),
        }
    }
    if page.shown.len() > MOST_SHOWN {
        let more = page.shown.len() - MOST_SHOWN;
        to.leave_out(&format!("Only the gravest {MOST_SHOWN} are shown: {more} more were left out"))?;
        to.gap()?;
    }
    for (_, members) in groups {
        if let Some(first) = members.first() {
            to.line(header_line(first, page.home), 2)?;
        }
        for judgement in members {
            print_judgement(judgement, page, key, to)?;
        }
        to.gap()?;
    }
    Ok(())
}

fn header(judgement: &Judgement, home: &Path) -> String {
    header_line(judgement, home).0.into_iter().map(|span| span.text).collect()
}

fn header_line(judgement: &Judgement, home: &Path) -> Styled {
    let line = Styled::new(paths::short(&judgement.surface.file, home), STRONG)
        .then(format!("  {} scope", judgement.surface.scope), DIM);
    match &judgement.project {
        Some(project) => line.then(format!(", project {}", paths::short(project, home)), DIM),
        None => line,
    }
}

fn print_judgement(judgement: &Judgement, page: &Page<'_>, key: &Key, to: &mut Output<'_>) -> io::Result<()> {
    let level = judgement.level();
    let mut title = Styled::plain("  ")
        .then(naming::name(judgement, page.home), STRONG)
        .then(format!("  {}", naming::sort(judgement)), DIM);
    if let Some(line) = judgement.line {
        title = title.then(format!(", line {line}"), DIM);
    }
    to.gap()?;
    to.line(title.and("  ").then(badge(level), of_level(level)), 4)?;
    for drift in &judgement.drifts {
        let line = Styled::plain("    ")
            .then(format!("{:<13}", drift.level), in_column(drift.level))
            .and("  ")
            .then(drift.kind.as_str(), STRONG);
        to.line(line, SUMMARY_INDENT)?;
        to.line(format!("{:SUMMARY_INDENT$}{}", "", drift.summary), SUMMARY_INDENT)?;
    }
    if is_all_lint(judgement) {
        entry::print_as_is(judgement.observed.as_ref(), key, to)?;
    } else {
        entry::print(judgement.expected.as_ref(), judgement.observed.as_ref(), key, to)?;
    }
    if let Some(witness) = witness::of_judgement(judgement, page.credentials) {
        to.gap()?;
        to.line(format!("    {}", witness.sentence()), 4)?;
    }
    if let Some(recorded) = page.recorded.get(&judgement.subject) {
        print_recorded(recorded, level, to)?;
    }
    to.gap()?;
    for advice in advice(judgement, &page.namesakes, page.home, &page.options, page.switched_off.as_deref()) {
        let purpose = Styled::new(format!("    {:<13}  ", advice.purpose), DIM);
        let line = match advice.step {
            Step::Command(command) => purpose.then(command, COMMAND),
            Step::Words(words) => purpose.and(words),
        };
        to.line(line, SUMMARY_INDENT)?;
    }
    Ok(())
}

/// Who did it; and at which level it was told, where that is another one: rules know who did it, a comparison does not.
fn print_recorded(recorded: &Recorded, level: Level, to: &mut Output<'_>) -> io::Result<()> {
    if recorded.author.is_some() || recorded.level != level {
        to.gap()?;
    }
    if let Some(author) = &recorded.author {
        to.evidence(&Styled::plain("    ").then(author, STRONG), SUMMARY_INDENT)?;
    }
    if recorded.level != level {
        let told = Styled::plain("    told as ").then(recorded.level.as_str(), in_column(recorded.level));
        let rule = recorded.rule.as_ref().map(|rule| format!(", rule {rule}")).unwrap_or_default();
        to.line(told.then(rule, DIM), SUMMARY_INDENT)?;
    }
    Ok(())
}

fn badge(level: Level) -> String {
    format!(" {} ", level.as_str().to_uppercase())
}

/// Counts for the last line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Drifts by level.
    levels: [usize; Level::ALL.len()],
    /// The files they stand in.
    files: BTreeSet<PathBuf>,
    /// Surfaces that were looked at and are there.
    pub(crate) surfaces: usize,
}

impl Totals {
    /// Adds a judgement's drifts.
    pub(crate) fn count(&mut self, judgement: &Judgement) {
        for drift in &judgement.drifts {
            for (level, count) in Level::ALL.iter().zip(&mut self.levels) {
                *count += usize::from(*level == drift.level);
            }
        }
        self.files.insert(judgement.surface.file.to_path_buf());
    }

    /// How many drifts there are.
    pub(crate) fn drifts(&self) -> usize {
        self.levels.iter().sum()
    }

    /// Prints the last line. `names` is what was asked for, empty for everything.
    pub(crate) fn print(&self, names: &[String], to: &mut Output<'_>) -> io::Result<()> {
        let read = format!("{} read", counted(self.surfaces, "surface"));
        if self.drifts() == 0 {
            let what = match names {
                [] => "everything is".to_owned(),
                [one] => format!("{one} is"),
                several => format!("each of {} is", several.join(", ")),
            };
            return to.line(
                Styled::new(format!("No drift: {what} as it should be"), GOOD)
                    .then(format!(" · {read}"), DIM),
                2,
            );
        }
        let mut line = Styled::new(counted(self.drifts(), "drift"), STRONG).and(": ");
        let present = Level::ALL.iter().zip(self.levels).rev().filter(|(_, count)| *count > 0);
        for (at, (level, count)) in present.enumerate() {
            line =
                line.and(if at == 0 { "" } else { ", " }).then(format!("{count} {level}"), in_column(*level));
        }
        to.line(
            line.and(format!(" in {}", counted(self.files.len(), "file"))).then(format!(" · {read}"), DIM),
            2,
        )
    }
}

/// `1 file`, `2 files`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::samples::{HOME, server};
    use crate::model::surface::Scope;
    use unicode_width::UnicodeWidthStr as _;

    fn printed(judgements: &[Judgement], colour: bool) -> String {
        let mut bytes = Vec::new();
        let mut output = Output::to(&mut bytes, 80, colour);
        let page = Page {
            home: Path::new(HOME),
            recorded: HashMap::new(),
            switched_off: None,
            credentials: &[],
            options: String::new(),
            shown: judgements.iter().collect(),
            namesakes: Namesakes::of(judgements, Path::new(HOME)),
        };
        print(&page, &Key::from_bytes([1; 32]), &mut output).unwrap();
        drop(output);
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_page_says_where_what_and_what_to_type() {
        let text = printed(&[server("linear", Scope::User, None)], false);
        for part in [
            "~/.claude.json  user scope\n",
            "  linear  server, line 42   HIGH \n",
            "    high           endpoint-host-changed\n",
            "    to accept it   mcpwatch approve linear\n",
            "    -   \"url\": \"https://mcp.linear.app/mcp\"\n",
        ] {
            assert!(text.contains(part), "{part:?} is missing in\n{text}");
        }
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_nothing_hides() {
        let hostile = format!("a\u{1b}]0;x\u{7}\u{202e}{}", "y".repeat(200));
        let mut judgement =
            server(&hostile, Scope::Local, Some("/home/a/very/long/path/to/some/project/of/mine"));
        judgement.observed =
            Some(crate::cli::samples::entry(&format!("https://{}\u{2066}.test/", "e".repeat(300))));
        judgement.drifts[0].summary = "w".repeat(150);
        let text = printed(&[judgement], false);
        for line in text.lines() {
            assert!(line.width() <= 80, "{line}");
            assert!(!line.chars().any(crate::model::hidden::is_hidden), "{line:?}");
        }
        assert!(text.contains("\\u{202e}") && text.contains("\\u{2066}"));
    }

    #[test]
    fn files_are_groups_and_the_last_line_counts() {
        let both = [server("a", Scope::User, None), server("b", Scope::User, None)];
        assert_eq!(printed(&both, false).matches("~/.claude.json  user scope").count(), 1);
        let mut totals = Totals { surfaces: 14, ..Totals::default() };
        let say = |totals: &Totals| {
            let mut bytes = Vec::new();
            let mut output = Output::to(&mut bytes, 80, false);
            totals.print(&[], &mut output).unwrap();
            drop(output);
            String::from_utf8(bytes).unwrap()
        };
        assert_eq!(say(&totals), "No drift: everything is as it should be · 14 surfaces read\n");
        both.iter().for_each(|judgement| totals.count(judgement));
        assert_eq!(say(&totals), "2 drifts: 2 high in 1 file · 14 surfaces read\n");
    }
}
