//! What was in force stays in force where its file is broken now. Must not know what a rule says.

use super::Rules;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

impl Rules {
    /// The same rules, and of those before each whose file, or whose directory, is refused now. A file that is gone
    /// takes its rule along: that is how a rule is taken out of force.
    pub fn keeping(mut self, before: Self) -> Self {
        let refused: HashSet<PathBuf> = self.problems.iter().map(|problem| problem.file.clone()).collect();
        if refused.is_empty() {
            return self;
        }
        let is_refused = |file: &Path| {
            refused.contains(file) || file.parent().is_some_and(|directory| refused.contains(directory))
        };
        for (rule, condition) in before.rules.into_iter().zip(before.conditions) {
            if is_refused(&rule.file) && !self.rules.iter().any(|known| known.id == rule.id) {
                let at = self.rules.partition_point(|known| known.order() <= rule.order());
                self.rules.insert(at, rule);
                self.conditions.insert(at, condition);
            }
        }
        for (exception, condition) in before.exceptions.into_iter().zip(before.exception_conditions) {
            if is_refused(&exception.file) && !self.exceptions.iter().any(|known| known.id == exception.id) {
                self.exceptions.push(exception);
                self.exception_conditions.push(condition);
            }
        }
        self
    }
}
