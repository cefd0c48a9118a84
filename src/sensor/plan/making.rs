//! Making a plan: goes the way of each path as the kernel would, and asks the disk once for every name on it. Must not
//! know what is watched for it.

use super::{AskedId, Name, Node, NodeId, Plan};
use crate::host::entry::{Entry, Identity};
use crate::sensor::ends::Ends;
use crate::sensor::symbols::Symbol;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// As many links as the kernel follows on one way.
const MOST_LINKS: usize = 40;
/// More steps than this on one way are nobody's configuration: somebody wants to keep us busy.
pub(super) const MOST_STEPS: usize = 512;
/// More directories than this are not planned for.
const MOST_NODES: usize = 131_072;

/// Where a name leads.
enum Step {
    Link(PathBuf),
    Into(NodeId),
    End,
}

impl Plan {
    /// A plan for these paths; of the first `directories` of them every name matters.
    pub(in crate::sensor) fn new<'p>(
        asked: impl IntoIterator<Item = &'p Path>,
        directories: usize,
        look: &dyn Fn(&Path) -> Entry,
    ) -> Self {
        let mut plan = Self::default();
        let identity = match look(Path::new("/")) {
            Entry::Directory(identity) => identity,
            _ => Identity::default(),
        };
        let root = plan.symbols.add(OsStr::new("/"));
        plan.add_node(root, identity, 0);
        let mut seen = PathBuf::new();
        for (number, (id, path)) in (0..).zip(asked).enumerate() {
            if !plan.follow(id, path, number < directories, look, &mut seen) {
                plan.untraceable.push(id);
            }
        }
        plan.find_twins();
        plan.nodes.shrink_to_fit();
        plan
    }

    /// Goes the way of one path as the kernel would; says whether it could be followed to its end.
    fn follow(
        &mut self,
        id: AskedId,
        path: &Path,
        is_directory: bool,
        look: &dyn Fn(&Path) -> Entry,
        seen: &mut PathBuf,
    ) -> bool {
        if !path.is_absolute() {
            return false;
        }
        let mut at: NodeId = 0;
        let mut way = path.to_path_buf();
        let (mut steps, mut links) = (0, 0);
        'link: loop {
            let current = way;
            let mut parts = current.components();
            while let Some(part) = parts.next() {
                steps += 1;
                if steps > MOST_STEPS || self.nodes.len() > MOST_NODES {
                    return false;
                }
                let name = match part {
                    Component::RootDir => {
                        at = 0;
                        continue;
                    }
                    Component::ParentDir => {
                        at = self.node(at).map_or(0, |node| node.parent);
                        continue;
                    }
                    Component::CurDir | Component::Prefix(_) => continue,
                    Component::Normal(name) => name,
                };
                let is_last = parts.as_path().as_os_str().is_empty();
                match self.look_once(at, name, look, seen) {
                    Step::Link(target) => {
                        self.end(at, name, id);
                        links += 1;
                        if links > MOST_LINKS {
                            return true; // The kernel gives up here too.
                        }
                        way = target.join(parts.as_path());
                        continue 'link;
                    }
                    Step::Into(child) if !is_last || is_directory => at = child,
                    Step::Into(_) | Step::End => {
                        self.end(at, name, id);
                        return true;
                    }
                }
            }
            // Asked for as a directory, or a path that ends in `..`.
            if let Some(node) = self.nodes.get_mut(at as usize) {
                node.asked.push(id);
                node.first_end.get_or_insert(id);
            }
            return true;
        }
    }

    /// What stands under a name, asked of the disk once in a plan. `path` is room for a path.
    fn look_once(
        &mut self,
        at: NodeId,
        name: &OsStr,
        look: &dyn Fn(&Path) -> Entry,
        path: &mut PathBuf,
    ) -> Step {
        let symbol = self.symbols.add(name);
        let Some(node) = self.node(at) else { return Step::End };
        if let Some(known) = node.named(symbol) {
            return match (&known.seen, known.child) {
                (Entry::Link(target), _) => Step::Link(target.clone()),
                (_, Some(child)) => Step::Into(child),
                _ => Step::End,
            };
        }
        path.clear();
        self.write_path(at, path);
        path.push(name);
        let seen = look(path);
        let child = match &seen {
            Entry::Directory(identity) => Some(self.add_node(symbol, *identity, at)),
            _ => None,
        };
        let step = match (&seen, child) {
            (Entry::Link(target), _) => Step::Link(target.clone()),
            (_, Some(child)) => Step::Into(child),
            _ => Step::End,
        };
        if let Some(node) = self.nodes.get_mut(at as usize) {
            node.insert(symbol, Name { seen, child, ends: Ends::default() });
        }
        step
    }

    fn add_node(&mut self, name: Symbol, identity: Identity, parent: NodeId) -> NodeId {
        let id = NodeId::try_from(self.nodes.len()).unwrap_or(0); // There are fewer: MOST_NODES.
        let names = Vec::new();
        self.nodes.push(Node { name, parent, identity, names, asked: Ends::default(), first_end: None });
        id
    }

    fn end(&mut self, at: NodeId, name: &OsStr, id: AskedId) {
        let Some(symbol) = self.symbols.get(name) else { return };
        let Some(node) = self.nodes.get_mut(at as usize) else { return };
        node.first_end.get_or_insert(id);
        if let Some(name) = node.named_mut(symbol)
            && name.ends.as_slice().last() != Some(&id)
        {
            name.ends.push(id);
        }
    }

    fn find_twins(&mut self) {
        let mut known: Vec<(Identity, NodeId)> =
            (0..).zip(&self.nodes).map(|(id, node)| (node.identity, id)).collect();
        known.sort_unstable();
        for group in known.chunk_by(|one, two| one.0 == two.0).filter(|group| group.len() > 1) {
            let ids: Vec<NodeId> = group.iter().map(|(_, id)| *id).collect();
            for id in &ids {
                self.twins.insert(*id, ids.clone());
            }
        }
    }
}
