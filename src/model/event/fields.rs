//! Every field that an event's document may have: its name, its type, when it is there and what it says. What is emitted is
//! held against this table, `docs/events.md` is made of it, and rules may ask for nothing else. Must not know who sets a
//! field.

mod author;
mod own;
mod schema;

use serde_json::{Map, Value};

/// What a value is. The names are those of Elasticsearch's types, which ECS uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A text that is compared as a whole.
    Keyword,
    /// A list of such texts.
    Keywords,
    /// A sentence.
    Text,
    /// A time as [`super::time_text`] spells it.
    Date,
    /// A whole number.
    Long,
    /// True or false.
    Boolean,
}

/// Who gives a document its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Whoever makes the event: rules can ask for it.
    Event,
    /// Rules.
    Rules,
    /// The journal, when it stores the event.
    Journal,
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its dotted name, from the places of its section on.
    pub name: &'static str,
    /// What its value is.
    pub shape: Shape,
    /// When it is there.
    pub when: &'static str,
    /// What it says.
    pub meaning: &'static str,
}

/// Fields that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// What they are about.
    pub title: &'static str,
    /// Where they stand: before each name. None where the names are whole.
    pub places: &'static [&'static str],
    /// Who sets them.
    pub origin: Origin,
    /// They themselves.
    pub fields: &'static [Field],
}

const fn field(name: &'static str, shape: Shape, when: &'static str, meaning: &'static str) -> Field {
    Field { name, shape, when, meaning }
}

/// Every section, in the order in which a reader wants them.
pub fn sections() -> impl Iterator<Item = &'static Section> {
    schema::SECTIONS.iter().chain(own::SECTIONS).chain(author::SECTIONS)
}

impl Section {
    /// Each field with its whole name.
    pub fn named(&'static self) -> impl Iterator<Item = (String, &'static Field)> {
        let bare = self.fields.iter().filter(|_| self.places.is_empty());
        let placed = self.places.iter().flat_map(|place| {
            self.fields.iter().map(move |field| (format!("{place}.{}", field.name), field))
        });
        bare.map(|field| (field.name.to_owned(), field)).chain(placed)
    }

    /// The field of that whole name.
    fn find(&'static self, name: &str) -> Option<&'static Field> {
        let in_place = |name: &str| self.fields.iter().find(|field| field.name == name);
        if self.places.is_empty() {
            return in_place(name);
        }
        let below = |place: &&str| name.strip_prefix(place)?.strip_prefix('.').and_then(in_place);
        self.places.iter().find_map(below)
    }
}

/// The field of that name, and who sets it.
pub fn find(name: &str) -> Option<(&'static Field, Origin)> {
    sections().find_map(|section| Some((section.find(name)?, section.origin)))
}

/// What a document holds that stands in no table, or has another type than the table says: a sentence each.
pub fn faults(document: &Map<String, Value>) -> Vec<String> {
    let mut faults = Vec::new();
    document.iter().for_each(|(name, value)| look(name, value, &mut faults));
    faults
}

fn look(name: &str, value: &Value, faults: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(member, value)| look(&format!("{name}.{member}"), value, faults));
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().for_each(|item| look(name, item, faults));
        }
        // An empty list says as much as none.
        Value::Array(items) if items.is_empty() => {}
        Value::Null => {}
        value => match find(name) {
            None => faults.push(format!("there is no field \"{name}\" in the table")),
            Some((field, _)) if !field.shape.holds(value) => {
                faults.push(format!("\"{name}\" is {value}, which is no {}", field.shape.as_str()));
            }
            Some(_) => {}
        },
    }
}

impl Shape {
    /// What it is called; `[]` marks a list.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Keyword => "keyword",
            Self::Keywords => "keyword[]",
            Self::Text => "text",
            Self::Date => "date",
            Self::Long => "long",
            Self::Boolean => "boolean",
        }
    }

    /// Whether a value is that.
    fn holds(self, value: &Value) -> bool {
        match self {
            Self::Keyword | Self::Text => value.is_string(),
            Self::Keywords => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
            Self::Date => value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
            Self::Long => value.is_i64() || value.is_u64(),
            Self::Boolean => value.is_boolean(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::collections::BTreeSet;

    #[test]
    fn no_field_stands_twice_and_each_is_found() {
        let mut names = BTreeSet::new();
        for (name, field) in sections().flat_map(Section::named) {
            assert!(names.insert(name.clone()), "{name} stands twice");
            assert_eq!(find(&name).map(|(found, _)| found.name), Some(field.name));
            assert!(
                !field.when.is_empty() && !field.meaning.is_empty() && !field.meaning.ends_with('.'),
                "{name}"
            );
        }
        assert!(find("process").is_none() && find("mcpwatch.drift.nothing").is_none());
    }

    #[test]
    fn what_is_unknown_or_of_another_type_is_named() {
        let document = json!({
            "message": "It moved.", "tags": [], "event": { "sequence": "7", "nothing": 1 },
            "mcpwatch": { "provenance": { "ancestors": [{ "pid": 1 }, { "pid": "x" }], "install": null } },
        });
        assert_eq!(
            faults(document.as_object().unwrap()),
            [
                "there is no field \"event.nothing\" in the table",
                "\"event.sequence\" is \"7\", which is no long",
                "\"mcpwatch.provenance.ancestors.pid\" is \"x\", which is no long",
            ]
        );
    }
}
