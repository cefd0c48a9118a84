//! Reports in, events out: what is new, what has changed, what has ended. No thread and no clock of its own.
//!
//! What may be half of a save (a file that cannot be parsed, or is gone for a moment) is told when it still
//! stands after [`SETTLING`]; everything else at once.

use crate::model::drift::{Drift, Judgement};
use crate::model::event::{AgentAction, Context, Event, Observed};
use crate::model::inventory::Inventory;
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How long a save may take.
pub const SETTLING: SignedDuration = SignedDuration::from_secs(2);

/// What has been told of one home.
#[derive(Debug, Default)]
pub struct Pipeline {
    standing: BTreeMap<String, Standing>,
}

#[derive(Debug)]
struct Standing {
    since: Timestamp,
    told: bool,
    summary: String,
    level: Level,
}

/// What one step came to.
#[derive(Debug, Default)]
pub struct Step {
    /// What is to be told now.
    pub events: Vec<Event>,
    /// When to look again, whatever the sensors say.
    pub due: Option<Timestamp>,
}

impl Pipeline {
    /// Holds the judgements of one home against what was told of it before. `id` makes fresh event ids.
    pub fn step(
        &mut self,
        judgements: &[Judgement],
        inventory: &Inventory,
        context: &Context<'_>,
        id: &mut dyn FnMut() -> String,
    ) -> Step {
        let mut step = Step::default();
        let mut now_standing = BTreeMap::new();
        for judgement in judgements {
            for drift in &judgement.drifts {
                let event = event_of(judgement, drift, inventory, context, id());
                let Some(drift_id) = event.drift_id().map(str::to_owned) else { continue };
                let mut standing = self.standing.remove(&drift_id).unwrap_or_else(|| Standing {
                    since: context.time,
                    told: false,
                    summary: drift.summary.clone(),
                    level: drift.level,
                });
                let due = if may_be_half_a_save(drift) { standing.since + SETTLING } else { standing.since };
                if !standing.told && due <= context.time {
                    standing.told = true;
                    step.events.push(event);
                } else if !standing.told {
                    step.due = Some(step.due.map_or(due, |other: Timestamp| other.min(due)));
                }
                now_standing.insert(drift_id, standing);
            }
        }
        for (drift_id, ended) in std::mem::replace(&mut self.standing, now_standing) {
            if ended.told {
                step.events.push(ended_event(&drift_id, &ended, context, id()));
            }
        }
        step
    }
}

fn may_be_half_a_save(drift: &Drift) -> bool {
    matches!(drift.kind, DriftKind::ConfigUnparsable | DriftKind::ConfigMissing)
}

fn event_of(
    judgement: &Judgement,
    drift: &Drift,
    inventory: &Inventory,
    context: &Context<'_>,
    id: String,
) -> Event {
    let facts = inventory
        .surfaces
        .iter()
        .find(|reading| reading.surface.file == judgement.surface.file)
        .and_then(|reading| reading.facts.as_ref());
    let endpoint = inventory
        .servers
        .iter()
        .find(|server| crate::model::subject::Subject::server(server) == judgement.subject)
        .and_then(|server| server.entry.effective(&server.variables).endpoint());
    let observed = Observed { facts, endpoint: endpoint.as_ref(), ..Observed::default() };
    Event::drift(id, judgement, drift, &observed, context)
}

fn ended_event(drift_id: &str, ended: &Standing, context: &Context<'_>, id: String) -> Event {
    let message = format!("no longer so: {}", ended.summary);
    let mut event = Event::agent(id, AgentAction::DriftEnded, Level::Informational, &message, context);
    event.set("mcpwatch.drift.id", drift_id);
    event.set("mcpwatch.drift.level", ended.level.as_str());
    event.set("mcpwatch.drift.since", crate::model::event::time_text(ended.since));
    event
}
