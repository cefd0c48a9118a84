//! A drift that was told and stands: what must be remembered of it across restarts, so that it is neither told
//! again nor forgotten. Must not know where that is kept.

use crate::model::kind::DriftKind;
use crate::model::level::Level;
use jiff::Timestamp;

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
}
