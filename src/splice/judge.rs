//! A changed document held against the one it was made of: it says what was wanted, and nothing else says anything
//! else. Must not know how it was changed.

use super::error::SpliceError;
use super::find::NAMES;
use super::render::says_the_same;
use super::{Change, SpliceError::Unsound};
use crate::json::{decode, read};
use std::collections::BTreeMap;

/// Judges a result.
pub(super) fn judge(
    before: &[u8],
    after: &[u8],
    path: &[&str],
    change: Change<'_>,
) -> Result<(), SpliceError> {
    let (before, after) = (decode(before), decode(after));
    let is_empty = before.as_str().trim().is_empty();
    if before.had_mark() != after.had_mark() && !is_empty {
        return Err(Unsound);
    }
    let mut old = (!is_empty).then(|| before.as_str());
    let mut new = match (after.as_str().trim().is_empty(), change) {
        (true, Change::Remove) => return if is_empty { Ok(()) } else { Err(Unsound) },
        _ => Some(after.as_str()),
    };
    for (depth, name) in path.iter().enumerate() {
        let [old_here, new_here] = [old, new].map(|text| text.map_or(Ok(BTreeMap::new()), values));
        let (mut old_here, mut new_here) = (old_here?, new_here?);
        let [was, is] = [old_here.remove(*name), new_here.remove(*name)];
        if old_here != new_here {
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
        (old, new) = (was, is);
        if new.is_none() {
            // The way ends: right only if nothing was to be there, and nothing was.
            return if change == Change::Remove && old.is_none() { Ok(()) } else { Err(Unsound) };
        }
    }
    Err(Unsound)
}

/// What each member of an object says, by name; of one that stands more than once everything, in order.
fn values(text: &str) -> Result<BTreeMap<String, Vec<&str>>, SpliceError> {
    let document = read(text, &NAMES)?;
    let object = document.root.as_object().ok_or(SpliceError::NoObject)?;
    let mut values: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for again in &document.duplicates {
        let lost = text.get(again.lost.clone()).unwrap_or_default();
        values.entry(again.path.concat()).or_default().push(lost);
    }
    for (name, node) in object.iter() {
        values.entry(name.to_owned()).or_default().push(text.get(node.span.clone()).unwrap_or_default());
    }
    Ok(values)
}
