//! Getting back to a journal that was taken away or could not be written, and saying what became of it. Must not know
//! how a journal is put back.

use super::recorder::CaughtUp;
use super::running::Running;
use crate::host::shown::shown;
use crate::journal::{Found, Head, JournalError, KeyPutBack, Lost, Reattached, What};
use crate::model::event::{AgentAction, Event};
use crate::model::level::Level;
use serde_json::{Map, Value, json};
use std::path::Path;

impl Running<'_> {
    /// Gets back to the journal if somebody took it away, and says so.
    pub(super) fn reattach_journal(&mut self) {
        match self.recorder.reattach(self.parts.clock) {
            None => self.keep_key(),
            Some(Ok(reattached)) => {
                self.keep_lock();
                self.listen();
                self.catch_up_with_what_waits();
                let event = self.replaced(&reattached);
                self.record_event(event);
            }
            Some(Err(error)) => self.cannot_write(&error),
        }
    }

    /// Puts the journal's key back if somebody took it away, and says so.
    fn keep_key(&mut self) {
        let message = match self.recorder.keep_key(self.parts.clock) {
            None => return,
            Some(Ok(put_back)) => key_sentence(&put_back),
            Some(Err(error)) => format!(
                "the journal's key was deleted or replaced while the agent ran and cannot be put back, so that nobody can \
                 read the journal once this agent ends: {error}"
            ),
        };
        self.listen();
        let mut event = self.own_event(AgentAction::JournalReplaced, Level::Critical, &message);
        event.set("file.path", self.recorder.journal().key_file().to_string_lossy().into_owned());
        self.record_event(event);
    }

    /// Records what was told while the journal could not be written.
    pub(super) fn catch_up(&mut self) {
        self.reattach_journal();
        self.catch_up_with_what_waits();
    }

    /// Does all that can be done to leave nothing unrecorded, whatever was tried just now.
    pub(super) fn catch_up_at_last(&mut self) {
        self.recorder.hurry();
        self.catch_up();
    }

    /// Says once that the journal cannot be written.
    pub(super) fn cannot_write(&mut self, error: &JournalError) {
        if self.outage.is_some() {
            return tracing::debug!(%error, "the journal still cannot be written");
        }
        let message = format!(
            "the journal cannot be written; what happens is told all the same and recorded later: {error}"
        );
        self.outage = Some(message.clone());
        self.record_own(AgentAction::JournalUnwritable, Level::High, &message);
    }

    /// Others see by the lock who runs: it must be where the journal is.
    pub(super) fn keep_lock(&mut self) {
        match self.lock.follow() {
            Ok(false) => {}
            Ok(true) => self.announced = Map::new(),
            Err(error) => tracing::warn!(%error, "others cannot see that this agent runs"),
        }
    }

    fn catch_up_with_what_waits(&mut self) {
        let caught_up = match self.recorder.catch_up(self.parts.clock) {
            Some(caught_up) => caught_up,
            // It came back by itself before anything had to wait.
            None if self.outage.is_some() && self.recorder.is_well() => CaughtUp::default(),
            None => return,
        };
        self.outage = None;
        let message =
            format!("the journal can be written again; {} events were caught up with", caught_up.recorded);
        self.record_own(AgentAction::JournalRestored, Level::Informational, &message);
        if caught_up.dropped > 0 {
            let message = format!(
                "{} events were told while the journal could not be written and are not in it: too many to keep",
                caught_up.dropped
            );
            self.record_own(AgentAction::EventsDropped, Level::High, &message);
        }
    }

    /// The event of a journal that was put back.
    fn replaced(&self, reattached: &Reattached) -> Event {
        let Reattached { found, moved_to, head, lost } = reattached;
        let path = self.recorder.journal().path();
        let message = sentence(path, found.as_ref(), moved_to.as_deref(), lost.as_ref());
        let mut event = self.own_event(AgentAction::JournalReplaced, Level::Critical, &message);
        let text = |path: &Path| path.to_string_lossy().into_owned();
        event.set("file.path", text(path));
        event.set("mcpwatch.journal.head", end(head.as_ref()));
        event.set("mcpwatch.journal.moved_to", moved_to.as_deref().map(text));
        let found = found.as_ref().map(|found| {
            let (is, head) = match &found.what {
                What::Earlier(head) => ("earlier", Some(head)),
                What::Parted(head) => ("parted", Some(head)),
                What::Stranger => ("stranger", None),
            };
            json!({"path": text(&found.path), "is": is, "head": end(head)})
        });
        event.set("mcpwatch.journal.set_aside", found);
        event
    }
}

/// What happened, and what is where now.
fn sentence(path: &Path, found: Option<&Found>, moved_to: Option<&Path>, lost: Option<&Lost>) -> String {
    let mut said = match (found, moved_to) {
        (Some(_), _) => "the journal was replaced while the agent ran",
        (None, Some(_)) => "the journal was moved away while the agent ran",
        (None, None) => "the journal was deleted while the agent ran",
    }
    .to_owned();
    match lost {
        None => said.push_str(&format!("; {} is there again with all that was in it", shown(path))),
        Some(Lost { first, last }) => said.push_str(&format!(
            "; {} is there again, but its newest events are lost, {first} to {last}: what is known of them is what was \
             told and delivered, and mcpwatch verify names them from now on",
            shown(path)
        )),
    }
    if let Some(Found { path, what }) = found {
        let what = match what {
            What::Earlier(head) => format!("an earlier state of it, up to event {}", head.sequence),
            What::Parted(head) => {
                format!(
                    "a journal of this installation that went on otherwise, up to event {}",
                    head.sequence
                )
            }
            What::Stranger => "no journal of this installation that can be read".to_owned(),
        };
        said.push_str(&format!("; what stood in its place was set aside as {}: {what}", shown(path)));
        said.push_str("; approvals and events that commands wrote to that are not merged");
    }
    if let Some(moved_to) = moved_to {
        said.push_str(&format!("; what was moved lies at {} and is not gone on with", shown(moved_to)));
    }
    said
}

/// What happened to the key.
fn key_sentence(put_back: &KeyPutBack) -> String {
    let path = shown(&put_back.path);
    match &put_back.set_aside {
        None => format!(
            "the journal's key was deleted while the agent ran; {path} is there again: without it nobody could have read \
             the journal any more"
        ),
        Some(aside) => format!(
            "the journal's key was replaced while the agent ran; {path} is the right one again, and what lay there was set \
             aside as {}",
            shown(aside)
        ),
    }
}

fn end(head: Option<&Head>) -> Value {
    head.map_or(Value::Null, |head| json!({"sequence": head.sequence, "hash": head.hash.to_string()}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::digest::Digest;

    #[test]
    fn it_is_said_what_is_where() {
        let path = Path::new("/s/journal.db");
        let deleted = sentence(path, None, None, None);
        assert!(
            deleted.contains("was deleted") && deleted.contains("/s/journal.db is there again"),
            "{deleted}"
        );
        let moved = sentence(path, None, Some(Path::new("/a/\u{1b}[2J")), None);
        assert!(moved.contains("was moved away") && moved.contains("lies at /a/\\u{1b}[2J "), "{moved}");
        let lost = sentence(path, None, None, Some(&Lost { first: 3, last: 7 }));
        assert!(lost.contains("events are lost, 3 to 7") && !lost.contains("all that was in it"), "{lost}");
        let head = Head { sequence: 7, hash: Digest::from_bytes([0; 32]) };
        for (what, said) in [
            (What::Earlier(head), "an earlier state of it, up to event 7"),
            (What::Parted(head), "went on otherwise, up to event 7"),
            (What::Stranger, "no journal of this installation"),
        ] {
            let found = Found { path: "/s/aside".into(), what };
            let replaced = sentence(path, Some(&found), None, None);
            assert!(replaced.contains("was replaced") && replaced.contains("as /s/aside: "), "{replaced}");
            assert!(replaced.contains(said) && replaced.contains("not merged"), "{replaced}");
        }
    }
}
