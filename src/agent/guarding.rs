//! The client's credentials files, watched with the rest of a home: what is to be told of them, and remembered. Must not
//! know what makes a loss.

use super::home::Parts;
use super::running::Running;
use crate::credentials::{Finding, Guard, Told, Writer};
use crate::journal::{Batch, StandingChange};
use crate::model::event::{Authorship, Context, Event};
use crate::model::inventory::Inventory;
use crate::model::provenance::{Actor, Confidence, Provenance};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Adds to a batch what is to be told of them now, and what is to be remembered of that; says when to look again.
pub(super) fn step(
    guard: &mut Guard,
    inventory: &Inventory,
    context: &Context<'_>,
    parts: &Parts,
    author: &dyn Fn(&Path) -> Arc<Authorship>,
    batch: &mut Batch,
) -> Option<Duration> {
    let writer = |file: &Path| writer(&author(file));
    let Told { findings, due } = guard.step(&inventory.credentials, parts.clock.elapsed(), &writer);
    let event = |finding: Finding| {
        let id = (parts.event_id)(context.time);
        let mut event = Event::agent(id, finding.action, finding.level, &finding.message, context);
        event.set("mcpwatch.client", "claude-code");
        event.set("file.path", finding.file.to_string_lossy().into_owned());
        if finding.is_logout() {
            event.set("event.reason", "logout");
        }
        let author = author(&finding.file);
        if author.writer.is_some() {
            event.set_provenance(&author, context.key);
        }
        parts.rules.apply(&mut event);
        event
    };
    batch.events.extend(findings.into_iter().map(event));
    // Together with what was told, so that it is told neither twice nor never.
    if let Some((told, home)) = guard.take_news().zip(context.home) {
        batch.standing.push(StandingChange::Credentials { home: home.to_path_buf(), told });
    }
    due
}

fn writer(author: &Provenance) -> Writer {
    match author.actor {
        _ if author.writer.is_none() || author.confidence < Confidence::Likely => Writer::Unknown,
        Actor::Client => Writer::Client,
        Actor::Unknown => Writer::Unknown,
        _ => Writer::Other,
    }
}

impl Running<'_> {
    /// What was told of the credentials files of that home before.
    pub(super) fn resumed_guard(&self, home: &Path) -> Guard {
        let told = self.recorder.journal().credentials_told(home);
        told.ok().flatten().map_or_else(Guard::default, |told| Guard::resume(&told))
    }
}
