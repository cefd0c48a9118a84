//! Whether events get to where they are to be delivered. Connects to nobody: the agent does that, and has said how it
//! went.

use super::Findings;
use crate::cli::diff::counted;
use crate::cli::session::Session;
use crate::cli::sinks::sinks;

/// More of them than this wait for nobody who is well.
const MANY: u64 = 10_000;

/// Every configured sink.
pub(super) fn look(session: &Session<'_>, findings: &mut Findings) {
    const NAME: &str = "sinks";
    // What is wrong with the journal itself is said elsewhere.
    let journal = session.setup.journal().ok().flatten();
    let status = format!("mcpwatch{} status", session.repeated(None));
    match sinks(session, journal.as_ref()) {
        Ok(sinks) if sinks.is_empty() => findings.ok(NAME, "none; events stay in the journal"),
        Ok(sinks) => {
            for sink in sinks {
                let waiting = counted(usize::try_from(sink.pending).unwrap_or(usize::MAX), "event");
                match sink.last_error {
                    Some(why) => {
                        findings.warn(
                            NAME,
                            format!("{}: {waiting} not delivered: {why}", sink.name),
                            status.clone(),
                        );
                    }
                    None if sink.pending > MANY => {
                        findings.warn(
                            NAME,
                            format!("{}: {waiting} not delivered yet", sink.name),
                            status.clone(),
                        );
                    }
                    None => findings.ok(NAME, format!("{}: {waiting} not delivered yet", sink.name)),
                }
            }
        }
        Err(error) => findings.fail(NAME, error.to_string(), None),
    }
}
