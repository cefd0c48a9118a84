//! Installs whose code opens the client's credentials: each is told once a file. Must not know how an opening is heard.

use super::Wake;
use super::running::Running;
use crate::attribution::Attribution;
use crate::model::event::{AgentAction, Context, Event};
use crate::model::level::Level;
use crate::model::process::ProcessId;
use crate::model::provenance::Provenance;
use crate::model::touch::Touch;
#[cfg(target_os = "linux")]
use crate::sensor::reads::Reads;
use crate::surface::claude_code::Layout;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

/// So many that were told are remembered.
const MOST: usize = 256;

/// An install opened a file that holds credentials.
pub(super) struct Opened {
    file: Arc<Path>,
    by: Provenance,
}

/// The watch over them.
pub(super) struct Openings {
    #[cfg(target_os = "linux")]
    reads: Option<Reads>,
    /// Whose were told, and of which file.
    told: VecDeque<(ProcessId, Arc<Path>)>,
}

impl Openings {
    /// Starts it where it can be known who opens a file, and what that one descends from.
    pub(super) fn start(attribution: &Arc<Attribution>, wake: &SyncSender<Wake>) -> Self {
        let (asked, wake) = (Arc::clone(attribution), wake.clone());
        let opening = move |touch: Touch| {
            if let Some(by) = asked.opening(&touch) {
                // The end of the main thread is the end of the process.
                let _over = wake.send(Wake::Opened(Box::new(Opened { file: touch.file, by })));
            }
        };
        #[cfg(target_os = "linux")]
        let reads = attribution.is_recording().then(|| Reads::start(Box::new(opening)));
        #[cfg(not(target_os = "linux"))]
        drop(opening);
        Self {
            #[cfg(target_os = "linux")]
            reads: reads.and_then(|reads| {
                reads.inspect_err(|why| tracing::debug!(why, "who reads is not heard")).ok()
            }),
            told: VecDeque::new(),
        }
    }

    #[cfg(target_os = "linux")]
    fn watch(&self, files: impl Iterator<Item = PathBuf>) {
        if let Some(reads) = &self.reads {
            reads.watch(files);
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn watch(&self, _files: impl Iterator<Item = PathBuf>) {}

    /// Looks again for files that were not there.
    pub(super) fn look(&self) {
        #[cfg(target_os = "linux")]
        if let Some(reads) = &self.reads {
            reads.look();
        }
    }

    /// Whether that is the first of it.
    fn is_news(&mut self, opened: &Opened) -> bool {
        let install = opened.by.install.as_ref().and_then(|link| link.install.process);
        let Some(id) = install.or_else(|| opened.by.writer.as_ref().map(|process| process.id)) else {
            return true;
        };
        let key = (id, Arc::clone(&opened.file));
        if self.told.contains(&key) {
            return false;
        }
        self.told.truncate(MOST - 1);
        self.told.push_front(key);
        true
    }
}

impl Running<'_> {
    /// Listens for openings in the homes that are watched now.
    pub(super) fn heed_openings(&self) {
        self.openings.watch(self.homes.iter().flat_map(|home| credentials(&home.watched.layout)));
    }

    /// Tells of an opening.
    pub(super) fn opened(&mut self, opened: &Opened) {
        if !self.openings.is_news(opened) {
            return;
        }
        let parts = &self.parts;
        let home = self.homes.iter().find(|home| opened.file.starts_with(home.dir()));
        let time = parts.clock.now();
        let plain = Context { time, host: &parts.host, home: None, user: None, key: &parts.key };
        let context = home.map_or(plain, |home| home.context(parts));
        let name = opened.file.file_name().unwrap_or_default().to_string_lossy();
        let message = format!("an install opened {name}, which holds credentials");
        let id = (parts.event_id)(time);
        let mut event = Event::agent(id, AgentAction::CredentialsRead, Level::High, &message, &context);
        event.set("file.path", opened.file.to_string_lossy().into_owned());
        event.set_provenance(&opened.by.clone().into(), &parts.key);
        self.record_event(event);
    }
}

/// The files in which the client keeps what opens an account or a server.
fn credentials(layout: &Layout) -> impl Iterator<Item = PathBuf> {
    let own = [layout.home.join(".claude.json"), layout.home.join(".claude/.credentials.json")];
    let moved = layout.config_dirs.iter();
    own.into_iter().chain(moved.flat_map(|dir| [dir.join(".claude.json"), dir.join(".credentials.json")]))
}
