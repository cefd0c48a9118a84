//! A rule and an exception as everybody else sees them. Must not know how they are evaluated.

use crate::model::level::Level;
use std::cmp::Reverse;
use std::path::PathBuf;

/// Where a rule comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// It came with the program.
    Shipped,
    /// It lies in a directory for rules, which may hold exceptions too.
    Own,
    /// It lies in a directory for exceptions, which holds nothing else.
    Exception,
}

impl Origin {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Own => "own",
            Self::Exception => "exception",
        }
    }
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its UUID.
    pub id: String,
    /// The name of its file, without the ending.
    pub slug: String,
    /// What it finds, in a few words.
    pub title: String,
    /// What it finds and why that matters.
    pub description: String,
    /// What an event that it matches is raised to.
    pub level: Level,
    /// `stable`, `test`, `experimental`, …
    pub status: Option<String>,
    /// When it is harmless.
    pub falsepositives: Vec<String>,
    /// `attack.t1195.002`, `owasp-mcp.mcp04`, …
    pub tags: Vec<String>,
    /// Where to read on.
    pub references: Vec<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// When.
    pub date: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// Its file.
    pub file: PathBuf,
    /// How much it looks at: of two rules of one level the one that says more comes first.
    pub(super) detail: usize,
}

impl Rule {
    /// By which rules stand in their order: the gravest first, then by name.
    pub(super) fn order(&self) -> (Reverse<Level>, &str, &str) {
        (Reverse(self.level), &self.slug, &self.id)
    }

    /// The techniques of MITRE ATT&CK, as that spells them: `T1195.002`.
    pub fn techniques(&self) -> impl Iterator<Item = String> {
        let is_technique = |name: &&str| {
            let digits = name.strip_prefix('t').unwrap_or_default();
            digits.starts_with(|first: char| first.is_ascii_digit())
                && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        };
        self.tags
            .iter()
            .filter_map(|tag| tag.strip_prefix("attack."))
            .filter(is_technique)
            .map(str::to_ascii_uppercase)
    }
}

/// A Sigma filter: where it says no, the rules that it names count as not matching.
#[derive(Clone, Debug, PartialEq)]
pub struct Exception {
    /// Its UUID.
    pub id: String,
    /// What it excepts, in a few words.
    pub title: String,
    /// Why.
    pub description: String,
    /// The rules, by id or name; none means every rule.
    pub rules: Vec<String>,
    /// Its file.
    pub file: PathBuf,
}

impl Exception {
    /// Whether it is about that rule.
    pub fn concerns(&self, rule: &Rule) -> bool {
        self.rules.is_empty() || self.rules.iter().any(|named| *named == rule.id || *named == rule.slug)
    }
}
