//! Another plan takes the place of the one in force: a bad one is refused, and what it has in common with the old one
//! goes on. Must not know where a plan comes from.

use super::expectations::Expectations;
use super::running::Running;
use super::{AgentError, Plan};
use crate::model::event::AgentAction;
use crate::model::level::Level;

impl Running<'_> {
    /// Reads the configuration anew; a bad one is refused and the old one stays.
    pub(super) fn reload(&mut self) {
        self.service.reloading();
        match (self.replan)().and_then(|plan| self.adopt(plan)) {
            Ok(()) => {
                let message = "configuration and templates were read anew";
                self.record_own(AgentAction::AgentReloaded, Level::Informational, message);
            }
            Err(why) => {
                let message = format!("the configuration is refused, and the old one stays in force: {why}");
                self.record_own(AgentAction::ConfigRejected, Level::High, &message);
            }
        }
        self.service.ready("watching");
    }

    fn adopt(&mut self, mut plan: Plan) -> Result<(), AgentError> {
        let mut expectations = Expectations::default();
        let rejected = expectations.read_templates(&plan, self.recorder.journal_mut())?;
        let wanted = std::mem::take(&mut plan.homes);
        let is_same_cap = plan.cap == self.plan.cap;
        let rescan = plan.rescan;
        self.responding.go_by(plan.respond.clone());
        self.plan = plan;
        self.expectations = expectations;
        self.rejected = None;
        self.reject(rejected);
        let mut before = std::mem::take(&mut self.homes);
        for watched in wanted {
            let known = before.iter().position(|home| home.dir() == watched.layout.home);
            match known.map(|at| before.swap_remove(at)) {
                Some(home) if home.watched == watched && is_same_cap => self.homes.push(home),
                Some(mut home) => self.start(watched, std::mem::take(&mut home.pipeline))?,
                None => {
                    let pipeline = self.resumed(&watched.layout.home)?;
                    self.start(watched, pipeline)?;
                }
            }
        }
        self.start_sinks()?;
        self.start_metering()?;
        self.heed_openings();
        self.read_rules();
        self.upkeep.compare_every(rescan, self.parts.clock.elapsed());
        self.expect_anew(true);
        self.heed_standing();
        Ok(())
    }
}
