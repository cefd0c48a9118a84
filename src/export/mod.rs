//! Events in the formats that other systems read: from an event to one line of bytes. Pure; must not know where events
//! come from, nor where the line goes.
//!
//! A line never holds a line break, a control character, or a mark that hides or turns a text around, whatever an event
//! says: nobody can forge a second line or break the first.

mod cef;
mod flat;
pub mod journald;
mod json_text;
mod ocsf;
pub mod otlp;
pub mod prometheus;
mod shorten;
mod syslog;

pub use self::syslog::Frame;
pub use crate::model::line::{Facility, Format, Payload};

use serde_json::{Map, Value};

/// What mcpwatch calls itself towards other systems.
const PRODUCT: &str = "mcpwatch";

/// Its version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// An event as it stands in the journal.
#[derive(Clone, Copy, Debug)]
pub struct Stored<'e> {
    /// Its document.
    pub document: &'e Map<String, Value>,
    /// The same, byte for byte as it was stored.
    pub text: &'e str,
}

impl Format {
    /// Appends the event as one line, without the line's end.
    pub fn write(self, event: Stored<'_>, out: &mut Vec<u8>) {
        match self {
            Self::Jsonl => json_text::visible(&event.on_one_line(), out),
            Self::EcsFlat => flat::write(event.document, out),
            Self::Ocsf => ocsf::write(event.document, out),
            Self::Cef => cef::write(event.document, cef::LIMIT, out),
            Self::Syslog => Frame::default().write(event, out),
        }
    }
}

impl<'e> Stored<'e> {
    /// The text, or what it says where somebody laid it out on several lines.
    fn on_one_line(&self) -> std::borrow::Cow<'e, str> {
        if self.text.bytes().any(|byte| byte.is_ascii_control()) {
            return json_text::of(self.document).into();
        }
        self.text.into()
    }

    /// The value of a field by its dotted name.
    fn get(&self, field: &str) -> Option<&'e Value> {
        get(self.document, field)
    }

    /// The text of a field by its dotted name; empty where there is none.
    fn text(&self, field: &str) -> &'e str {
        self.get(field).and_then(Value::as_str).unwrap_or_default()
    }
}

/// The value of a field by its dotted name.
fn get<'d>(document: &'d Map<String, Value>, field: &str) -> Option<&'d Value> {
    let mut parts = field.split('.');
    let first = document.get(parts.next()?)?;
    parts.try_fold(first, |value, part| value.get(part))
}
