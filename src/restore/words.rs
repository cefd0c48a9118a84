//! What is said of a revert, in one sentence. Must not know to whom.

use super::{Ground, Mended};
use crate::host::leftovers::Cleared;
use crate::model::drift::Judgement;
use crate::model::subject::Subject;
use std::path::Path;

const LEFT: &str = "beside it lies what may be a save that a revert displaced when it was killed (its name goes on with .mcpwatch-): \
    compare the two, and remove it";

/// What a judgement is about, in words.
pub fn subject(judgement: &Judgement) -> String {
    let scope = judgement.surface.scope;
    match &judgement.subject {
        Subject::Server { name, .. } => format!("the server {} ({scope} scope)", name.escape_debug()),
        Subject::Setting { key, .. } => format!("the setting {} ({scope} scope)", key.escape_debug()),
        Subject::File(file) | Subject::Managed(file) => format!("the file {}", file.display()),
        Subject::Target(file) => format!("the program {}", file.display()),
        Subject::Finding { about, .. } => about.escape_debug().to_string(),
    }
}

/// That it was done, what it came from, and what is to be known of how.
pub fn done(judgement: &Judgement, is_kept: bool, ground: Option<&Ground>, mended: &Mended) -> String {
    let what = subject(judgement);
    let mut said = match (ground, is_kept, mended.changed) {
        (None, ..) => format!("{what} can be written by its owner only again"),
        (Some(ground), _, 0) => format!("{what} was already as {ground} says"),
        (Some(ground @ Ground::Nobody), ..) => format!("{what} was taken out: {ground}"),
        (Some(ground), true, _) => format!("{what} was put back as {ground} says"),
        (Some(ground), false, _) => format!("{what} was taken out, as {ground} says"),
    };
    said.extend(remarks(mended).map(|remark| format!("; {remark}")));
    said
}

/// What is to be known of how it was done.
fn remarks(mended: &Mended) -> impl Iterator<Item = &'static str> {
    let held =
        "somebody held the client's lock for longer than the client itself waits, so it was done without";
    let weaker = "this file system cannot exchange two files: a save in that moment would have been lost";
    let unsure = "the disk did not confirm it: a loss of power may undo it";
    let is_left = mended.cleared.left > 0;
    [
        (mended.without_lock, held),
        (mended.without_exchange, weaker),
        (mended.without_sync, unsure),
        (is_left, LEFT),
    ]
    .into_iter()
    .filter_map(|(is_so, remark)| is_so.then_some(remark))
}

/// That it was not done.
pub fn not_done(judgement: &Judgement, why: &str) -> String {
    format!("{} was not reverted: {why}", subject(judgement))
}

/// That a revert was killed, and what became of what it left beside the file.
pub fn cut_short(file: &Path, cleared: &Result<Cleared, String>) -> String {
    let file = file.display();
    let what = match cleared {
        Err(why) => format!("what it left beside the file could not be cleared up: {why}"),
        Ok(Cleared { left: 1.., .. }) => LEFT.to_owned(),
        Ok(Cleared { .. }) => "what it left beside the file is gone, and nothing is lost".to_owned(),
    };
    format!("a revert of {file} was killed before it ended; {what}")
}
