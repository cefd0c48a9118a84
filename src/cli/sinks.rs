//! How far each configured sink is, for `status` and `doctor`. Prints nothing.

use crate::cli::error::Failure;
use crate::cli::session::Session;
use crate::cli::status_document::SinkStatus;
use crate::config::{Begin, Target};
use crate::journal::Journal;

/// Every sink that is given events, as the configuration names them.
pub(crate) fn sinks(session: &Session<'_>, journal: Option<&Journal>) -> Result<Vec<SinkStatus>, Failure> {
    let configured = session.setup.config.sinks.iter();
    let with_events = configured.filter(|sink| !matches!(sink.target, Target::Prometheus { .. }));
    let status = with_events.map(|sink| {
        let mut status = SinkStatus { name: sink.name.clone(), pending: 0, last_error: None };
        let Some(journal) = journal else { return Ok(status) };
        match journal.sink(&sink.name)? {
            Some(state) => {
                status.pending = journal.pending(state.taken, &sink.selection)?;
                status.last_error = state.trouble.map(|(why, _)| why);
            }
            // No agent has met it yet.
            None if sink.begin == Begin::Beginning => status.pending = journal.pending(0, &sink.selection)?,
            None => {}
        }
        Ok(status)
    });
    status.collect()
}
