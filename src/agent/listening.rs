//! Hearing of what the agent is told otherwise than by homes: templates, rules, and what other processes commit. Must
//! not know what stands in any of it.

use super::Wake;
use super::running::Running;
use crate::host::entry::Entry;
use crate::host::file_bell::FileBell;
use crate::sensor::{Hint, Sensor};
use std::path::{Path, PathBuf};
use std::sync::mpsc::SyncSender;

/// Hears of templates, rules and the journal.
pub(super) struct Listener {
    /// Hears of templates and rules, and without a bell of what other processes commit.
    sensor: Option<Sensor>,
    /// Rings when another process has committed, and not when this one does.
    bell: Option<FileBell>,
}

impl Listener {
    /// Starts to listen; nothing is listened for yet.
    pub(super) fn start(wake: &SyncSender<Wake>) -> Self {
        let sensor = Sensor::by_notify(Box::new(waker(wake)));
        let bell = FileBell::start(waker(wake)).ok();
        // Templates and approvals count after the next comparison instead of at once.
        let sensor = sensor
            .inspect_err(|why| tracing::warn!(why, "no notifications for templates and approvals"))
            .ok();
        Self { sensor, bell }
    }

    /// What was heard since it was asked last.
    fn take(&self) -> Vec<Hint> {
        self.sensor.as_ref().map(|sensor| sensor.inbox().take()).unwrap_or_default()
    }

    /// Listens from now on for that journal, and for all that happens in these directories.
    fn listen(&mut self, journal: &Path, key: &Path, dirs: &[PathBuf]) {
        let Some(sensor) = &mut self.sensor else { return };
        let files = [journal.with_extension("db-wal"), journal.to_path_buf(), key.to_path_buf()];
        if let Some((bell, dir)) = self.bell.as_ref().zip(journal.parent()) {
            bell.attach_way(dir);
        }
        let is_rung_for = |file: &PathBuf| self.bell.as_ref().is_some_and(|bell| bell.attach(file).is_ok());
        let others = files.iter().filter(|file| !is_rung_for(file)).map(PathBuf::as_path);
        let _watches = sensor.watch(others, dirs, &Entry::at);
    }
}

impl Running<'_> {
    /// Hears what the listener has to say.
    pub(super) fn heed_listener(&mut self, is_rung: bool) {
        let hints = self.listener.take();
        if hints.is_empty() && !is_rung {
            return;
        }
        self.reattach_journal();
        self.delivering.ring();
        self.listen();
        let templates = hints.iter().any(|hint| !matches!(hint, Hint::Changed(_)));
        if templates {
            self.read_templates();
            self.read_rules();
        }
        if self.expectations.is_journal_changed(self.recorder.journal()) || templates {
            self.expect_anew(false);
        }
    }

    /// Listens for templates, and for what other processes commit.
    pub(super) fn listen(&mut self) {
        let dirs = [self.plan.template_dirs.as_slice(), &self.plan.rule_dirs].concat();
        let journal = self.recorder.journal();
        self.listener.listen(journal.path(), journal.key_file(), &dirs);
    }
}

/// Wakes the main thread.
fn waker(wake: &SyncSender<Wake>) -> impl Fn() + Send + 'static {
    let wake = wake.clone();
    move || {
        // Full: the main thread is about to look anyway.
        let _full = wake.try_send(Wake::Expectations);
    }
}
