//! Numbers as Prometheus reads them, in its text format
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>). Must not know where the text goes.

use super::VERSION;
use crate::model::level::Level;
use crate::model::metrics::Metrics;
use std::fmt::{Display, Write as _};

/// The whole text.
pub fn text(metrics: &Metrics) -> String {
    let mut page = Page::default();
    page.head(
        "mcpwatch_up",
        "gauge",
        "Whether the agent runs. A file that is no longer written says nothing.",
    );
    page.value("mcpwatch_up", &[], u8::from(metrics.is_up));
    page.head("mcpwatch_info", "gauge", "The version.");
    page.value("mcpwatch_info", &[("version", VERSION)], 1);
    page.head("mcpwatch_start_time_seconds", "gauge", "Since when the agent runs.");
    page.value("mcpwatch_start_time_seconds", &[], metrics.since);
    if let Some(checked) = metrics.checked {
        let name = "mcpwatch_last_check_timestamp_seconds";
        page.head(name, "gauge", "When everything in a home was compared last.");
        page.value(name, &[], checked.as_second());
    }
    page.head("mcpwatch_watched", "gauge", "How much is watched.");
    for (kind, count) in ["homes", "surfaces", "projects"].into_iter().zip(metrics.watched) {
        page.value("mcpwatch_watched", &[("kind", kind)], count);
    }
    page.head("mcpwatch_sensor", "gauge", "The sensors that the agent hears from.");
    for sensor in &metrics.sensors {
        page.value("mcpwatch_sensor", &[("sensor", sensor)], 1);
    }
    page.head("mcpwatch_degraded", "gauge", "How many things are not watched as they should be.");
    page.value("mcpwatch_degraded", &[], metrics.degraded);
    page.head("mcpwatch_drifts_standing", "gauge", "How many drifts stand now.");
    for level in Level::ALL {
        let count = metrics.standing.get(&level).copied().unwrap_or(0);
        page.value("mcpwatch_drifts_standing", &[("level", level.as_str())], count);
    }
    page.head("mcpwatch_events_total", "counter", "How many events there were since the agent started.");
    for ((action, level), count) in &metrics.events {
        page.value("mcpwatch_events_total", &[("action", action), ("level", level.as_str())], count);
    }
    page.head("mcpwatch_sink_pending_events", "gauge", "How many events a sink has not taken yet.");
    for (sink, (pending, _)) in &metrics.sinks {
        page.value("mcpwatch_sink_pending_events", &[("sink", sink)], pending);
    }
    page.head("mcpwatch_sink_failing", "gauge", "Whether a sink takes nothing.");
    for (sink, (_, is_failing)) in &metrics.sinks {
        page.value("mcpwatch_sink_failing", &[("sink", sink)], u8::from(*is_failing));
    }
    page.0
}

/// The text as it grows. NOTE(ignored): writing to a string cannot fail.
#[derive(Default)]
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn value(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (at, (label, text)) in labels.iter().enumerate() {
            let before = if at == 0 { '{' } else { ',' };
            let _ = write!(self.0, "{before}{label}=\"{}\"", escaped(text));
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
}

/// A label's value: backslash, quote and line break have escapes.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_number_has_its_line_and_no_label_forges_another() {
        let metrics = Metrics {
            is_up: true,
            since: 7,
            checked: Some(jiff::Timestamp::UNIX_EPOCH),
            watched: [1, 2, 3],
            sensors: vec!["fanotify".into(), "evil\"} 1\nforged{x=\"\\".into()],
            standing: BTreeMap::from([(Level::High, 2)]),
            events: BTreeMap::from([(("drift-ended".into(), Level::Low), 5)]),
            sinks: BTreeMap::from([("siem".into(), (9, true))]),
            ..Metrics::default()
        };
        let text = text(&metrics);
        for line in [
            "mcpwatch_up 1",
            "mcpwatch_watched{kind=\"projects\"} 3",
            "mcpwatch_last_check_timestamp_seconds 0",
            "mcpwatch_drifts_standing{level=\"high\"} 2",
            "mcpwatch_drifts_standing{level=\"low\"} 0",
            "mcpwatch_events_total{action=\"drift-ended\",level=\"low\"} 5",
            "mcpwatch_sink_pending_events{sink=\"siem\"} 9",
            "mcpwatch_sink_failing{sink=\"siem\"} 1",
            "mcpwatch_sensor{sensor=\"evil\\\"} 1\\nforged{x=\\\"\\\\\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(text.ends_with('\n') && text.lines().all(|line| line.starts_with(['#', 'm'])), "{text}");
    }
}
