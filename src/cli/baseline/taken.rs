//! What a capture takes into the baseline. Approves nothing and prints nothing.

use crate::journal::NewApproval;

/// What was known of a thing before it was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing.
    New,
    /// Something else.
    Changed,
    /// It was there.
    Gone,
    /// The same.
    Same,
}

/// Something that is approved now, and what was known of it before.
pub(super) struct Taken {
    /// What is approved.
    pub(super) approval: NewApproval,
    /// What was known before.
    pub(super) state: State,
}
