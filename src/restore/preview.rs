//! What an order would change, entry by entry, without changing it. The texts hold secrets: who shows them masks them.

use super::mend::changed;
use super::order::Order;
use crate::host::replace::Place;
use crate::json::{decode, line_and_column};
use crate::model::secret::Secret;
use crate::splice::entry_at;

/// One entry before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The line on which it stands, or will stand.
    pub line: usize,
    /// Its key and value as they stand there; `None` for not there.
    pub before: Option<Secret>,
    /// As they will stand there.
    pub after: Option<Secret>,
    /// How many bytes are gone or new.
    pub changed: usize,
}

/// Looks at what an order would do.
///
/// # Errors
/// Why it could not be carried out.
pub fn preview(order: &Order) -> Result<Vec<Preview>, String> {
    let place = Place::find(&order.file(), order.owner).map_err(|error| error.to_string())?;
    let mut bytes = place.read(order.cap).map_err(|error| error.to_string())?.bytes;
    let mut previews = Vec::new();
    for edit in &order.edits {
        let path: Vec<&str> = edit.path.iter().map(String::as_str).collect();
        let (after, changed) = changed(std::slice::from_ref(edit), &bytes)?;
        let [(line, old), (new_line, new)] = [&*bytes, &*after].map(|bytes| shown(bytes, &path));
        previews.push(Preview { line: line.or(new_line).unwrap_or(1), before: old, after: new, changed });
        bytes = after.into_owned();
    }
    Ok(previews)
}

/// The entry with the indentation of its first line, and the line.
fn shown(bytes: &[u8], path: &[&str]) -> (Option<usize>, Option<Secret>) {
    let decoded = decode(bytes);
    let text = decoded.as_str();
    let Some(span) = entry_at(text, path) else { return (None, None) };
    let start = text.get(..span.start).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let indent = text.get(start..span.start).filter(|indent| indent.trim().is_empty()).unwrap_or_default();
    let entry = text.get(span.clone()).unwrap_or_default();
    (Some(line_and_column(text, span.start).0), Some(Secret::new(format!("{indent}{entry}"))))
}
