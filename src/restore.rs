//! From drifts to a restored file: what is to be put back on whose word, in which order, and doing it. Knows nothing of
//! who asks, of the journal, or of how it is told.
//!
//! [`plan()`] is pure: it decides, and proves of everything that it will put somewhere that the client reads it there as
//! what was approved. [`mend()`] does it to one file: lock, read, splice, exchange, read back; what was saved in between
//! stands, and it starts over. [`put_login_back()`] does the same to a lost login of the client.

mod canonical;
mod clear_up;
mod deputy;
mod login;
mod mend;
mod order;
mod plan;
mod preview;
#[cfg(test)]
mod tests;
mod wanted;
mod words;

pub use clear_up::{clear_up, clear_up_beside};
pub use deputy::{COMMAND, act, carry_out};
pub use login::{LoginRefusal, put_login_back, require_no_login};
pub use mend::{Mended, mend};
pub use order::{Order, OrderedEdit};
pub use plan::{Scene, plan};
pub use preview::{Preview, preview};
pub use words::{cut_short, done, not_done, subject};

use crate::model::drift::Judgement;
use crate::model::secret::Secret;
use crate::model::surface::Surface;

/// On whose word something is put right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ground {
    /// A template's.
    Template(String),
    /// That of the approval with this number.
    Approval(i64),
    /// Nobody has approved what is there.
    Nobody,
}

/// Whose word is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Everybody's that is in the baseline.
    All,
    /// Templates and administrators: what an account approved for itself is not put back by root on its own.
    Administrators,
}

/// One entry that is to be put right.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// What is wrong with it.
    pub judgement: Judgement,
    /// The names that lead to it.
    pub path: Vec<String>,
    /// What it is to be; `None` for not there.
    pub wanted: Option<Secret>,
    /// On whose word.
    pub ground: Ground,
}

/// What is to be done to one file, all of it at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Mend {
    /// The file.
    pub surface: Surface,
    /// The entries.
    pub edits: Vec<Edit>,
    /// Set where others may write the file, which is to be ended.
    pub opened: Option<Judgement>,
    /// Whether the file was a link when it was judged.
    pub is_linked: bool,
}

/// What is not put right, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// What is wrong.
    pub judgement: Judgement,
    /// Why it stays so, and what to do: one sentence without a secret.
    pub why: String,
}

/// Everything that is to be done, in its order: hooks first, since they may undo what comes after.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// File by file.
    pub mends: Vec<Mend>,
    /// What is not done.
    pub refused: Vec<Refused>,
}

impl Mend {
    /// Everything that is put right by it.
    pub fn judgements(&self) -> impl Iterator<Item = &Judgement> {
        self.edits.iter().map(|edit| &edit.judgement).chain(&self.opened)
    }
}

impl std::fmt::Display for Ground {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Template(name) => write!(f, "template {name}"),
            Self::Approval(id) => write!(f, "approval {id}"),
            Self::Nobody => f.write_str("no approval"),
        }
    }
}
