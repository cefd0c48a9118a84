//! The homes that the agent watches: started, and what comes of them taken in. Must not know what a drift is, nor how
//! it is recorded.

use super::AgentError;
use super::Wake;
use super::Watched;
use super::home::Home;
use super::observation::Observation;
use super::running::Running;
use crate::journal::Batch;
use crate::pipeline::Pipeline;
use std::path::Path;
use std::time::Duration;

impl Running<'_> {
    /// Starts to watch a home.
    pub(super) fn start(&mut self, watched: Watched, pipeline: Pipeline) -> Result<(), AgentError> {
        self.last_number += 1;
        let (wake, cap) = (self.wake.clone(), self.plan.cap);
        let hand_on = move |word| wake.send(Wake::Word(word)).is_ok();
        let guard = self.resumed_guard(&watched.layout.home);
        let mut home = Home::start(self.last_number, watched, pipeline, cap, &self.parts, hand_on)?;
        home.guard = guard;
        self.homes.push(home);
        Ok(())
    }

    /// What was told of that home before.
    pub(super) fn resumed(&self, dir: &Path) -> Result<Pipeline, AgentError> {
        Ok(Pipeline::resume(self.recorder.journal().standing(dir)?))
    }

    /// What was seen of a home.
    pub(super) fn saw(&mut self, observation: Observation) {
        self.recall();
        let home = self.homes.iter_mut().find(|home| home.number == observation.home);
        // One that is watched no longer may still have something to say.
        let batch = home.map(|home| home.take(observation, &self.parts));
        self.take(batch.unwrap_or_default());
        self.openings.look();
    }

    /// What came of a home: told at once, unless not everything was looked at yet.
    fn take(&mut self, batch: Batch) {
        match &mut self.beginning {
            Some(beginning) => beginning.hold(batch),
            None => self.record(batch),
        }
    }

    /// Takes a step of every home for which it is time.
    pub(super) fn step_due(&mut self, elapsed: Duration) {
        self.recall();
        let due = self.homes.iter_mut().filter(|home| home.due.is_some_and(|due| due <= elapsed));
        let batches: Vec<Batch> = due.map(|home| home.step(&self.parts)).collect();
        batches.into_iter().for_each(|batch| self.take(batch));
    }
}
