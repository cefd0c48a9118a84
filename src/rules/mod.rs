//! Sigma rules over events: loaded, checked, evaluated. Pure: bytes come in, and which files they are from is the
//! caller's word. Must not know where rules lie, nor what becomes of an event.

mod apply;
mod dialog;
mod document;
mod example;
pub mod fields;
mod find;
mod keep;
mod level;
mod load;
mod problem;
mod read;
mod rule;
mod shipped;
#[cfg(test)]
mod tests;

pub use example::{Example, Wanted, shipped_examples};
pub use problem::Problem;
pub use rule::{Exception, Origin, Rule};

use rsigma_eval::CompiledRule;
use std::path::PathBuf;

/// A file with a rule or an exception is no larger than this.
pub const FILE_CAP: u64 = 1 << 20;

/// More files than this are not taken from a directory.
pub const MOST_FILES: usize = 1_000;

/// One file.
#[derive(Clone, Debug)]
pub struct Source {
    /// Where it came from, as problems name it.
    pub file: PathBuf,
    /// What it says.
    pub bytes: Vec<u8>,
    /// What it may be.
    pub origin: Origin,
}

/// The rules in force, and why others are not.
pub struct Rules {
    rules: Vec<Rule>,
    exceptions: Vec<Exception>,
    problems: Vec<Problem>,
    /// What the evaluator made of each rule, at the same places.
    conditions: Vec<CompiledRule>,
    /// The same for the exceptions.
    exception_conditions: Vec<CompiledRule>,
}

impl std::fmt::Debug for Rules {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rules")
            .field("rules", &self.rules.len())
            .field("exceptions", &self.exceptions.len())
            .field("problems", &self.problems)
            .finish_non_exhaustive()
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self::load([])
    }
}

impl Rules {
    /// The rules, in the order of their levels, the gravest first, and of their names.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The exceptions.
    pub fn exceptions(&self) -> &[Exception] {
        &self.exceptions
    }

    /// Why other files are not in force.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}
