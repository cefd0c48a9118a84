//! Events that a rule must match, and near misses that it must not. Must not know where those of others lie.

use super::Rules;
use super::rule::Rule;
use include_dir::{Dir, include_dir};
use serde_json::{Map, Value};

static EXAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/tests/rules");

/// What an example is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// The rule must match it.
    Match,
    /// The rule must not match it.
    Miss,
}

impl Wanted {
    /// What a file of that name is for: `match-….json` or `near-….json`.
    pub fn of(name: &str) -> Option<Self> {
        let stem = name.strip_suffix(".json")?;
        if stem.starts_with("match-") {
            return Some(Self::Match);
        }
        stem.starts_with("near-").then_some(Self::Miss)
    }
}

/// One example.
#[derive(Clone, Debug)]
pub struct Example {
    /// The rule that it is for.
    pub slug: String,
    /// Its file's name.
    pub name: String,
    /// What it is for.
    pub wanted: Wanted,
    /// The event's document.
    pub bytes: Vec<u8>,
}

impl Example {
    /// Why the example does not hold; `None` when it does.
    pub fn fault(&self, rule: &Rule, rules: &Rules) -> Option<String> {
        let document: Map<String, Value> = match serde_json::from_slice(&self.bytes) {
            Ok(document) => document,
            Err(error) => return Some(format!("is no event: {error}")),
        };
        let is_match = rules.finding(&document).rules.iter().any(|found| found.id == rule.id);
        match (self.wanted, is_match) {
            (Wanted::Match, false) => Some("should match and does not".to_owned()),
            (Wanted::Miss, true) => Some("should not match and does".to_owned()),
            _ => None,
        }
    }
}

/// The examples of the rules that the program brings along.
pub fn shipped_examples() -> impl Iterator<Item = Example> {
    EXAMPLES.dirs().flat_map(|dir| {
        let slug = dir.path().to_string_lossy().into_owned();
        dir.files().filter_map(move |file| {
            let name = file.path().file_name()?.to_string_lossy().into_owned();
            let wanted = Wanted::of(&name)?;
            Some(Example { slug: slug.clone(), name, wanted, bytes: file.contents().to_vec() })
        })
    })
}
