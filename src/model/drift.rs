//! One typed difference between baseline and inventory, and everything said about one subject.

use crate::model::kind::DriftKind;
use crate::model::level::Level;
use crate::model::subject::Subject;
use crate::model::surface::Surface;
use crate::model::text::Text;
use crate::model::value::Value;
use std::path::PathBuf;

/// On whose word a drift stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A template says otherwise.
    Template,
    /// Something else was approved, or nothing was.
    Approval,
    /// It looks wrong without any baseline.
    Lint,
}

impl Source {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Template => "template",
            Self::Approval => "approval",
            Self::Lint => "lint",
        }
    }
}

/// One drift.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// What kind.
    pub kind: DriftKind,
    /// How much it matters here.
    pub level: Level,
    /// The component that differs, such as `url.host`, `env.LD_PRELOAD`, `hooks.SessionStart`.
    pub field: Option<String>,
    /// What it should be.
    pub expected: Option<Text>,
    /// What it is.
    pub observed: Option<Text>,
    /// On whose word.
    pub source: Source,
    /// The template's name, or the approval's number.
    pub baseline: Option<String>,
    /// One sentence for a person. Never holds a secret.
    pub summary: String,
    /// What an approval of this drift approves, where it differs from the judgement's subject (a finding).
    pub finding: Option<Subject>,
}

/// Everything said about one subject: the two contents and the drifts between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// What it is about.
    pub subject: Subject,
    /// Where it stands (or stood).
    pub surface: Surface,
    /// The project it belongs to, for display.
    pub project: Option<PathBuf>,
    /// The server's name, when it is about a server.
    pub server: Option<String>,
    /// The line of the file on which it starts, where known.
    pub line: Option<usize>,
    /// What it should be.
    pub expected: Option<Value>,
    /// What it is.
    pub observed: Option<Value>,
    /// The text as it stands in the file, for approving; empty when there is none.
    pub raw: crate::model::secret::Secret,
    /// What differs, the gravest first. Never empty in a check's answer.
    pub drifts: Vec<Drift>,
    /// The template that rules this subject, so that it cannot be approved here.
    pub ruled_by: Option<String>,
}

impl Judgement {
    /// The gravest level of its drifts.
    pub fn level(&self) -> Level {
        self.drifts.iter().map(|drift| drift.level).max().unwrap_or(Level::Informational)
    }
}
