//! How the agent is, in numbers. Must not know who reads them, nor how they are written.

use crate::model::level::Level;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// All of it at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Whether it runs, and goes on running.
    pub is_up: bool,
    /// Since when, in seconds since 1970.
    pub since: i64,
    /// When everything in a home was compared last.
    pub checked: Option<Timestamp>,
    /// How many homes, surfaces and projects are watched.
    pub watched: [usize; 3],
    /// The sensors that it hears from.
    pub sensors: Vec<String>,
    /// How many things are not watched as they should be.
    pub degraded: usize,
    /// How many drifts stand.
    pub standing: BTreeMap<Level, usize>,
    /// How many events there were since the start, by action and level.
    pub events: BTreeMap<(String, Level), u64>,
    /// How many wait for each sink, and whether it takes nothing.
    pub sinks: BTreeMap<String, (u64, bool)>,
}
