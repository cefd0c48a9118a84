//! A drift that was told and stands: what must be remembered of it across restarts, so that it is neither told
//! again nor forgotten. Must not know where that is kept.

use crate::model::event::Event;
use crate::model::kind::DriftKind;
use crate::model::level::Level;
use jiff::Timestamp;
use std::path::Path;

/// A drift that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingDrift {
    /// The drift's own id, the same for as long as it stands.
    pub drift_id: String,
    /// An opaque digest of what was told: the content that was seen, and the level.
    pub state: String,
    /// When it was first seen.
    pub since: Timestamp,
    /// How much it matters.
    pub level: Level,
    /// What it is.
    pub kind: DriftKind,
    /// One sentence for a person. Never holds a secret.
    pub summary: String,
    /// The event that told it.
    pub event_id: Option<String>,
    /// What it is about, as that event says it.
    pub about: About,
}

/// The fields of an event that say what its drift is about.
const ABOUT: [&str; 6] = [
    "file.path",
    "mcpwatch.client",
    "mcpwatch.scope",
    "mcpwatch.project",
    "mcpwatch.server",
    "mcpwatch.drift.field",
];

/// What a drift is about: field by field, where the event that told it says so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About(Box<[Option<String>; ABOUT.len()]>);

impl About {
    /// What that event is about.
    pub fn of(event: &Event) -> Self {
        Self(Box::new(ABOUT.map(|field| event.text(field).map(str::to_owned))))
    }

    /// The file.
    pub fn file(&self) -> Option<&Path> {
        self.0.first()?.as_deref().map(Path::new)
    }

    /// Says the same in another event.
    pub fn say_in(&self, event: &mut Event) {
        for (field, value) in ABOUT.iter().zip(self.0.iter()) {
            event.set_some(field, value.clone());
        }
    }
}
