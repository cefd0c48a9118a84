//! The index template of `packaging/siem/elastic/` is made of the table of fields. `MCPWATCH_REWRITE=1 cargo test --test siem`
//! writes it anew.

use mcpwatch::model::event::fields::{self, Section, Shape};
use serde_json::{Map, Value, json};
use std::fs;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/siem/elastic/index-template.json");

fn template() -> Value {
    let mut properties = Map::new();
    for (name, field) in fields::sections().flat_map(Section::named) {
        // The rest has its types from the template that Elasticsearch brings along.
        if name.starts_with("mcpwatch.") {
            put(&mut properties, &name, mapping(field.shape));
        }
    }
    json!({
        "_meta": {
            "description": "PUT _index_template/logs-mcpwatch.events. Made from the table of fields; not tried with Elasticsearch."
        },
        "index_patterns": ["logs-mcpwatch.events-*"],
        "data_stream": {},
        "priority": 300,
        "composed_of": ["ecs@mappings"],
        "template": {
            "settings": { "index.default_pipeline": "logs-mcpwatch.events" },
            "mappings": { "properties": properties },
        },
    })
}

fn mapping(shape: Shape) -> Value {
    match shape {
        Shape::Keyword | Shape::Keywords => json!({ "type": "keyword", "ignore_above": 8191 }),
        Shape::Text => json!({ "type": "match_only_text" }),
        Shape::Date => json!({ "type": "date" }),
        Shape::Long => json!({ "type": "long" }),
        Shape::Boolean => json!({ "type": "boolean" }),
    }
}

fn put(properties: &mut Map<String, Value>, name: &str, mapping: Value) {
    let Some((first, rest)) = name.split_once('.') else {
        properties.insert(name.to_owned(), mapping);
        return;
    };
    let inner = properties.entry(first).or_insert_with(|| json!({ "properties": {} }));
    put(inner["properties"].as_object_mut().unwrap(), rest, mapping);
}

#[test]
fn the_index_template_is_what_the_table_says() {
    let made = format!("{:#}\n", template());
    if std::env::var_os("MCPWATCH_REWRITE").is_some() {
        fs::write(FILE, &made).unwrap();
    }
    let stands = fs::read_to_string(FILE).unwrap_or_default();
    assert!(
        made == stands,
        "the index template is stale: MCPWATCH_REWRITE=1 cargo test --test siem writes it"
    );
}

#[test]
fn the_pipeline_is_json_and_names_fields_that_there_are() {
    let text = include_str!("../../packaging/siem/elastic/ingest-pipeline.json");
    let pipeline: Value = serde_json::from_str(text).unwrap();
    let id = pipeline["processors"][1]["set"]["copy_from"].as_str().unwrap();
    assert!(fields::find(id).is_some(), "{id}");
}
