//! The rules in force: read anew when they may have changed. One that is broken is said once a reason, and leaves the
//! others in force. Must not know what rules say.

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
        self.parts.rules = (self.plan.rules)();
        let now: BTreeSet<String> = self.parts.rules.problems().iter().map(Problem::to_string).collect();
        let before = std::mem::take(&mut self.rules_rejected);
        let new: Vec<&String> = now.difference(&before).collect();
        for why in new.iter().take(MOST) {
            let message = format!("a rule is not in force: {why}");
            self.record_own(AgentAction::RuleRejected, Level::High, &message);
        }
        if let Some(others) = new.len().checked_sub(MOST).filter(|others| *others > 0) {
            let message = format!("{others} more rules are not in force: see mcpwatch rules check");
            self.record_own(AgentAction::RuleRejected, Level::High, &message);
        }
        self.rules_rejected = now;
    }
}
