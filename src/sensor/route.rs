//! What an event of the operating system says about what was asked for. Knows the plan and changes nothing.

use super::inbox::{MOST_FILES, News};
use super::plan::{AskedId, Node, Plan};
use super::versions::Versions;
use notify::event::{AccessKind, AccessMode, ModifyKind, RenameMode};
use notify::{Event, EventKind};
use std::path::{Path, PathBuf};

/// The plan, and what was asked for in the caller's words.
#[derive(Debug, Default)]
pub(super) struct Routes {
    /// Directories first, then files, the most important first.
    pub(super) asked: Vec<PathBuf>,
    /// How many of them are directories of which every name matters.
    pub(super) directories: usize,
    /// The way to each.
    pub(super) plan: Plan,
}

/// What an event can do to a way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Another thing may stand under that name.
    Appears,
    /// What stood there may be gone.
    Goes,
    /// The same thing, changed.
    Stays,
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

impl Routes {
    /// What that event says.
    pub(super) fn news(&self, event: &Event) -> News<'_> {
        let mut news = News { overflow: event.need_rescan(), ..News::default() };
        if let Some(effect) = effect(&event.kind) {
            for path in &event.paths {
                self.at(path, effect, &mut news);
            }
        }
        news
    }

    /// The same, when a version of `path` is complete with that event.
    pub(super) fn news_of_version(&self, event: &Event, path: &Path, versions: Versions) -> News<'_> {
        let mut news = self.news(event);
        let parent = path.parent().and_then(|parent| self.plan.node_at(parent));
        let Some((parent, name)) = parent.zip(path.file_name()) else { return news };
        let ends =
            self.plan.same_as(parent).filter_map(|node| node.names.get(name)).flat_map(|name| &name.ends);
        let files = ends.filter(|id| **id >= self.directories).filter_map(|id| self.asked.get(*id));
        news.versions = (files.map(PathBuf::as_path).take(MOST_FILES).collect(), versions);
        news
    }

    fn at<'r>(&'r self, path: &Path, effect: Effect, news: &mut News<'r>) {
        // A watched directory speaks of itself.
        for node in self.plan.node_at(path).into_iter().flat_map(|id| self.plan.same_as(id)) {
            self.directory(node, effect, news);
        }
        let parent = path.parent().and_then(|parent| self.plan.node_at(parent));
        let Some((parent, name)) = parent.zip(path.file_name()) else { return };
        for node in self.plan.same_as(parent) {
            self.tell(&node.asked, news);
            let Some(there) = node.names.get(name) else { continue };
            self.tell(&there.ends, news);
            if effect != Effect::Stays {
                news.touched.push(node.path.join(name));
            }
            // Under its own path it was told of above.
            if let Some(child) = there.child.and_then(|child| self.plan.nodes.get(child))
                && child.path != path
            {
                self.directory(child, effect, news);
            }
        }
    }

    /// Something happened to a directory on the way.
    fn directory<'r>(&'r self, node: &'r Node, effect: Effect, news: &mut News<'r>) {
        match effect {
            Effect::Goes => {
                news.lost = true;
                news.stale.push(node.path.clone());
            }
            // Who may go through it may be other people now.
            Effect::Appears | Effect::Stays => self.tell_through(node, news),
        }
    }

    /// Everything that is reached through a directory.
    fn tell_through<'r>(&'r self, node: &'r Node, news: &mut News<'r>) {
        let mut open = vec![node];
        while let Some(node) = open.pop() {
            self.tell(&node.asked, news);
            for name in node.names.values() {
                self.tell(&name.ends, news);
                open.extend(name.child.and_then(|child| self.plan.nodes.get(child)));
            }
            if news.changed.len() > MOST_FILES || open.len() > MOST_FILES {
                news.lost = true;
            }
            if news.lost {
                return;
            }
        }
    }

    fn tell<'r>(&'r self, ids: &[AskedId], news: &mut News<'r>) {
        if ids.len() > MOST_FILES {
            news.lost = true;
            return;
        }
        for id in ids {
            let list = if *id < self.directories { &mut news.elsewhere } else { &mut news.changed };
            list.extend(self.asked.get(*id).map(PathBuf::as_path));
        }
    }
}
