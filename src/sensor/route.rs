//! What an event of the operating system says about what was asked for. Knows the plan and changes nothing.

use super::inbox::{MOST_FILES, News};
use super::plan::{AskedId, NodeId, Plan};
use super::versions::Versions;
use std::path::Path;
use std::sync::Arc;

/// More files than this are not told apart where one name stands for many.
const MOST_OWNERS: usize = 64;

/// The plan, and what was asked for in the caller's words.
#[derive(Debug, Default)]
pub(super) struct Routes {
    /// Directories first, then files, the most important first.
    pub(super) asked: Arc<[Arc<Path>]>,
    /// How many of them are directories of which every name matters.
    pub(super) directories: usize,
    /// The way to each.
    pub(super) plan: Plan,
}

/// What an event can do to a way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Another thing may stand under that name.
    Appears,
    /// What stood there may be gone.
    Goes,
    /// The same thing, changed.
    Stays,
}

impl Routes {
    /// That a version of that file is complete.
    pub(super) fn tell_version<'r>(&'r self, path: &Path, versions: Versions, news: &mut News<'r>) {
        let parent = path.parent().and_then(|parent| self.plan.node_at(parent));
        let Some((parent, name)) = parent.zip(path.file_name()) else { return };
        let names = self.plan.same_as(parent).filter_map(|id| self.plan.name_in(id, name));
        let ends = names.flat_map(|name| name.ends.as_slice());
        let files = ends.filter(|id| !self.is_directory(**id)).filter_map(|id| self.asked.get(*id as usize));
        news.versions.extend(files.map(|file| (&**file, versions)).take(MOST_FILES));
    }

    /// Whose touch it is when somebody does something to what stands at that path: each file that was asked for, by
    /// the name that it was asked for; a directory on the way, and what stands in one of which every name matters, by its
    /// path. Says whether these are all.
    pub(super) fn owners(&self, path: &Path, owners: &mut Vec<Arc<Path>>) -> bool {
        let mut is_itself = self.plan.node_at(path).is_some();
        let parent = path.parent().and_then(|parent| self.plan.node_at(parent));
        let mut is_whole = true;
        if let Some((parent, name)) = parent.zip(path.file_name()) {
            for node in self.plan.same_as(parent) {
                is_itself |= self.plan.node(node).is_some_and(|node| !node.asked.is_empty());
                for id in self.plan.name_in(node, name).into_iter().flat_map(|name| name.ends.as_slice()) {
                    let Some(asked) = self.asked.get(*id as usize).filter(|_| !self.is_directory(*id)) else {
                        is_itself = true;
                        continue;
                    };
                    if owners.len() >= MOST_OWNERS {
                        is_whole = false;
                        break;
                    }
                    if !owners.iter().any(|owner| owner.as_os_str() == asked.as_os_str()) {
                        owners.push(Arc::clone(asked));
                    }
                }
            }
        }
        if is_itself && !owners.iter().any(|owner| owner.as_os_str() == path.as_os_str()) {
            owners.push(Arc::from(path));
        }
        is_whole
    }

    /// What happened to what stands at that path.
    pub(super) fn tell<'r>(&'r self, path: &Path, effect: Effect, news: &mut News<'r>) {
        // A watched directory speaks of itself.
        for node in self.plan.node_at(path).into_iter().flat_map(|id| self.plan.same_as(id)) {
            self.directory(node, effect, news);
        }
        let parent = path.parent().and_then(|parent| self.plan.node_at(parent));
        let Some((parent, name)) = parent.zip(path.file_name()) else { return };
        for node in self.plan.same_as(parent) {
            if let Some(node) = self.plan.node(node) {
                self.name_all(node.asked.as_slice(), news);
            }
            let Some(there) = self.plan.name_in(node, name) else { continue };
            self.name_all(there.ends.as_slice(), news);
            if effect != Effect::Stays {
                news.touched.push(self.plan.path(node).join(name));
            }
            // Under its own path it was told of above.
            if let Some(child) = there.child.filter(|_| node != parent) {
                self.directory(child, effect, news);
            }
        }
    }

    /// Whether that is a directory of which every name matters.
    fn is_directory(&self, id: AskedId) -> bool {
        (id as usize) < self.directories
    }

    /// Something happened to a directory on the way.
    fn directory<'r>(&'r self, id: NodeId, effect: Effect, news: &mut News<'r>) {
        match effect {
            Effect::Goes => {
                news.lost = true;
                news.stale.push(self.plan.path(id));
            }
            // Who may go through it may be other people now.
            Effect::Appears | Effect::Stays => self.tell_through(id, news),
        }
    }

    /// Everything that is reached through a directory.
    fn tell_through<'r>(&'r self, id: NodeId, news: &mut News<'r>) {
        let mut open = vec![id];
        while let Some(node) = open.pop().and_then(|id| self.plan.node(id)) {
            self.name_all(node.asked.as_slice(), news);
            for name in node.names() {
                self.name_all(name.ends.as_slice(), news);
                open.extend(name.child);
            }
            if news.changed.len() > MOST_FILES || open.len() > MOST_FILES {
                news.lost = true;
            }
            if news.lost {
                return;
            }
        }
    }

    fn name_all<'r>(&'r self, ids: &[AskedId], news: &mut News<'r>) {
        if ids.len() > MOST_FILES {
            news.lost = true;
            return;
        }
        for id in ids {
            let list = if self.is_directory(*id) { &mut news.elsewhere } else { &mut news.changed };
            list.extend(self.asked.get(*id as usize).map(|path| &**path));
        }
    }
}
