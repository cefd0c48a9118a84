//! A changed document held against the one it was made of: it says what was wanted, and nothing else says anything
//! else. Must not know how it was changed.

use super::error::SpliceError;
use super::opened::{NAMES, Opened};
use super::render::says_the_same;
use super::{Change, SpliceError::Unsound};
use crate::json::{Document, read};
use std::collections::BTreeMap;

/// Judges a result, which is read anew.
pub(super) fn judge(
    before: &Opened<'_>,
    after: &[u8],
    path: &[&str],
    change: Change<'_>,
) -> Result<(), SpliceError> {
    let after = Opened::read(after)?;
    if before.text.had_mark() != after.text.had_mark() && before.top.is_some() {
        return Err(Unsound);
    }
    if after.top.is_none() {
        return if change == Change::Remove && before.top.is_none() { Ok(()) } else { Err(Unsound) };
    }
    let (mut old, mut new) = (top(before)?, top(&after)?);
    for (depth, name) in path.iter().enumerate() {
        let [was, is] = [old.remove(*name), new.remove(*name)];
        if old != new {
            return Err(Unsound);
        }
        if depth + 1 == path.len() {
            let is_wanted = match (is.as_deref(), change) {
                (Some([value]), Change::Set(wanted)) => says_the_same(value, wanted),
                (None, Change::Remove) => true,
                _ => false,
            };
            return if is_wanted { Ok(()) } else { Err(Unsound) };
        }
        // Of several the last is the one that counts, and the others stay as they were.
        let [(was, was_lost), (is, is_lost)] = [was, is].map(|values| {
            let mut values = values.unwrap_or_default();
            (values.pop(), values)
        });
        if was_lost != is_lost {
            return Err(Unsound);
        }
        let Some(is) = is else {
            // The way ends: right only if nothing was to be there, and nothing was.
            return if change == Change::Remove && was.is_none() { Ok(()) } else { Err(Unsound) };
        };
        (old, new) = (was.map_or(Ok(Values::new()), inside)?, inside(is)?);
    }
    Err(Unsound)
}

/// What each member of an object says, by name; of one that stands more than once everything, in order.
type Values<'t> = BTreeMap<String, Vec<&'t str>>;

fn top<'t>(opened: &'t Opened<'_>) -> Result<Values<'t>, SpliceError> {
    opened.top.as_ref().map_or(Ok(Values::new()), |top| values(opened.text.as_str(), top))
}

fn inside(text: &str) -> Result<Values<'_>, SpliceError> {
    values(text, &read(text, &NAMES)?)
}

fn values<'t>(text: &'t str, document: &Document) -> Result<Values<'t>, SpliceError> {
    let object = document.root.as_object().ok_or(SpliceError::NoObject)?;
    let mut values = Values::new();
    for again in &document.duplicates {
        let lost = text.get(again.lost.clone()).unwrap_or_default();
        values.entry(again.path.concat()).or_default().push(lost);
    }
    for (name, node) in object.iter() {
        values.entry(name.to_owned()).or_default().push(text.get(node.span.clone()).unwrap_or_default());
    }
    Ok(values)
}
