//! What was judged of servers, for as long as they stay what they were: one entry changes, and a home has hundreds. Must
//! not judge.

use crate::drift::exposed_in;
use crate::model::drift::Judgement;
use crate::model::inventory::{Inventory, Server};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// The servers as they were judged last.
#[derive(Debug, Default)]
pub(super) struct Memory {
    inventory: Arc<Inventory>,
    /// At the places of its servers.
    judged: Vec<Judged>,
}

/// What was found out about one.
#[derive(Debug, Default)]
struct Judged {
    /// What is to be said of it, if anything is: of most nothing, and there are thousands.
    judgement: Option<Box<Judgement>>,
    /// Where literal secrets stand in it.
    exposed: Vec<String>,
}

/// Judges these servers, each with its place: all of those of a name, or none.
type Judging<'j> = &'j dyn Fn(&mut dyn Iterator<Item = (usize, &Server)>) -> Vec<(usize, Judgement)>;

impl Memory {
    /// Takes in an inventory: what is not as it was, and what has its name, is judged anew.
    pub(super) fn renew(&mut self, inventory: &Arc<Inventory>, judge: Judging<'_>) {
        let (old, new) = (Arc::clone(&self.inventory), &inventory.servers);
        let Between { before, now } = between(&old.servers, new);
        let kept = old.servers.len() - before.end;
        let mut judged = std::mem::take(&mut self.judged);
        let behind = judged.split_off(before.end.min(judged.len()));
        judged.truncate(now.start);
        judged.resize_with(now.end, Judged::default);
        judged.extend(behind);
        judged.resize_with(now.end + kept, Judged::default);

        // What a server is approved for elsewhere is a matter of the files that it runs.
        let is_whole = old.targets != inventory.targets;
        let changed = old.servers.get(before).into_iter().chain(new.get(now.clone())).flatten();
        let names: HashSet<&str> = changed.map(|server| server.name.as_str()).collect();
        let is_due = |server: &Server| is_whole || names.contains(server.name.as_str());
        for (place, (server, judged)) in new.iter().zip(&mut judged).enumerate() {
            if is_due(server) {
                judged.judgement = None;
            }
            if now.contains(&place) {
                judged.exposed = exposed_in(server);
            }
        }
        let mut due = new.iter().enumerate().filter(|(_, server)| is_due(server));
        for (place, judgement) in judge(&mut due) {
            if let Some(judged) = judged.get_mut(place) {
                judged.judgement =
                    Some(judgement).filter(|judgement| !judgement.drifts.is_empty()).map(Box::new);
            }
        }
        (self.inventory, self.judged) = (Arc::clone(inventory), judged);
    }

    /// What is to be said.
    pub(super) fn judgements(&self) -> impl Iterator<Item = &Judgement> {
        self.judged.iter().filter_map(|judged| judged.judgement.as_deref())
    }

    /// Each server with the places where literal secrets stand in it.
    pub(super) fn exposed(&self) -> impl Iterator<Item = (&Server, &[String])> {
        self.inventory.servers.iter().zip(self.judged.iter().map(|judged| judged.exposed.as_slice()))
    }
}

/// The places between the servers that are the same from the beginning and those that are the same from the end.
#[derive(Debug, PartialEq, Eq)]
struct Between {
    before: Range<usize>,
    now: Range<usize>,
}

fn between(before: &[Server], now: &[Server]) -> Between {
    let start = before.iter().zip(now).take_while(|(old, new)| is_same(old, new)).count();
    let ends = before.iter().skip(start).rev().zip(now.iter().skip(start).rev());
    let same = ends.take_while(|(old, new)| is_same(old, new)).count();
    Between { before: start..before.len() - same, now: start..now.len() - same }
}

/// Whether both are the same to a judge: where in the text they stand is not his concern.
fn is_same(old: &Server, new: &Server) -> bool {
    let Server { name, surface, project, entry, raw, offset: _, variables, activation } = old;
    *name == new.name
        && *raw == new.raw
        && *activation == new.activation
        && *surface == new.surface
        && *project == new.project
        && *variables == new.variables
        && (Arc::ptr_eq(entry, &new.entry) || *entry == new.entry)
}
