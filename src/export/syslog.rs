//! Syslog messages as RFC 5424 has them, around the document as JSON or around CEF. Must not know how they travel:
//! whoever sends them counts octets or ends lines.
//!
//! The crates there are (`syslog`, `syslog_fmt`) trust what stands in a header: a space in a host's name would move
//! all that follows, and a line break begin another message. They bound no length either. What they would spare us is
//! the priority's number and three escapes, so that the whole is written here.

use super::{PRODUCT, Stored, VERSION, cef, json_text, shorten};
use crate::model::hidden::is_hidden;
use crate::model::level::Level;
use crate::model::line::{Facility, Payload};
use jiff::Timestamp;
use std::borrow::Cow;
use std::io::Write as _;

/// What stands where nothing is known.
const NIL: &str = "-";

/// The name of our structured data. The number is the one that is set aside for documentation: mcpwatch has no
/// enterprise number of its own.
const DATA: &str = "mcpwatch@32473";

/// How many bytes of one value of the structured data.
const DATA_VALUE: usize = 64;

/// The longest host's name and message id that the RFC allows.
const HOST: usize = 255;
const MESSAGE_ID: usize = 32;

/// How long a whole message is unless told otherwise: what rsyslog takes without being asked.
const LIMIT: usize = 8000;

/// The least limit: every receiver should take that much, says the RFC.
const LEAST: usize = 2048;

/// How many bytes all before the payload takes at most.
const HEADER: usize = 600;

/// How messages are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What they are about.
    pub facility: Facility,
    /// What they carry.
    pub payload: Payload,
    /// How many bytes a whole message has at most; what is less than 2048 counts as that. What does not fit is left out,
    /// the least important first, and the payload says so.
    pub limit: usize,
}

impl Default for Frame {
    fn default() -> Self {
        Self { facility: Facility::Authpriv, payload: Payload::Json, limit: LIMIT }
    }
}

impl Frame {
    /// Appends one message, without a length before it or a line's end behind it.
    ///
    /// No byte order mark stands before the payload: JSON is ASCII here, and receivers of CEF look for its first letters.
    pub fn write(&self, event: Stored<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        self.header(event, out);
        let left = self.limit.max(LEAST).saturating_sub(out.len() - start);
        debug_assert!(out.len() - start <= HEADER, "the header is bounded");
        match self.payload {
            Payload::Json => {
                let text = event.on_one_line();
                if json_text::ascii_length(&text) <= left {
                    json_text::ascii(&text, out);
                } else {
                    out.extend_from_slice(&shorten::within(event.document, left));
                }
            }
            Payload::Cef => cef::write(event.document, left, out),
        }
    }

    /// `<priority>1 time host program - action [data] `, each of them bounded and without a space in it.
    fn header(&self, event: Stored<'_>, out: &mut Vec<u8>) {
        let level: Level = event.text("mcpwatch.level").parse().unwrap_or(Level::Critical);
        let priority = self.facility.number() * 8 + severity(level);
        let time = event.text("@timestamp").parse::<Timestamp>().ok().map(crate::model::event::time_text);
        let time = time.filter(|time| time.starts_with(|first: char| first.is_ascii_digit()));
        let sequence = event.get("event.sequence").and_then(serde_json::Value::as_i64);
        // NOTE(cannot fail): writing to a vector does not.
        let _ = write!(
            out,
            "<{priority}>1 {} {} {PRODUCT} {NIL} {} [{DATA} id=\"{}\" sequence=\"{}\" level=\"{level}\" version=\"{VERSION}\"] ",
            time.as_deref().unwrap_or(NIL),
            name(event.text("host.name"), HOST),
            name(event.text("event.action"), MESSAGE_ID),
            value(event.text("event.id")),
            sequence.unwrap_or_default(),
        );
    }
}

/// The severity of RFC 5424: the graver, the lower.
fn severity(level: Level) -> u8 {
    match level {
        Level::Critical => 2,
        Level::High => 3,
        Level::Medium => 4,
        Level::Low => 5,
        Level::Informational => 6,
    }
}

/// A word of the header. The RFC would take all of visible ASCII; receivers are known that refuse a whole message for a
/// bracket or a quote in a host's name.
fn name(text: &str, most: usize) -> Cow<'_, str> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-._:".contains(letter);
    if text.is_empty() {
        return NIL.into();
    }
    if text.len() <= most && text.chars().all(is_plain) {
        return text.into();
    }
    text.chars().take(most).map(|letter| if is_plain(letter) { letter } else { '_' }).collect()
}

/// A value of the structured data: quotes, brackets and backslashes escaped, nothing hidden, no half escape at its end.
fn value(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars() {
        let before = shown.len();
        match character {
            '"' | '\\' | ']' => shown.extend(['\\', character]),
            hidden if is_hidden(hidden) => shown.push('_'),
            other => shown.push(other),
        }
        if shown.len() > DATA_VALUE {
            shown.truncate(before);
            break;
        }
    }
    shown
}

#[cfg(test)]
#[path = "syslog_tests.rs"]
mod tests;
