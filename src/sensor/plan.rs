//! Which directories must be watched to hear of a file, and which names in them matter: a tree of real
//! directories, with every link on the way resolved. Pure: what stands where is asked through a function.

use crate::host::entry::{Entry, Identity};
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// As many links as the kernel follows on one way.
const MOST_LINKS: usize = 40;
/// More steps than this on one way are nobody's configuration: somebody wants to keep us busy.
const MOST_STEPS: usize = 512;
/// More directories than this are not planned for.
const MOST_NODES: usize = 131_072;

/// The number of a directory in a plan.
pub(super) type NodeId = usize;
/// The number of a file (or directory) that was asked for.
pub(super) type AskedId = usize;

/// One real directory.
#[derive(Debug)]
pub(super) struct Node {
    /// Its path, without links.
    pub(super) path: PathBuf,
    /// Which directory it was when the plan was made.
    pub(super) identity: Identity,
    /// What stands in it under names that matter.
    pub(super) names: HashMap<OsString, Name>,
    /// The asked-for directories that it is: every name in it matters.
    pub(super) asked: Vec<AskedId>,
    parent: NodeId,
    /// The first file for which it does more than lead on.
    first_end: Option<AskedId>,
}

/// One name in a directory.
#[derive(Debug, Default)]
pub(super) struct Name {
    /// What stands there.
    pub(super) seen: Entry,
    /// The directory that it leads to.
    pub(super) child: Option<NodeId>,
    /// What is affected when something else stands there: it ends here, is missing from here on, or goes over
    /// a link that stands here.
    pub(super) ends: Vec<AskedId>,
}

/// What is to be heard of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It leads on, and only directories in it matter.
    Way,
    /// Files in it matter, or links.
    Directory,
    /// It is a file.
    File,
}

/// A place that is to be watched.
pub(super) struct Place<'p> {
    pub(super) path: PathBuf,
    pub(super) identity: Identity,
    /// Whose change goes unheard without it.
    pub(super) ends: Vec<&'p [AskedId]>,
    pub(super) role: Role,
}

/// The plan.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) nodes: Vec<Node>,
    by_path: HashMap<OsString, NodeId>,
    /// Directories that are one and the same under several paths, as mounts make them.
    twins: HashMap<NodeId, Vec<NodeId>>,
    /// Those whose way was too long to follow.
    pub(super) untraceable: Vec<AskedId>,
}

impl Plan {
    /// A plan for these paths; of the first `directories` of them every name matters.
    pub(super) fn new(asked: &[PathBuf], directories: usize, look: &dyn Fn(&Path) -> Entry) -> Self {
        let mut plan = Self::default();
        let root = PathBuf::from("/");
        let identity = match look(&root) {
            Entry::Directory(identity) => identity,
            _ => Identity::default(),
        };
        plan.add_node(root, identity, 0);
        for (id, path) in asked.iter().enumerate() {
            if !plan.follow(id, path, id < directories, look) {
                plan.untraceable.push(id);
            }
        }
        plan.find_twins();
        plan
    }

    /// The directory at that path, if it has a part in the plan.
    pub(super) fn node_at(&self, path: &Path) -> Option<NodeId> {
        self.by_path.get(path.as_os_str()).copied()
    }

    /// That directory under all its paths.
    pub(super) fn same_as(&self, id: NodeId) -> impl Iterator<Item = &Node> {
        let twins = self.twins.get(&id).map(Vec::as_slice);
        let alone = twins.is_none().then_some(id);
        twins.unwrap_or_default().iter().copied().chain(alone).filter_map(|id| self.nodes.get(id))
    }

    /// What is at that path according to the plan.
    pub(super) fn name_at(&self, path: &Path) -> Option<&Name> {
        self.nodes.get(self.node_at(path.parent()?)?)?.names.get(path.file_name()?)
    }

    /// What is to be watched, the most important first: directories in which something ends, in the order of
    /// what was asked for; then those that only lead there; then the files themselves, which tell what is done
    /// to them under another name.
    pub(super) fn places(&self) -> Vec<Place<'_>> {
        let mut nodes: Vec<&Node> = self.nodes.iter().collect();
        nodes.sort_by_key(|node| node.first_end.unwrap_or(usize::MAX));
        let directories = nodes.iter().map(|node| Place {
            path: node.path.clone(),
            identity: node.identity,
            ends: ends_in(node),
            role: if node.first_end.is_some() { Role::Directory } else { Role::Way },
        });
        let mut files: Vec<Place<'_>> = nodes.iter().flat_map(|node| files_of(node)).collect();
        files.sort_by_key(|place| place.ends.first().and_then(|ends| ends.first()).copied());
        directories.chain(files).collect()
    }

    /// How many names matter here and did not in `old`.
    pub(super) fn ends_new_since(&self, old: &Self) -> usize {
        let is_old = |node: Option<&Node>, name: &OsStr| {
            node.and_then(|node| node.names.get(name)).is_some_and(|name| !name.ends.is_empty())
        };
        self.nodes
            .iter()
            .map(|node| {
                let before = old.node_at(&node.path).and_then(|id| old.nodes.get(id));
                let ends = node.names.iter().filter(|(_, name)| !name.ends.is_empty());
                ends.filter(|(name, _)| !is_old(before, name)).count()
            })
            .sum()
    }

    /// Goes the way of one path as the kernel would; says whether it could be followed to its end.
    fn follow(
        &mut self,
        id: AskedId,
        path: &Path,
        is_directory: bool,
        look: &dyn Fn(&Path) -> Entry,
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
                        at = self.nodes.get(at).map_or(0, |node| node.parent);
                        continue;
                    }
                    Component::CurDir | Component::Prefix(_) => continue,
                    Component::Normal(name) => name,
                };
                let is_last = parts.as_path().as_os_str().is_empty();
                match self.look_once(at, name, look) {
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
            if let Some(node) = self.nodes.get_mut(at) {
                node.asked.push(id);
                node.first_end.get_or_insert(id);
            }
            return true;
        }
    }

    /// What stands under a name, asked of the disk once in a plan.
    fn look_once(&mut self, at: NodeId, name: &OsStr, look: &dyn Fn(&Path) -> Entry) -> Step {
        let Some(node) = self.nodes.get(at) else { return Step::End };
        if let Some(known) = node.names.get(name) {
            return match (&known.seen, known.child) {
                (Entry::Link(target), _) => Step::Link(target.clone()),
                (_, Some(child)) => Step::Into(child),
                _ => Step::End,
            };
        }
        let path = node.path.join(name);
        let seen = look(&path);
        let child = match &seen {
            Entry::Directory(identity) => Some(self.add_node(path, *identity, at)),
            _ => None,
        };
        let step = match (&seen, child) {
            (Entry::Link(target), _) => Step::Link(target.clone()),
            (_, Some(child)) => Step::Into(child),
            _ => Step::End,
        };
        if let Some(node) = self.nodes.get_mut(at) {
            node.names.insert(name.to_owned(), Name { seen, child, ends: Vec::new() });
        }
        step
    }

    fn add_node(&mut self, path: PathBuf, identity: Identity, parent: NodeId) -> NodeId {
        let id = self.nodes.len();
        self.by_path.insert(path.clone().into_os_string(), id);
        let names = HashMap::new();
        self.nodes.push(Node { path, identity, names, asked: Vec::new(), parent, first_end: None });
        id
    }

    fn end(&mut self, at: NodeId, name: &OsStr, id: AskedId) {
        let Some(node) = self.nodes.get_mut(at) else { return };
        node.first_end.get_or_insert(id);
        if let Some(name) = node.names.get_mut(name)
            && name.ends.last() != Some(&id)
        {
            name.ends.push(id);
        }
    }

    fn find_twins(&mut self) {
        let mut known: HashMap<Identity, Vec<NodeId>> = HashMap::with_capacity(self.nodes.len());
        for (id, node) in self.nodes.iter().enumerate() {
            known.entry(node.identity).or_default().push(id);
        }
        for group in known.into_values().filter(|group| group.len() > 1) {
            for id in &group {
                self.twins.insert(*id, group.clone());
            }
        }
    }
}

enum Step {
    Link(PathBuf),
    Into(NodeId),
    End,
}

/// Whose change would go unheard if nobody heard this directory.
fn ends_in(node: &Node) -> Vec<&[AskedId]> {
    let ends = node.names.values().map(|name| name.ends.as_slice());
    ends.chain([node.asked.as_slice()]).filter(|ends| !ends.is_empty()).collect()
}

fn files_of(node: &Node) -> impl Iterator<Item = Place<'_>> {
    node.names.iter().filter_map(|(name, there)| match there.seen {
        Entry::File(identity) => Some(Place {
            path: node.path.join(name),
            identity,
            ends: vec![there.ends.as_slice()],
            role: Role::File,
        }),
        _ => None,
    })
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
