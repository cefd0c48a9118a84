//! Which entry of a name the client takes: local over project over user, the nearest project file first.

use crate::model::inventory::Server;
use crate::model::surface::Scope;

/// The server that `winner` hides from the client, of those in order: the one that would be taken if
/// `winner` were not there, unless it says the same.
pub fn shadowed_by<'s>(winner: &Server, in_order: &[&'s Server]) -> Option<&'s Server> {
    let hidden = in_order
        .iter()
        .filter(|other| other.name == winner.name && hides(winner, other))
        .max_by_key(|other| (rank(other.surface.scope), depth(other)))?;
    (hidden.entry != winner.entry).then_some(*hidden)
}

fn rank(scope: Scope) -> u8 {
    match scope {
        Scope::Managed => 4,
        Scope::Local => 3,
        Scope::Project => 2,
        Scope::User => 1,
        Scope::Plugin => 0,
    }
}

fn depth(server: &Server) -> usize {
    server.project.as_ref().map_or(0, |project| project.components().count())
}

/// Whether the client would take `winner` where it would otherwise take `other`. Plugins' servers have names
/// of their own.
fn hides(winner: &Server, other: &Server) -> bool {
    let (above, below) = (winner.surface.scope, other.surface.scope);
    match (above, below) {
        (Scope::Local, Scope::User) | (Scope::Project, Scope::User) => true,
        (Scope::Local, Scope::Project) | (Scope::Project, Scope::Project) => {
            let (Some(inner), Some(outer)) = (&winner.project, &other.project) else { return false };
            inner.starts_with(outer) && (above == Scope::Local || inner != outer)
        }
        _ => false,
    }
}
