//! Properties of any change to any document, against a model that knows no bytes.

use super::*;
use proptest::prelude::*;
use serde_json::Value;

/// An object as it is written: names repeat, white space varies.
fn document() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "1",
        "true",
        "null",
        "\"x, }\"",
        "\"\\u0061\\\"\"",
        "[]",
        "{}",
        "[ {\"a\": 1} ]",
        "\"é\"",
    ])
    .prop_map(str::to_owned);
    let value = leaf.prop_recursive(4, 40, 5, object);
    object(value)
}

fn object(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let name = prop::sample::select(vec!["a", "b", "c", "\\u0061", "é", "x\\\"y"]);
    let space = prop::sample::select(vec!["", " ", "\n  ", "\r\n\t"]);
    (prop::collection::vec((name, value), 0..5), space).prop_map(|(members, space)| {
        let members: Vec<String> =
            members.iter().map(|(name, value)| format!("{space}\"{name}\"{space}:{space}{value}")).collect();
        format!("{{{}{space}}}", members.join(","))
    })
}

fn path() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "é", "x\"y"]), 1..4)
}

/// The same change to what the document means; `None` where it leads over something that is no object.
fn change_meaning(document: &mut Value, path: &[&str], value: Option<&Value>) -> Option<()> {
    let (name, rest) = path.split_first()?;
    let object = document.as_object_mut()?;
    match (rest.is_empty(), value) {
        (true, Some(value)) => drop(object.insert((*name).to_owned(), value.clone())),
        (true, None) => drop(object.remove(*name)),
        (false, None) => {
            if let Some(inner) = object.get_mut(*name) {
                change_meaning(inner, rest, None)?;
            }
        }
        (false, Some(_)) => {
            let inner = object.entry((*name).to_owned()).or_insert_with(|| Value::Object(Default::default()));
            change_meaning(inner, rest, value)?;
        }
    }
    Some(())
}

proptest! {
    #[test]
    fn exactly_that_member_changes(text in document(), path in path(), value in document(), sets in any::<bool>()) {
        let change = if sets { Change::Set(&value) } else { Change::Remove };
        let mut meant: Value = serde_json::from_str(&text).unwrap();
        let wanted = sets.then(|| serde_json::from_str(&value).unwrap());
        let possible = change_meaning(&mut meant, &path, wanted.as_ref());
        match splice(text.as_bytes(), &path, change) {
            Ok(spliced) => {
                prop_assert!(possible.is_some());
                let result: Value = serde_json::from_slice(&spliced.bytes).unwrap();
                prop_assert_eq!(result, meant);
                // Doing it again changes nothing.
                prop_assert_eq!(splice(&spliced.bytes, &path, change).unwrap().changed, 0);
            }
            Err(error) => prop_assert!(possible.is_none(), "{error} {text}"),
        }
    }

    #[test]
    fn whoever_tampered_with_a_rewritten_file_leaves_no_trace(text in document(), evil in document(), path in path()) {
        let mut pretty: Value = serde_json::from_str(&text).unwrap();
        let tampered = serde_json::from_str(&evil).unwrap();
        let before = serde_json::to_string_pretty(&pretty).unwrap();
        let Ok(Found::There { member, .. }) = find(&before, &path) else { return Ok(()) };
        prop_assume!(change_meaning(&mut pretty, &path, Some(&tampered)).is_some());
        let after = serde_json::to_string_pretty(&pretty).unwrap();
        let raw = &before[member.value];
        let reverted = splice(after.as_bytes(), &path, Change::Set(raw)).unwrap();
        prop_assert_eq!(String::from_utf8(reverted.bytes).unwrap(), before);
    }

    #[test]
    fn what_is_put_in_and_taken_out_leaves_no_trace(text in document(), value in document(), path in path()) {
        let found = find(&text, &path);
        prop_assume!(matches!(&found, Ok(Found::Missing { depth, object }) if *depth + 1 == path.len() && {
            let inner = text[object.clone()].trim_matches(['{', '}']);
            inner.is_empty() || !inner.trim().is_empty()
        }));
        let with = splice(text.as_bytes(), &path, Change::Set(&value)).unwrap();
        let without = splice(&with.bytes, &path, Change::Remove).unwrap();
        prop_assert_eq!(String::from_utf8(without.bytes).unwrap(), text);
    }
}
