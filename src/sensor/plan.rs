//! Which directories must be watched to hear of a file, and which names in them matter: a tree of real
//! directories, with every link on the way resolved. Pure: what stands where is asked through a function.

mod making;
mod places;

use super::ends::Ends;
use super::symbols::{Symbol, Symbols};
use crate::host::entry::{Entry, Identity};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

pub(super) use places::{Place, Role};

/// Where fewer names matter in a directory, no room is kept for more: most are projects, and there are many.
const FEW_NAMES: usize = 8;

/// The number of a directory in a plan.
pub(super) type NodeId = u32;
/// The number of a file (or directory) that was asked for.
pub(super) type AskedId = u32;

/// One real directory. There are tens of thousands, so that a path is not kept but found from the root.
#[derive(Debug)]
pub(super) struct Node {
    name: Symbol,
    parent: NodeId,
    /// Which directory it was when the plan was made.
    pub(super) identity: Identity,
    /// What stands in it under names that matter, in the order of the symbols.
    names: Vec<(Symbol, Name)>,
    /// The asked-for directories that it is: every name in it matters.
    pub(super) asked: Ends,
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
    pub(super) ends: Ends,
}

/// The plan.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) nodes: Vec<Node>,
    symbols: Symbols,
    /// Directories that are one and the same under several paths, as mounts make them.
    twins: HashMap<NodeId, Vec<NodeId>>,
    /// Those whose way was too long to follow.
    pub(super) untraceable: Vec<AskedId>,
}

impl Node {
    /// What stands in it under names that matter.
    pub(super) fn names(&self) -> impl Iterator<Item = &Name> {
        self.names.iter().map(|(_, name)| name)
    }

    fn named(&self, symbol: Symbol) -> Option<&Name> {
        let at = self.names.binary_search_by_key(&symbol, |(known, _)| *known).ok()?;
        self.names.get(at).map(|(_, name)| name)
    }

    fn named_mut(&mut self, symbol: Symbol) -> Option<&mut Name> {
        let at = self.names.binary_search_by_key(&symbol, |(known, _)| *known).ok()?;
        self.names.get_mut(at).map(|(_, name)| name)
    }

    /// Symbols are mostly new or come in their order, so that this mostly comes last.
    fn insert(&mut self, symbol: Symbol, name: Name) {
        if let Err(at) = self.names.binary_search_by_key(&symbol, |(known, _)| *known) {
            if self.names.len() < FEW_NAMES {
                self.names.reserve_exact(1);
            }
            self.names.insert(at, (symbol, name));
        }
    }
}

impl Plan {
    /// The directory at that path, if it has a part in the plan.
    pub(super) fn node_at(&self, path: &Path) -> Option<NodeId> {
        let mut at = 0;
        for part in path.components() {
            match part {
                Component::RootDir => at = 0,
                Component::Normal(name) => at = self.name_in(at, name)?.child?,
                _ => return None,
            }
        }
        (!self.nodes.is_empty()).then_some(at)
    }

    /// That directory.
    pub(super) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    /// That directory under all its paths.
    pub(super) fn same_as(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let twins = self.twins.get(&id).map(Vec::as_slice);
        let alone = twins.is_none().then_some(id);
        twins.unwrap_or_default().iter().copied().chain(alone)
    }

    /// What stands under a name in a directory, if it matters.
    pub(super) fn name_in(&self, id: NodeId, name: &OsStr) -> Option<&Name> {
        self.node(id)?.named(self.symbols.get(name)?)
    }

    /// What is at that path according to the plan.
    pub(super) fn name_at(&self, path: &Path) -> Option<&Name> {
        self.name_in(self.node_at(path.parent()?)?, path.file_name()?)
    }

    /// The path of a directory, without links.
    pub(super) fn path(&self, id: NodeId) -> PathBuf {
        let mut path = PathBuf::new();
        self.write_path(id, &mut path);
        path
    }

    fn write_path(&self, id: NodeId, path: &mut PathBuf) {
        let Some(node) = self.node(id) else { return };
        if id != 0 {
            self.write_path(node.parent, path);
        }
        path.push(self.symbols.spell(node.name));
    }

    /// How many names matter here and did not in `old`.
    pub(super) fn ends_new_since(&self, old: &Self) -> usize {
        // The same directory in the old plan, by number; whatever stands above it comes before it.
        let mut before: Vec<Option<NodeId>> = Vec::with_capacity(self.nodes.len());
        let mut count = 0;
        for (id, node) in self.nodes.iter().enumerate() {
            let above = before.get(node.parent as usize).copied().flatten();
            let same = match id {
                0 => (!old.nodes.is_empty()).then_some(0),
                _ => above.and_then(|above| old.name_in(above, self.symbols.spell(node.name))?.child),
            };
            before.push(same);
            let was_end = |symbol: Symbol| {
                let name = same.and_then(|same| old.name_in(same, self.symbols.spell(symbol)));
                name.is_some_and(|name| !name.ends.is_empty())
            };
            count +=
                node.names.iter().filter(|(symbol, name)| !name.ends.is_empty() && !was_end(*symbol)).count();
        }
        count
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
