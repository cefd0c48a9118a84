//! The client's credentials files, watched with the rest of a home: what is to be told of them, and remembered. Must not
//! know what makes a loss.

use super::home::Parts;
use super::running::Running;
use crate::credentials::{Finding, Guard, Told, Writer};
use crate::model::event::{Context, Event};
use crate::model::inventory::Inventory;
use crate::model::provenance::{Actor, Confidence, Provenance};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

/// What is to be told of them now, and when to look again.
pub(super) fn step(
    guard: &mut Guard,
    inventory: &Inventory,
    context: &Context<'_>,
    parts: &Parts,
    author: &dyn Fn(&Path) -> Rc<Provenance>,
) -> (Vec<Event>, Option<Duration>) {
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
    (findings.into_iter().map(event).collect(), due)
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

    /// Remembers what was told. After it was recorded: told twice is better than never.
    pub(super) fn remember_credentials(&mut self) {
        if self.beginning.is_some() {
            return;
        }
        for home in &mut self.homes {
            let Some(news) = home.guard.take_news() else { continue };
            let dir = &home.watched.layout.home;
            if let Err(error) = self.recorder.journal_mut().remember_credentials(dir, &news) {
                tracing::debug!(%error, "what was told of credentials could not be remembered yet");
                home.guard.keep_news();
                return;
            }
        }
    }
}
