//! Documents against the Elastic Common Schema: every field that is not our own is one of its fields, of its type.

use crate::corpus::documents;
use mcpwatch::model::event::fields::{self, Shape};
use serde_json::{Map, Value};

/// `name type`, with `[]` behind the type of a list and the values that are allowed behind that.
const SCHEMA: &str = include_str!("../schemas/ecs-fields.txt");

struct Known {
    shape: &'static str,
    allowed: Vec<&'static str>,
}

fn known(name: &str) -> Option<Known> {
    let line = SCHEMA.lines().find(|line| line.split(' ').next() == Some(name))?;
    let mut words = line.split(' ').skip(1);
    Some(Known { shape: words.next()?, allowed: words.collect() })
}

fn fits(shape: &str, value: &Value) -> bool {
    match (shape.strip_suffix("[]"), value) {
        (Some(shape), Value::Array(items)) => items.iter().all(|item| fits(shape, item)),
        (Some(_), _) | (None, Value::Array(_)) => false,
        (None, value) => match shape {
            "keyword" | "wildcard" | "match_only_text" | "text" => value.is_string(),
            "date" => value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok()),
            "long" | "integer" => value.is_i64() || value.is_u64(),
            "boolean" => value.is_boolean(),
            other => panic!("the schema has a type that nothing here uses: {other}"),
        },
    }
}

fn faults(name: &str, value: &Value, found: &mut Vec<String>) {
    if name == "mcpwatch" {
        return;
    }
    if let Value::Object(members) = value {
        members.iter().for_each(|(member, value)| faults(&format!("{name}.{member}"), value, found));
        return;
    }
    let Some(known) = known(name) else {
        found.push(format!("{name} is no field of the schema"));
        return;
    };
    if !fits(known.shape, value) {
        found.push(format!("{name} is {value} and should be {}", known.shape));
    }
    let items = value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
    let is_allowed =
        |item: &&Value| known.allowed.is_empty() || known.allowed.iter().any(|word| *item == word);
    found.extend(items.into_iter().filter(|item| !is_allowed(item)).map(|item| format!("{name} is {item}")));
}

fn faults_of(document: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    document.iter().for_each(|(name, value)| faults(name, value, &mut found));
    found
}

#[test]
fn every_field_is_one_of_the_schema_or_our_own() {
    for (document, text) in documents() {
        assert_eq!(faults_of(document), Vec::<String>::new(), "{text}");
        assert_eq!(fields::faults(document), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn the_table_agrees_with_the_schema() {
    for (name, field) in fields::sections().flat_map(fields::Section::named) {
        if name.starts_with("mcpwatch.") {
            continue;
        }
        let known = known(&name).unwrap_or_else(|| panic!("{name} is no field of the schema")).shape;
        let agrees = match field.shape {
            Shape::Keyword => matches!(known, "keyword" | "wildcard"),
            Shape::Keywords => matches!(known, "keyword[]" | "wildcard[]"),
            Shape::Text => matches!(known, "match_only_text" | "text"),
            Shape::Date => known == "date",
            Shape::Long => matches!(known, "long" | "integer"),
            Shape::Boolean => known == "boolean",
        };
        assert!(agrees, "{name} is {:?} here and {known} there", field.shape);
    }
}

#[test]
fn each_field_of_the_table_is_in_some_document() {
    let mut names = std::collections::BTreeSet::new();
    documents().iter().for_each(|(document, _)| collect("", &Value::Object(document.clone()), &mut names));
    let missing: Vec<String> = fields::sections()
        .flat_map(fields::Section::named)
        .map(|(name, _)| name)
        .filter(|name| !names.contains(name))
        .collect();
    assert_eq!(missing, Vec::<String>::new(), "nothing in the corpus shows these");
}

fn collect(name: &str, value: &Value, names: &mut std::collections::BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let inner =
                |member: &String| if name.is_empty() { member.clone() } else { format!("{name}.{member}") };
            members.iter().for_each(|(member, value)| collect(&inner(member), value, names));
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().for_each(|item| collect(name, item, names));
        }
        _ => _ = names.insert(name.to_owned()),
    }
}
