//! How a sink is, and what of it is worth telling: its first trouble and its end, not each try. Must not know who is
//! told.

use crate::model::event::time_text;
use jiff::Timestamp;
use std::time::Duration;

/// Failures in a row that are nobody's business yet: a receiver that is started anew is back by then.
const QUIET: u32 = 2;

/// Who has to wait that long will not be back in a moment.
const LONG: Duration = Duration::from_secs(10);

/// Something that somebody should be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// It takes nothing.
    Failing {
        /// Why.
        why: String,
    },
    /// It takes events again, and has all there are.
    Restored,
    /// It does not want some events, now or ever.
    Refused {
        /// How many.
        events: u64,
        /// The number of the first that may be one of them.
        first: i64,
        /// The number of the last that may be one of them.
        last: i64,
        /// Why.
        why: String,
    },
}

/// How a sink is.
#[derive(Debug, Default)]
pub(super) struct Health {
    failures: u32,
    is_told: bool,
    /// What was noted last.
    noted: Option<String>,
    since: Option<Timestamp>,
    /// Whether anything was noted since the start: what stands there may be of another time.
    is_fresh: bool,
    reports: Vec<Report>,
}

impl Health {
    /// It took nothing, and will be asked again after that time.
    pub(super) fn fails(&mut self, why: &str, wait: Duration) {
        self.failures = self.failures.saturating_add(1);
        if !self.is_told && (self.failures > QUIET || wait >= LONG) {
            self.is_told = true;
            self.reports.push(Report::Failing { why: why.to_owned() });
        }
    }

    /// It took what there was; `has_all` when nothing is left.
    pub(super) fn delivers(&mut self, has_all: bool) {
        self.failures = 0;
        if has_all && self.is_told {
            self.is_told = false;
            self.reports.push(Report::Restored);
        }
    }

    /// It does not want so many of the events between those numbers.
    pub(super) fn refused(&mut self, events: u64, first: i64, last: Option<i64>, why: &str) {
        let (last, why) = (last.unwrap_or(first), why.to_owned());
        self.reports.push(Report::Refused { events, first, last, why });
    }

    /// Whether that is other than what was noted last; since when it has trouble.
    pub(super) fn changed(&mut self, why: Option<&str>, now: Timestamp) -> Option<String> {
        let is_same = self.noted.as_deref() == why && self.is_fresh;
        self.is_fresh = true;
        self.noted = why.map(str::to_owned);
        self.since = why.map(|_| self.since.unwrap_or(now));
        (!is_same).then(|| self.since.map(time_text).unwrap_or_default())
    }

    pub(super) fn take_reports(&mut self) -> Vec<Report> {
        std::mem::take(&mut self.reports)
    }
}
