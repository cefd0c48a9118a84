//! What is said where approvals of this machine are switched off. Knows nothing of how they are kept.

use crate::baseline::LocalApprovals;
use crate::cli::error::Failure;
use crate::cli::session::Session;

/// Why nothing can be approved here, where that is so.
pub(crate) fn sentence(session: &Session<'_>) -> Option<String> {
    if session.setup.local_approvals() == LocalApprovals::Count {
        return None;
    }
    let by = session.setup.config_file.as_ref().map_or_else(String::new, |file| file.display().to_string());
    Some(format!(
        "approvals of this machine are switched off (local_approvals = false in {by}); templates alone count"
    ))
}

/// Lets nothing be approved where approvals are switched off.
pub(crate) fn refuse(session: &Session<'_>) -> Result<(), Failure> {
    match sentence(session) {
        Some(sentence) => Err(Failure::new(sentence).refused().help("ask whoever keeps the templates")),
        None => Ok(()),
    }
}
