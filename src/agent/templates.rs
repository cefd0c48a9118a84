//! Templates that are not in force: said once a reason. Must not know what they say.

use super::running::Running;
use crate::baseline::signed::Rejected;
use crate::model::event::AgentAction;
use crate::model::level::Level;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// A template comes before its signature, or after it: what is between the two is not said.
const DELIVERY: Duration = Duration::from_secs(2);

/// What is not signed as it must be.
#[derive(Debug, Default)]
pub(super) struct Unsigned {
    told: BTreeMap<String, PathBuf>,
    waiting: BTreeMap<String, PathBuf>,
    due: Option<Duration>,
}

impl Unsigned {
    /// Takes in all there is now. What was there before waits no longer for it, and what is no more is forgotten.
    fn now(&mut self, rejected: Vec<Rejected>, elapsed: Duration) {
        let now: BTreeMap<String, PathBuf> =
            rejected.into_iter().map(|rejected| (rejected.why, rejected.file)).collect();
        self.told.retain(|why, _| now.contains_key(why));
        self.waiting = now.into_iter().filter(|(why, _)| !self.told.contains_key(why)).collect();
        self.due = match self.due {
            _ if self.waiting.is_empty() => None,
            Some(due) => Some(due),
            None => Some(elapsed + DELIVERY),
        };
    }

    /// What is to be said now.
    fn take(&mut self, elapsed: Duration) -> Vec<(String, PathBuf)> {
        if self.due.take_if(|due| *due <= elapsed).is_none() {
            return Vec::new();
        }
        let waiting = std::mem::take(&mut self.waiting);
        self.told.extend(waiting.clone());
        waiting.into_iter().collect()
    }

    /// When something is to be said.
    pub(super) fn due(&self) -> Option<Duration> {
        self.due
    }

    /// What was said and still is so.
    pub(super) fn told(&self) -> impl Iterator<Item = &str> {
        self.told.keys().map(String::as_str)
    }
}

impl Running<'_> {
    /// Reads the templates anew; bad ones leave the last good in force, and that is said once a reason.
    pub(super) fn read_templates(&mut self) {
        let why = match self.expectations.read_templates(&self.plan, self.recorder.journal_mut()) {
            Ok(rejected) => {
                self.reject(rejected);
                None
            }
            Err(error) => Some(error.to_string()),
        };
        if why != self.rejected
            && let Some(why) = &why
        {
            let message = format!("a template is refused, and the last good ones stay in force: {why}");
            self.record_own(AgentAction::TemplateRejected, Level::High, &message);
        }
        self.rejected = why;
    }

    /// Takes in which of the templates are not signed as they must be.
    pub(super) fn reject(&mut self, rejected: Vec<Rejected>) {
        let elapsed = self.elapsed();
        self.unsigned.now(rejected, elapsed);
    }

    /// Says which templates are not in force, if they still are not.
    pub(super) fn tell_unsigned(&mut self, elapsed: Duration) {
        if self.unsigned.due.is_none_or(|due| due > elapsed) {
            return;
        }
        self.read_templates();
        for (why, file) in self.unsigned.take(elapsed) {
            let message = format!("a template is rejected: {why}");
            let mut event = self.own_event(AgentAction::TemplateRejected, Level::High, &message);
            event.set("file.path", file.to_string_lossy().into_owned());
            self.record_event(event);
        }
        self.expect_anew(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rejected(why: &str) -> Vec<Rejected> {
        vec![Rejected { file: "/b/acme.json".into(), why: why.to_owned() }]
    }

    #[test]
    fn what_is_between_a_template_and_its_signature_is_not_said() {
        let mut unsigned = Unsigned::default();
        let at = Duration::from_secs;
        unsigned.now(rejected("no signature"), at(1));
        assert_eq!((unsigned.due(), unsigned.take(at(2))), (Some(at(3)), vec![]));
        unsigned.now(Vec::new(), at(2));
        assert_eq!((unsigned.due(), unsigned.take(at(9))), (None, vec![]));
    }

    #[test]
    fn what_stays_is_said_once_and_again_when_it_comes_back() {
        let mut unsigned = Unsigned::default();
        let at = Duration::from_secs;
        for round in [0, 100] {
            unsigned.now(rejected("older"), at(round));
            unsigned.now(rejected("older"), at(round + 1));
            assert_eq!(unsigned.take(at(round + 2)).len(), 1, "not put off by every look");
            unsigned.now(rejected("older"), at(round + 3));
            assert_eq!((unsigned.due(), unsigned.told().count()), (None, 1));
            unsigned.now(Vec::new(), at(round + 4));
            assert_eq!(unsigned.told().count(), 0);
        }
    }
}
