//! The table: a figure, and beside it what it should be. Knows nothing of how a figure is found.

use std::time::Duration;

/// A heading, and what was done.
pub(crate) fn heading(name: &str, what: &str) {
    println!("\n{name}: {what}");
}

/// A figure without a target.
pub(crate) fn row(name: &str, figure: impl std::fmt::Display) {
    println!("  {name:<46} {figure:>12}");
}

/// A figure and its target.
pub(crate) fn target(name: &str, figure: impl std::fmt::Display, target: &str, is_met: bool) {
    let verdict = if is_met { "" } else { "  MISSED" };
    println!("  {name:<46} {figure:>12}  ({target}){verdict}");
}

/// A time whose target is a number of milliseconds.
pub(crate) fn time_target(name: &str, time: Duration, below: f64) {
    target(name, shown(time), &format!("< {below} ms"), milliseconds(time) < below);
}

/// A number that must be 0.
pub(crate) fn none(name: &str, count: usize) {
    target(name, count, "0", count == 0);
}

/// Kilobytes against a target in megabytes.
pub(crate) fn memory_target(name: &str, kilobytes: u64, below: u64) {
    target(name, megabytes(kilobytes), &format!("< {below} MB"), kilobytes < below * 1024);
}

pub(crate) fn megabytes(kilobytes: u64) -> String {
    let tenths = kilobytes * 10 / 1024;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}

pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

pub(crate) fn shown(time: Duration) -> String {
    let milliseconds = milliseconds(time);
    match milliseconds {
        ..0.1 => format!("{:.1} µs", milliseconds * 1e3),
        ..100.0 => format!("{milliseconds:.2} ms"),
        _ => format!("{milliseconds:.0} ms"),
    }
}

/// Times in their order.
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn new(mut times: Vec<Duration>) -> Self {
        times.sort();
        Self(times)
    }

    /// The time below which that share of them lies, in thousandths.
    pub(crate) fn at(&self, thousandths: usize) -> Duration {
        let index = (self.0.len() * thousandths / 1000).min(self.0.len().saturating_sub(1));
        self.0.get(index).copied().unwrap_or_default()
    }

    pub(crate) fn median(&self) -> Duration {
        self.at(500)
    }

    pub(crate) fn p99(&self) -> Duration {
        self.at(990)
    }

    pub(crate) fn most(&self) -> Duration {
        self.at(1000)
    }

    /// Median, 99th percentile and longest, without targets.
    pub(crate) fn print(&self, name: &str) {
        println!(
            "  {name:<46} {:>12}  p99 {}, most {}",
            shown(self.median()),
            shown(self.p99()),
            shown(self.most())
        );
    }
}
