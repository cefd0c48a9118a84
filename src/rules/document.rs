//! An event as the evaluator asks it: fields by dotted name, through objects and lists. Must not know any rule.

use rsigma_eval::{Event as Asked, EventValue};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Documents are not deeper than this.
const DEPTH: usize = 32;

/// The document of an event.
pub(super) struct Document<'d>(pub(super) &'d Map<String, Value>);

impl Asked for Document<'_> {
    /// Where a list lies on the way, every member of it is followed.
    fn get_field(&self, name: &str) -> Option<EventValue<'_>> {
        let (first, mut rest) = parted(name);
        let mut value = self.0.get(first)?;
        // Nearly always straight on: rules ask for hundreds of fields.
        while let (Value::Object(members), Some(name)) = (value, rest) {
            let (first, further) = parted(name);
            (value, rest) = (members.get(first)?, further);
        }
        if rest.is_none() {
            return Some(EventValue::from(value));
        }
        let mut found = Vec::new();
        collect(value, rest, &mut found, DEPTH);
        match found.len() {
            0 | 1 => found.pop(),
            _ => Some(EventValue::Array(found)),
        }
    }

    fn any_string_value(&self, matches: &dyn Fn(&str) -> bool) -> bool {
        self.0.values().any(|value| any_text(value, matches, DEPTH))
    }

    fn all_string_values(&self) -> Vec<Cow<'_, str>> {
        let mut texts = Vec::new();
        self.0.values().for_each(|value| all_texts(value, &mut texts, DEPTH));
        texts
    }

    fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

/// The first step of a name, and the others.
fn parted(name: &str) -> (&str, Option<&str>) {
    name.split_once('.').map_or((name, None), |(first, rest)| (first, Some(rest)))
}

fn collect<'v>(value: &'v Value, rest: Option<&str>, found: &mut Vec<EventValue<'v>>, depth: usize) {
    if depth == 0 {
        return;
    }
    match (value, rest) {
        (_, None) => found.push(EventValue::from(value)),
        (Value::Object(members), Some(name)) => {
            let (first, rest) = parted(name);
            if let Some(value) = members.get(first) {
                collect(value, rest, found, depth - 1);
            }
        }
        (Value::Array(items), Some(_)) => {
            items.iter().for_each(|item| collect(item, rest, found, depth - 1));
        }
        _ => {}
    }
}

fn any_text(value: &Value, matches: &dyn Fn(&str) -> bool, depth: usize) -> bool {
    match value {
        _ if depth == 0 => false,
        Value::String(text) => matches(text),
        Value::Array(items) => items.iter().any(|item| any_text(item, matches, depth - 1)),
        Value::Object(members) => members.values().any(|item| any_text(item, matches, depth - 1)),
        _ => false,
    }
}

fn all_texts<'v>(value: &'v Value, texts: &mut Vec<Cow<'v, str>>, depth: usize) {
    match value {
        _ if depth == 0 => {}
        Value::String(text) => texts.push(Cow::Borrowed(text)),
        Value::Array(items) => items.iter().for_each(|item| all_texts(item, texts, depth - 1)),
        Value::Object(members) => members.values().for_each(|item| all_texts(item, texts, depth - 1)),
        _ => {}
    }
}
