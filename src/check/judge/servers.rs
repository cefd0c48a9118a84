//! The servers of an inventory, each with its verdict, what it hides and what the lint finds.

use crate::baseline::Verdicts;
use crate::check::shadows::Shadows;
use crate::check::worktrees::Worktrees;
use crate::check::world::World;
use crate::drift::{Known, LintContext, judge_allowed, judge_server, lint_server, lint_shadow};
use crate::model::drift::Judgement;
use crate::model::inventory::{Inventory, Server};
use crate::model::surface::Scope;
use crate::model::verdict::ServerVerdict;

/// Judges these servers, each with its place in the inventory. They may be some of it, but of those of one name all: the
/// same name elsewhere is all that a server has to do with others.
pub(super) fn servers<'i>(
    servers: impl Iterator<Item = (usize, &'i Server)>,
    inventory: &Inventory,
    verdicts: &Verdicts<'_>,
    known: &Known,
    world: &World<'_>,
) -> Vec<(usize, Judgement)> {
    let (places, judged): (Vec<usize>, Vec<(&Server, ServerVerdict<'_>)>) = servers
        .filter(|(_, server)| server.surface.scope != Scope::Managed)
        .map(|(place, server)| (place, (server, verdicts.server(server))))
        .unzip();
    let in_order = Shadows::of(
        judged.iter().filter(|(server, verdict)| is_in_order(server, verdict)).map(|(server, _)| *server),
    );
    let all = Shadows::of(judged.iter().map(|(server, _)| *server));
    let context = LintContext { known, vendors: world.vendors.list };
    let elsewhere = Worktrees::of(inventory);
    let judged = judged.into_iter().map(|(server, verdict)| {
        let hidden = if is_in_order(server, &verdict) { None } else { in_order.hidden_by(server) };
        // The same words under the same name change nothing, wherever they stand.
        if hidden.is_none() && matches!(verdict, ServerVerdict::Unknown) && in_order.says_the_same(server) {
            let approved = judge_server(server, &verdict, None, known);
            return Judgement { drifts: Vec::new(), ..approved };
        }
        let mut judgement = judge_server(server, &verdict, hidden, known);
        match &verdict {
            ServerVerdict::Named { .. } => return judgement,
            ServerVerdict::Allowed { pattern, .. } => {
                if let Some((approval, expected)) = verdicts.approval_of(server) {
                    judgement.drifts.extend(judge_allowed(server, pattern, approval, &expected, known));
                    judgement.expected = Some(expected.to_value());
                }
                return judgement;
            }
            ServerVerdict::Approved { approval } => {
                judgement.drifts.extend(elsewhere.differing(server, approval, verdicts));
            }
            _ => {}
        }
        judgement.drifts.extend(lint_server(server, &context));
        // What is in order is not to blame for what somebody put below it.
        let below = if is_in_order(server, &verdict) { &in_order } else { &all };
        judgement.drifts.extend(lint_shadow(server, below.hidden_by(server)));
        judgement
    });
    places.into_iter().zip(judged).collect()
}

fn is_in_order(server: &Server, verdict: &ServerVerdict<'_>) -> bool {
    match verdict {
        ServerVerdict::Approved { .. } | ServerVerdict::Allowed { .. } => true,
        ServerVerdict::Named { expected, .. } => **expected == *server.entry,
        _ => false,
    }
}
