//! The formats that the configuration names, as the exports know them. Must not know where a line goes.

use crate::config::{self, FileFormat};
use crate::export::{self, Format, Frame, Stored};
use crate::model::outgoing::Outgoing;

/// The event as the exports take it.
pub(super) fn stored(outgoing: &Outgoing) -> Stored<'_> {
    Stored { document: outgoing.event.document(), text: &outgoing.document }
}

/// Appends the event as one line with its end.
pub(super) fn line(format: FileFormat, outgoing: &Outgoing, out: &mut Vec<u8>) {
    let format = match format {
        FileFormat::Jsonl => Format::Jsonl,
        FileFormat::EcsFlat => Format::EcsFlat,
        FileFormat::Ocsf => Format::Ocsf,
        FileFormat::Cef => Format::Cef,
        FileFormat::Syslog => Format::Syslog,
    };
    format.write(stored(outgoing), out);
    out.push(b'\n');
}

/// How syslog messages are written.
pub(super) fn frame(target: &config::SyslogTarget) -> Frame {
    let payload = match target.payload {
        config::Payload::Json => export::Payload::Json,
        config::Payload::Cef => export::Payload::Cef,
    };
    let facility = match target.facility {
        config::Facility::User => export::Facility::User,
        config::Facility::Daemon => export::Facility::Daemon,
        config::Facility::Auth => export::Facility::Auth,
        config::Facility::Authpriv => export::Facility::Authpriv,
        config::Facility::Local0 => export::Facility::Local0,
        config::Facility::Local1 => export::Facility::Local1,
        config::Facility::Local2 => export::Facility::Local2,
        config::Facility::Local3 => export::Facility::Local3,
        config::Facility::Local4 => export::Facility::Local4,
        config::Facility::Local5 => export::Facility::Local5,
        config::Facility::Local6 => export::Facility::Local6,
        config::Facility::Local7 => export::Facility::Local7,
    };
    Frame { facility, payload, limit: target.max_message }
}
