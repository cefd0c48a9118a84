//! What is told of sinks: that one takes nothing, that it does again, that it refused something. An event about a sink
//! goes to that sink too; so each is told seldom, and none of them brings forth the next. Must not know what a sink is
//! made of.

use super::running::Running;
use crate::delivery::Report;
use crate::model::event::{AgentAction, Event};
use crate::model::level::Level;
use std::collections::BTreeMap;
use std::time::Duration;

/// Of one sink the same is told once in that time; until then it is counted.
const SELDOM: Duration = Duration::from_secs(600);

/// What was told of the sinks, by their names.
#[derive(Debug, Default)]
pub(super) struct SinkReports {
    told: BTreeMap<String, Told>,
}

#[derive(Debug, Default)]
struct Told {
    failing: Option<Duration>,
    /// Whether the end of what was told is still to be told.
    is_open: bool,
    refused: Option<Duration>,
    untold: u64,
}

/// What to tell.
#[derive(Debug, PartialEq, Eq)]
struct News {
    action: AgentAction,
    level: Level,
    message: String,
}

impl SinkReports {
    /// What to tell of a report, if anything. `elapsed` is by the clock that nobody sets.
    fn news(&mut self, sink: &str, report: &Report, elapsed: Duration) -> Option<News> {
        let told = self.told.entry(sink.to_owned()).or_default();
        let is_early = |last: Option<Duration>| last.is_some_and(|last| elapsed < last + SELDOM);
        let (action, level, message) = match report {
            Report::Failing { .. } if is_early(told.failing) => return None,
            Report::Failing { why } => {
                (told.failing, told.is_open) = (Some(elapsed), true);
                let message =
                    format!("the sink {sink} takes nothing; what happens waits for it in the journal: {why}");
                (AgentAction::SinkFailing, Level::Medium, message)
            }
            Report::Restored => {
                if !std::mem::take(&mut told.is_open) {
                    return None;
                }
                let message = format!("the sink {sink} takes events again and has all there are");
                (AgentAction::SinkRestored, Level::Informational, message)
            }
            Report::Refused { events, .. } if is_early(told.refused) => {
                told.untold += events;
                return None;
            }
            Report::Refused { events, first, last, why } => {
                told.refused = Some(elapsed);
                let which = match (first == last, std::mem::take(&mut told.untold)) {
                    (true, 0) => format!("event {first}"),
                    (false, 0) => format!("{events} of the events {first} to {last}"),
                    (_, before) => format!("{} events, of late among {first} to {last}", events + before),
                };
                let message = format!("the sink {sink} refused {which}, and is not sent them again: {why}");
                (AgentAction::SinkRefused, Level::Medium, message)
            }
        };
        Some(News { action, level, message })
    }
}

impl Running<'_> {
    /// Tells what a sink reports, if it is worth it.
    pub(super) fn take_report(&mut self, sink: &str, report: &Report) {
        let elapsed = self.elapsed();
        let Some(News { action, level, message }) = self.sink_reports.news(sink, report, elapsed) else {
            return;
        };
        let mut event: Event = self.own_event(action, level, &message);
        event.set("mcpwatch.sink.name", sink);
        if let Report::Refused { events, first, last, .. } = report {
            event.set("mcpwatch.sink.refused", *events);
            event.set("mcpwatch.sink.first", *first);
            event.set("mcpwatch.sink.last", *last);
        }
        self.record_event(event);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing() -> Report {
        Report::Failing { why: "down".into() }
    }

    fn refused(number: i64) -> Report {
        Report::Refused { events: 1, first: number, last: number, why: "bad data".into() }
    }

    #[test]
    fn a_sink_that_comes_and_goes_is_told_seldom() {
        let mut reports = SinkReports::default();
        let mut news = |report: &Report, second| {
            reports.news("siem", report, Duration::from_secs(second)).map(|news| news.action)
        };
        assert_eq!(news(&failing(), 0), Some(AgentAction::SinkFailing));
        assert_eq!(news(&Report::Restored, 1), Some(AgentAction::SinkRestored));
        for second in 2..600 {
            assert_eq!(news(&failing(), second), None);
            assert_eq!(news(&Report::Restored, second), None, "what was not told has no end");
        }
        assert_eq!(news(&failing(), 600), Some(AgentAction::SinkFailing));
    }

    #[test]
    fn refusals_are_counted_until_they_are_told() {
        let mut reports = SinkReports::default();
        let mut news = |number, second| {
            reports.news("siem", &refused(number), Duration::from_secs(second)).map(|news| news.message)
        };
        assert!(news(7, 0).unwrap().contains("refused event 7, and is not sent"));
        assert_eq!((news(8, 1), news(9, 2)), (None, None));
        assert!(news(10, 700).unwrap().contains("refused 3 events"));
    }

    #[test]
    fn sinks_do_not_keep_each_other_quiet() {
        let mut reports = SinkReports::default();
        for sink in ["a", "b"] {
            assert!(reports.news(sink, &failing(), Duration::ZERO).unwrap().message.contains(sink));
        }
    }
}
