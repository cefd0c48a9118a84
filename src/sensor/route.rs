//! What an event of the operating system says about what was asked for. Knows the plan and changes nothing.

use super::inbox::{MOST_FILES, News};
use super::plan::{AskedId, Node, Plan};
use super::versions::Versions;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// More files than this are not told apart where one name stands for many.
const MOST_OWNERS: usize = 64;

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
        let ends =
            self.plan.same_as(parent).filter_map(|node| node.names.get(name)).flat_map(|name| &name.ends);
        let files = ends.filter(|id| **id >= self.directories).filter_map(|id| self.asked.get(*id));
        news.versions = (files.map(PathBuf::as_path).take(MOST_FILES).collect(), versions);
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
                is_itself |= !node.asked.is_empty();
                for id in node.names.get(name).into_iter().flat_map(|name| &name.ends) {
                    let Some(asked) = self.asked.get(*id).filter(|_| *id >= self.directories) else {
                        is_itself = true;
                        continue;
                    };
                    if owners.len() >= MOST_OWNERS {
                        is_whole = false;
                        break;
                    }
                    if !owners.iter().any(|owner| owner.as_os_str() == asked.as_os_str()) {
                        owners.push(Arc::from(asked.as_path()));
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
            self.name_all(&node.asked, news);
            let Some(there) = node.names.get(name) else { continue };
            self.name_all(&there.ends, news);
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
            self.name_all(&node.asked, news);
            for name in node.names.values() {
                self.name_all(&name.ends, news);
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

    fn name_all<'r>(&'r self, ids: &[AskedId], news: &mut News<'r>) {
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
