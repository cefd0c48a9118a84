//! The document without objects within: each field by its dotted name. Must not know what fields there are.

use super::json_text;
use serde_json::{Map, Value};

/// Deeper than any document; bounds the stack.
const DEEPEST: usize = 64;

/// Appends the document with dotted names. A list of objects becomes, for each field of theirs, the list of its values
/// in their order: that is what search engines make of it, too.
pub(super) fn write(document: &Map<String, Value>, out: &mut Vec<u8>) {
    let mut flat = Map::new();
    for (name, value) in document {
        put(name, value, false, DEEPEST, &mut flat);
    }
    json_text::visible(&json_text::of(&flat), out);
}

fn put(name: &str, value: &Value, is_listed: bool, depth: usize, flat: &mut Map<String, Value>) {
    match value {
        Value::Object(members) if depth > 0 && !members.is_empty() => {
            for (member, value) in members {
                put(&format!("{name}.{member}"), value, is_listed, depth - 1, flat);
            }
        }
        Value::Array(items) if depth > 0 && items.iter().any(Value::is_object) => {
            items.iter().for_each(|item| put(name, item, true, depth - 1, flat));
        }
        Value::Array(items) if is_listed => items.iter().for_each(|item| push(name, item, flat)),
        value if is_listed => push(name, value, flat),
        value => {
            flat.insert(name.to_owned(), value.clone());
        }
    }
}

fn push(name: &str, value: &Value, flat: &mut Map<String, Value>) {
    if let Value::Array(list) = flat.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
        list.push(value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn flat(document: Value) -> Value {
        let mut line = Vec::new();
        write(document.as_object().unwrap(), &mut line);
        serde_json::from_slice(&line).unwrap()
    }

    #[test]
    fn names_are_dotted_and_lists_are_columns() {
        let document = json!({
            "@timestamp": "t", "event": {"id": "1", "type": ["change"]}, "tags": [],
            "m": {"list": [{"pid": 1, "args": ["a", "b"]}, {"pid": 2, "user": {"id": "0"}, "args": ["c"]}], "none": {}},
        });
        let expected = json!({
            "@timestamp": "t", "event.id": "1", "event.type": ["change"], "tags": [],
            "m.list.pid": [1, 2], "m.list.args": ["a", "b", "c"], "m.list.user.id": ["0"], "m.none": {},
        });
        assert_eq!(flat(document), expected);
    }

    #[test]
    fn what_is_too_deep_stays_as_it_is() {
        let deep = (0..100).fold(json!(1), |inner, _| json!({ "a": inner }));
        let flat = flat(deep);
        let (name, value) = flat.as_object().unwrap().iter().next().unwrap();
        assert_eq!(name.matches('a').count(), DEEPEST + 1);
        assert!(value.is_object());
    }

    proptest! {
        #[test]
        fn any_text_reads_back(name in "[^.]{0,8}", text in any::<String>()) {
            let document = json!({ "o": { name.clone(): text.clone() } });
            prop_assert_eq!(flat(document), json!({ format!("o.{name}"): text }));
        }
    }
}
