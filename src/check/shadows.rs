//! Servers by name and place: which of them an entry hides from the client. Knows nothing of baselines.

use crate::drift::shadowed_by;
use crate::model::inventory::Server;
use crate::model::surface::Scope;
use std::collections::HashMap;
use std::path::Path;

/// Servers that the client would take if no other entry of their name came before them.
pub(super) struct Shadows<'s>(HashMap<(&'s str, Scope, Option<&'s Path>), Vec<&'s Server>>);

impl<'s> Shadows<'s> {
    pub(super) fn of(servers: impl Iterator<Item = &'s Server>) -> Self {
        let mut by_place: HashMap<_, Vec<&'s Server>> = HashMap::new();
        for server in servers {
            let place = (server.name.as_str(), server.surface.scope, server.project.as_deref());
            by_place.entry(place).or_default().push(server);
        }
        Self(by_place)
    }

    /// The server that `winner` hides, unless it says the same. An entry that the client skips hides nothing
    /// (seen on 2.1.329: the entry of the next scope is taken).
    pub(super) fn hidden_by<'a>(&'a self, winner: &'a Server) -> Option<&'a Server> {
        if winner.entry.problem().is_some() {
            return None;
        }
        shadowed_by(winner, &self.below(winner))
    }

    /// Whether the client would otherwise take an equal entry of the user's.
    pub(super) fn says_the_same(&self, server: &Server) -> bool {
        matches!(server.surface.scope, Scope::Local | Scope::Project)
            && self.at(&server.name, Scope::User, None).iter().any(|other| other.entry == server.entry)
    }

    fn below<'a>(&'a self, winner: &'a Server) -> Vec<&'a Server> {
        let above = winner.project.iter().flat_map(|project| project.ancestors());
        above
            .flat_map(|directory| self.at(&winner.name, Scope::Project, Some(directory)))
            .chain(self.at(&winner.name, Scope::User, None))
            .copied()
            .filter(|other| !std::ptr::eq(*other, winner))
            .collect()
    }

    fn at<'a>(&'a self, name: &'a str, scope: Scope, project: Option<&'a Path>) -> &'a [&'a Server] {
        self.0.get(&(name, scope, project)).map_or(&[], Vec::as_slice)
    }
}
