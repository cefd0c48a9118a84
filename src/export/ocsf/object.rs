//! What a document says at a place, in the types that OCSF wants; what has another type is not there. Must not know what
//! is asked for.

use super::super::get;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// An event, or an object within one.
#[derive(Clone, Copy)]
pub(super) struct Object<'e>(pub(super) &'e Map<String, Value>);

impl<'e> Object<'e> {
    /// The value of a field by its dotted name.
    pub(super) fn get(self, field: &str) -> Option<&'e Value> {
        get(self.0, field)
    }

    /// A text that is not empty.
    pub(super) fn text(self, field: &str) -> Option<&'e str> {
        self.get(field)?.as_str().filter(|text| !text.is_empty())
    }

    /// The same as a value.
    pub(super) fn value(self, field: &str) -> Option<Value> {
        self.text(field).map(Value::from)
    }

    /// A whole number.
    pub(super) fn number(self, field: &str) -> Option<Value> {
        self.get(field)?.as_i64().map(Value::from)
    }

    /// A time in milliseconds since 1970.
    pub(super) fn time(self, field: &str) -> Option<Value> {
        let time: Timestamp = self.text(field)?.parse().ok()?;
        Some(time.as_millisecond().into())
    }

    /// The texts of a list that has some.
    pub(super) fn texts(self, field: &str) -> Option<Value> {
        let texts: Vec<Value> =
            self.get(field)?.as_array()?.iter().filter(|item| item.is_string()).cloned().collect();
        (!texts.is_empty()).then_some(Value::Array(texts))
    }

    /// An object within.
    pub(super) fn object(self, field: &str) -> Option<Self> {
        self.get(field)?.as_object().map(Object)
    }

    /// The objects of a list.
    pub(super) fn objects(self, field: &str) -> impl Iterator<Item = Self> {
        self.get(field)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .map(Object)
    }
}

/// An object of those members that are there; `None` where none is.
pub(super) fn members<const N: usize>(members: [(&str, Option<Value>); N]) -> Option<Value> {
    let there = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let object: Map<String, Value> = there.collect();
    (!object.is_empty()).then_some(Value::Object(object))
}

/// A list that has something; `None` where it has nothing.
pub(super) fn list(items: Vec<Value>) -> Option<Value> {
    (!items.is_empty()).then_some(Value::Array(items))
}
