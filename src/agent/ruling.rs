//! The rules in force: read anew when they may have changed. A file that is broken is said once a reason; what it said
//! before stays in force, as all others do. Must not know what rules say.

use super::running::Running;
use crate::model::event::AgentAction;
use crate::model::level::Level;
use crate::rules::Problem;
use std::collections::BTreeSet;

/// More of them are not told one by one.
const MOST: usize = 50;

impl Running<'_> {
    /// Reads the rules.
    pub(super) fn read_rules(&mut self) {
        let before = std::mem::take(&mut self.parts.rules);
        self.parts.rules = (self.plan.rules)().keeping(before);
        let now: BTreeSet<String> = self.parts.rules.problems().iter().map(Problem::to_string).collect();
        let before = std::mem::take(&mut self.rules_rejected);
        let new: Vec<&String> = now.difference(&before).collect();
        for why in new.iter().take(MOST) {
            let message = format!("a file of rules is refused; what it said before stays in force: {why}");
            self.record_own(AgentAction::RuleRejected, Level::High, &message);
        }
        if let Some(others) = new.len().checked_sub(MOST).filter(|others| *others > 0) {
            let message = format!("{others} more files of rules are refused: see mcpwatch rules check");
            self.record_own(AgentAction::RuleRejected, Level::High, &message);
        }
        self.rules_rejected = now;
    }
}
