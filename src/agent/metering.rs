//! How the agent is, in numbers: counted, gathered and written to a file from time to time, if anybody wants it. Must
//! not know how the numbers are spelled.

use super::running::Running;
use crate::export::prometheus;
use crate::host::published::publish;
use crate::journal::Batch;
use crate::model::level::Level;
use crate::model::metrics::Metrics;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

/// How often the files are written.
const EVERY: Duration = Duration::from_secs(15);

/// How soon after something happened.
const SOON: Duration = Duration::from_secs(1);

/// More kinds of events are not told apart: there are not that many.
const MOST: usize = 2_000;

/// What is counted, and who writes it.
#[derive(Default)]
pub(super) struct Metering {
    /// The files, and the thread that writes them: a file system that hangs holds up nobody else.
    writer: Option<(Vec<PathBuf>, SyncSender<Metrics>)>,
    events: BTreeMap<(String, Level), u64>,
    checked: Option<Timestamp>,
    due: Option<Duration>,
}

impl Metering {
    /// Counts what is recorded.
    pub(super) fn count(&mut self, batch: &Batch, elapsed: Duration) {
        if self.writer.is_none() || batch.events.is_empty() {
            return;
        }
        for event in &batch.events {
            let kind = (event.action().to_owned(), event.level());
            if self.events.len() < MOST || self.events.contains_key(&kind) {
                *self.events.entry(kind).or_default() += 1;
            }
        }
        self.due = self.due.map(|due| due.min(elapsed + SOON));
    }

    /// Everything in a home was compared.
    pub(super) fn compared(&mut self, now: Timestamp) {
        self.checked = Some(now);
    }

    /// When the files are to be written, by the clock that nobody sets.
    pub(super) fn due(&self) -> Option<Duration> {
        self.due
    }
}

impl Running<'_> {
    /// Begins to write the files of the plan, or ends it.
    pub(super) fn start_metering(&mut self) -> io::Result<()> {
        let files = std::mem::take(&mut self.plan.metrics);
        if self.metering.writer.as_ref().is_some_and(|(before, _)| *before == files) {
            return Ok(());
        }
        self.metering.writer = None;
        self.metering.due = None;
        if !files.is_empty() {
            let (sender, metrics) = sync_channel(1);
            let written = files.clone();
            thread::Builder::new().name("metrics".into()).spawn(move || write(&written, &metrics))?;
            self.metering.writer = Some((files, sender));
            self.metering.due = Some(self.elapsed());
        }
        Ok(())
    }

    /// Writes the files if it is time.
    pub(super) fn meter(&mut self, elapsed: Duration) {
        if self.beginning.is_none() && self.metering.due.is_some_and(|due| due <= elapsed) {
            self.metering.due = Some(elapsed + EVERY);
            self.write_metrics(true);
        }
    }

    /// Says that it is up no longer.
    pub(super) fn end_metering(&mut self) {
        self.write_metrics(false);
        self.metering.writer = None;
    }

    fn write_metrics(&self, is_up: bool) {
        let Some((_, writer)) = &self.metering.writer else { return };
        // Full: the one before is being written, and the next is not far.
        let _full = writer.try_send(self.metrics(is_up));
    }

    fn metrics(&self, is_up: bool) -> Metrics {
        let mut standing = BTreeMap::new();
        for drift in self.homes.iter().flat_map(|home| home.pipeline.standing()) {
            *standing.entry(drift.level).or_default() += 1;
        }
        let watched = self.homes.iter().map(|home| [1, home.sight.surfaces, home.sight.projects]);
        let sum = |sum: [usize; 3], one: [usize; 3]| [sum[0] + one[0], sum[1] + one[1], sum[2] + one[2]];
        let journal = self.recorder.journal();
        let sinks = self.delivering.configured().filter_map(|sink| {
            let state = journal.sink(&sink.name).ok()?;
            let taken = state.as_ref().map_or(0, |state| state.taken);
            let pending = journal.pending(taken, &sink.selection).ok()?;
            Some((sink.name.clone(), (pending, state.is_some_and(|state| state.trouble.is_some()))))
        });
        Metrics {
            is_up,
            since: self.since.as_second(),
            checked: self.metering.checked,
            watched: watched.fold([0; 3], sum),
            sensors: self.sensors(),
            degraded: self.degraded().len(),
            standing,
            events: self.metering.events.clone(),
            sinks: sinks.collect(),
        }
    }
}

fn write(files: &[PathBuf], metrics: &Receiver<Metrics>) {
    let mut is_said = false;
    for metrics in metrics {
        let text = prometheus::text(&metrics);
        for file in files {
            match publish(file, text.as_bytes()) {
                Ok(()) => is_said = false,
                Err(why) if !is_said => {
                    is_said = true;
                    tracing::warn!(%why, "the numbers for Prometheus were not written");
                }
                Err(_) => {}
            }
        }
    }
}
