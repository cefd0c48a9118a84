//! One entry that was, would be or was not put right, as it is printed. Knows nothing of how it was done.

use super::masked::masked;
use crate::cli::naming;
use crate::cli::output::Output;
use crate::cli::paths;
use crate::cli::style::{ADDED, BAD, DIM, GOOD, REMOVED, STRONG, Styled};
use crate::drift::textdiff::{Tag, unified};
use crate::model::digest::Key;
use crate::model::drift::Judgement;
use crate::model::running_client::RunningClient;
use crate::restore::{self, Ground, Mended, Preview};
use crate::session;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Lines around a difference, all within the entry.
const CONTEXT: usize = 3;
/// An entry may have as many lines as its author likes.
const MOST_LINES: usize = 400;

/// What became of it.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    /// It is put right, and it took so long.
    Done(Mended, Duration),
    /// It would be.
    Planned,
    /// It was not, and why.
    Refused(String),
}

/// One entry.
pub(super) struct Row {
    pub(super) home: PathBuf,
    pub(super) judgement: Judgement,
    /// Whether it is to be there afterwards.
    pub(super) is_kept: bool,
    /// On whose word; none for what is no entry.
    pub(super) ground: Option<Ground>,
    pub(super) outcome: Outcome,
    pub(super) preview: Option<Preview>,
    /// The client's processes that loaded what stood.
    pub(super) holding: Vec<RunningClient>,
}

impl Row {
    pub(super) fn print(&self, key: &Key, out: &mut Output<'_>) -> io::Result<()> {
        let (word, style) = match &self.outcome {
            Outcome::Done(..) => ("reverted", GOOD),
            Outcome::Planned => ("would revert", STRONG),
            Outcome::Refused(_) => ("refused", BAD),
        };
        let judgement = &self.judgement;
        let sort = format!("  {}, {} scope", naming::sort(judgement), judgement.surface.scope);
        let line = Styled::new(word, style)
            .and("  ")
            .then(naming::name(judgement, &self.home), STRONG)
            .then(sort, DIM)
            .then(format!("  ({})", paths::short(&judgement.surface.file, &self.home)), DIM);
        out.line(line, 10)?;
        match &self.outcome {
            Outcome::Done(mended, took) => {
                let said = restore::done(judgement, self.is_kept, self.ground.as_ref(), mended)
                    + &session::advice(&self.holding);
                let figures = match mended.changed {
                    0 => String::new(),
                    bytes => format!(" ({bytes} bytes of the file, {} ms)", took.as_millis()),
                };
                out.line(Styled::plain(format!("          {said}")).then(figures, DIM), 10)
            }
            Outcome::Refused(why) => out.line(Styled::plain(format!("          {why}")), 10),
            Outcome::Planned => self.print_preview(key, out),
        }
    }

    fn print_preview(&self, key: &Key, out: &mut Output<'_>) -> io::Result<()> {
        let ground = self.ground.as_ref().map_or_else(|| "chmod go-w".to_owned(), ToString::to_string);
        let Some(preview) = &self.preview else {
            return out.line(Styled::plain(format!("          {ground}")), 10);
        };
        let Preview { line, changed, .. } = preview;
        out.line(Styled::new(format!("          line {line}, {changed} bytes, {ground}"), DIM), 10)?;
        let [before, after] = self.sides(key);
        let lines = unified(&before.unwrap_or_default(), &after.unwrap_or_default(), CONTEXT);
        for line in lines.iter().take(MOST_LINES) {
            let (sign, style) = match line.tag {
                Tag::Same => (' ', crate::cli::style::PLAIN),
                Tag::Expected => ('-', REMOVED),
                Tag::Observed => ('+', ADDED),
                Tag::Gap => ('…', DIM),
            };
            out.evidence(&Styled::new(format!("    {sign} {}", line.text), style), 10)?;
        }
        match lines.len().checked_sub(MOST_LINES) {
            Some(more @ 1..) => out.leave_out(&format!("    …{more} lines left out…")),
            _ => Ok(()),
        }
    }

    /// The entry before and after, as it may be shown.
    pub(super) fn sides(&self, key: &Key) -> [Option<String>; 2] {
        let Some(preview) = &self.preview else { return [None, None] };
        let values = [self.judgement.observed.as_ref(), self.judgement.expected.as_ref()];
        [&preview.before, &preview.after]
            .map(|side| side.as_ref().map(|side| masked(side.reveal(), values.into_iter().flatten(), key)))
    }
}
