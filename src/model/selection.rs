//! Which events somebody wants. Must not know who, nor how they are found.

use crate::model::level::Level;

/// A choice of events; by default every one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Of that level or above.
    pub level: Option<Level>,
    /// Of one of these drift kinds or actions of the agent; of any when there is none.
    pub kinds: Vec<String>,
}
