//! Events as the exports take them, and lines as the configuration wants them. Must not know where a line goes.

use crate::config;
use crate::export::{Format, Frame, Stored};
use crate::model::outgoing::Outgoing;

/// The event as the exports take it.
pub(super) fn stored(outgoing: &Outgoing) -> Stored<'_> {
    Stored { document: outgoing.event.document(), text: &outgoing.document }
}

/// Appends the event as one line with its end.
pub(super) fn line(format: Format, outgoing: &Outgoing, out: &mut Vec<u8>) {
    format.write(stored(outgoing), out);
    out.push(b'\n');
}

/// How syslog messages are written.
pub(super) fn frame(target: &config::SyslogTarget) -> Frame {
    Frame { facility: target.facility, payload: target.payload, limit: target.max_message }
}
