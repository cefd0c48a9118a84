//! Listening that works everywhere: the operating system's file notifications, through `notify`. Knows paths and
//! nothing of what stands in them.

use super::hearing::Hearing;
use super::inbox::News;
use super::limits::sentence;
use super::means::{Refusal, Why};
use super::route::Effect;
use super::versions::Writing;
use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::path::Path;

/// The system's notifications. They are asked for when the first place needs them.
pub(super) struct Notify {
    hearing: Hearing,
    watcher: Option<RecommendedWatcher>,
    refused: Option<Refusal>,
}

impl Notify {
    pub(super) fn new(hearing: Hearing) -> Self {
        Self { hearing, watcher: None, refused: None }
    }

    /// Asks again where the system refused before.
    pub(super) fn forget(&mut self) {
        self.refused = None;
    }

    /// Starts to listen.
    pub(super) fn start(&mut self) -> Result<&mut RecommendedWatcher, Refusal> {
        if let Some(refused) = &self.refused {
            return Err(refused.clone());
        }
        if self.watcher.is_none() {
            match listen(self.hearing.clone()) {
                Ok(watcher) => self.watcher = Some(watcher),
                Err(error) => {
                    let refused = Refusal { why: Why::Other, reason: sentence(&error, 0) };
                    self.refused = Some(refused.clone());
                    return Err(refused);
                }
            }
        }
        self.watcher.as_mut().ok_or(Refusal { why: Why::Other, reason: String::new() })
    }

    /// Watches that place; `wanted` is how many there should be in all.
    pub(super) fn add(&mut self, path: &Path, wanted: usize) -> Result<(), Refusal> {
        self.start()?.watch(path, RecursiveMode::NonRecursive).map_err(|error| {
            let why = match &error.kind {
                ErrorKind::MaxFilesWatch => Why::Full,
                ErrorKind::PathNotFound => Why::Gone,
                ErrorKind::Io(error) if error.kind() == std::io::ErrorKind::NotFound => Why::Gone,
                _ => Why::Other,
            };
            Refusal { why, reason: sentence(&error, wanted) }
        })
    }

    pub(super) fn remove(&mut self, path: &Path) {
        if let Some(watcher) = &mut self.watcher {
            // It may be gone, and its watch with it.
            let _gone = watcher.unwatch(path);
        }
    }
}

fn listen(hearing: Hearing) -> Result<RecommendedWatcher, notify::Error> {
    let mut writing = Writing::default();
    notify::recommended_watcher(move |event: Result<Event, notify::Error>| {
        let routes = hearing.routes();
        let mut news = News::default();
        match &event {
            Ok(event) => {
                news.overflow = event.need_rescan();
                news.is_blind = news.overflow;
                if let Some(effect) = effect(&event.kind) {
                    event.paths.iter().for_each(|path| routes.tell(path, effect, &mut news));
                }
                if let Some((path, versions)) = writing.version(event) {
                    routes.tell_version(&path, versions, &mut news);
                }
            }
            Err(error) => news.degraded = Some(sentence(error, 0)),
        }
        hearing.tell(&news);
    })
}

fn effect(kind: &EventKind) -> Option<Effect> {
    match kind {
        EventKind::Create(_) => Some(Effect::Appears),
        // What it came over says so itself; where it came from was told before.
        EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) => Some(Effect::Appears),
        EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => Some(Effect::Goes),
        // All other access is reading, our own too. `notify` 8 asks the kernel for it and cannot be told not to.
        EventKind::Access(AccessKind::Close(AccessMode::Write)) => Some(Effect::Stays),
        EventKind::Access(_) => None,
        EventKind::Modify(_) | EventKind::Any | EventKind::Other => Some(Effect::Stays),
    }
}
