//! What is to be watched for a plan, and in which order. Knows nothing of how.

use super::{AskedId, Node, NodeId, Plan, Symbol};
use crate::host::entry::{Entry, Identity};
use std::path::{Path, PathBuf};

/// What is to be heard of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sensor) enum Role {
    /// It leads on, and only directories in it matter.
    Way,
    /// Files in it matter, or links.
    Directory,
    /// It is a file.
    File,
}

/// A place that is to be watched.
#[derive(Clone, Copy, Debug)]
pub(in crate::sensor) struct Place {
    node: NodeId,
    /// The file in that directory; the directory itself without.
    file: Option<Symbol>,
    pub(in crate::sensor) identity: Identity,
    pub(in crate::sensor) role: Role,
}

impl Plan {
    /// The path of a place.
    pub(in crate::sensor) fn path_of(&self, place: &Place) -> PathBuf {
        let mut path = self.path(place.node);
        if let Some(file) = place.file {
            path.push(self.symbols.spell(file));
        }
        path
    }

    /// Whose change goes unheard without that place.
    pub(in crate::sensor) fn ends_of(&self, place: &Place) -> impl Iterator<Item = AskedId> {
        let node = self.node(place.node);
        let file = place.file.and_then(|file| node?.named(file));
        let directory = node.filter(|_| place.file.is_none());
        let names = directory.into_iter().flat_map(Node::names).chain(file).map(|name| &name.ends);
        names.chain(directory.map(|node| &node.asked)).flat_map(|ends| ends.as_slice().iter().copied())
    }

    /// Which file or directory is to be watched at that path, if any is.
    pub(in crate::sensor) fn identity_at(&self, path: &Path) -> Option<Identity> {
        if let Some(id) = self.node_at(path) {
            return self.node(id).map(|node| node.identity);
        }
        match self.name_at(path)?.seen {
            Entry::File(identity) => Some(identity),
            _ => None,
        }
    }

    /// What is to be watched, the most important first: directories in which something ends, in the order of
    /// what was asked for; then those that only lead there; then the files themselves, which tell what is done
    /// to them under another name.
    pub(in crate::sensor) fn places(&self) -> Vec<Place> {
        let mut directories: Vec<(AskedId, Place)> = Vec::with_capacity(self.nodes.len());
        let mut files: Vec<(Option<AskedId>, Place)> = Vec::new();
        for (id, node) in (0..).zip(&self.nodes) {
            let role = if node.first_end.is_some() { Role::Directory } else { Role::Way };
            let place = Place { node: id, file: None, identity: node.identity, role };
            directories.push((node.first_end.unwrap_or(AskedId::MAX), place));
            for (symbol, name) in &node.names {
                if let Entry::File(identity) = name.seen {
                    let place = Place { node: id, file: Some(*symbol), identity, role: Role::File };
                    files.push((name.ends.as_slice().first().copied(), place));
                }
            }
        }
        directories.sort_by_key(|(rank, _)| *rank);
        files.sort_by_key(|(rank, _)| *rank);
        let directories = directories.into_iter().map(|(_, place)| place);
        directories.chain(files.into_iter().map(|(_, place)| place)).collect()
    }
}
