//! What `revert --format json` prints. Its keys are a promise.

use super::rows::{Outcome, Row};
use crate::cli::naming;
use crate::model::digest::Key;
use serde::Serialize;

/// The one object.
#[derive(Debug, Serialize)]
pub(super) struct Document {
    /// Every entry that was meant; empty when there is no drift.
    reverts: Vec<RevertRow>,
}

/// One entry. What is not known or does not apply is `null`.
#[derive(Debug, Serialize)]
struct RevertRow {
    /// `reverted`, `planned` (with `--dry-run`) or `refused`.
    outcome: &'static str,
    /// Why it was refused.
    reason: Option<String>,
    /// The name, as `diff` prints it.
    name: String,
    /// `server`, `setting`, `file`, …
    sort: &'static str,
    /// The client that reads the file, such as `claude-code`.
    client: &'static str,
    /// `user`, `local`, `project`, `managed` or `plugin`.
    scope: &'static str,
    /// The file, as an absolute path.
    file: String,
    /// The project that it is about.
    project: Option<String>,
    /// The kinds of the drifts that it answers.
    kinds: Vec<&'static str>,
    /// On whose word: `template NAME`, `approval ID` or `no approval`.
    ground: Option<String>,
    /// How many bytes of the file are, or would be, gone or new.
    bytes_changed: Option<usize>,
    /// How long it took, in microseconds.
    microseconds: Option<u64>,
    /// The line on which it stands; only with `--dry-run`, as are the two after it.
    line: Option<usize>,
    /// The entry as it stands there; secrets are `‹secret 3f9a1c›`.
    before: Option<String>,
    /// The entry as it would stand there.
    after: Option<String>,
    /// The client's processes that loaded what stood, by their numbers.
    held_by: Vec<u32>,
}

impl Document {
    pub(super) fn of(rows: &[Row], key: &Key) -> Self {
        Self { reverts: rows.iter().map(|row| RevertRow::of(row, key)).collect() }
    }
}

impl RevertRow {
    fn of(row: &Row, key: &Key) -> Self {
        let judgement = &row.judgement;
        let (outcome, reason, bytes, took) = match &row.outcome {
            Outcome::Done(mended, took) => ("reverted", None, Some(mended.changed), Some(*took)),
            Outcome::Planned => ("planned", None, row.preview.as_ref().map(|preview| preview.changed), None),
            Outcome::Refused(why) => ("refused", Some(why.clone()), None, None),
        };
        let [before, after] = row.sides(key);
        Self {
            outcome,
            reason,
            name: naming::name(judgement, &row.home),
            sort: naming::sort(judgement),
            client: judgement.surface.client.as_str(),
            scope: judgement.surface.scope.as_str(),
            file: judgement.surface.file.display().to_string(),
            project: judgement.project.as_ref().map(|project| project.display().to_string()),
            kinds: judgement.drifts.iter().map(|drift| drift.kind.as_str()).collect(),
            ground: row.ground.as_ref().map(ToString::to_string),
            bytes_changed: bytes,
            microseconds: took.map(|took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX)),
            line: row.preview.as_ref().map(|preview| preview.line),
            before,
            after,
            held_by: row.holding.iter().map(|client| client.pid).collect(),
        }
    }
}
