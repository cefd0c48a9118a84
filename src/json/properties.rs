//! Properties of reading, against a reference that never parses: documents are made from a model
//! whose meaning is known.

use std::fmt::Write;

use proptest::prelude::*;

use super::fault;
use super::{LEVELS, NODES, Node, Shape, Tree, WIDTH, decode, line_and_column, read};

/// A value as it is written: names may repeat, white space and escapes vary.
#[derive(Debug, Clone)]
enum Written {
    Scalar(&'static str, Meant),
    Text(String, bool),
    List(Vec<Written>, &'static str),
    Object(Vec<(String, bool, Written)>, &'static str),
}

/// A scalar as it is meant.
#[derive(Debug, Clone, Copy)]
enum Meant {
    Null,
    Bool(bool),
    Number(f64),
    Text(&'static str),
}

fn written() -> impl Strategy<Value = Written> {
    let scalar = prop::sample::select(vec![
        ("null", Meant::Null),
        ("true", Meant::Bool(true)),
        ("false", Meant::Bool(false)),
        ("-0", Meant::Number(-0.0)),
        ("1e999", Meant::Number(f64::INFINITY)),
        ("-2.5E+3", Meant::Number(-2500.0)),
        ("9007199254740993", Meant::Number(9_007_199_254_740_992.0)),
        (r#""\ud800x""#, Meant::Text("\u{fffd}x")),
        (r#""\ud83d\ude00""#, Meant::Text("\u{1f600}")),
    ])
    .prop_map(|(text, meant)| Written::Scalar(text, meant));
    let leaf =
        prop_oneof![scalar, (".{0,8}", any::<bool>()).prop_map(|(text, all)| Written::Text(text, all))];
    leaf.prop_recursive(6, 60, 6, |inner| {
        let space = || prop::sample::select(vec!["", " ", "\n", "\r\n\t "]);
        let name = prop_oneof![3 => "[abc]", 1 => ".{0,4}"];
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..5), space()).prop_map(|(l, s)| Written::List(l, s)),
            (prop::collection::vec((name, any::<bool>(), inner), 0..6), space())
                .prop_map(|(o, s)| Written::Object(o, s)),
        ]
    })
}

fn quote(text: &str, escape_all: bool, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        if escape_all || character < ' ' || character == '"' || character == '\\' {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    out.push('"');
}

fn write_out(value: &Written, out: &mut String) {
    match value {
        Written::Scalar(text, _) => out.push_str(text),
        Written::Text(text, all) => quote(text, *all, out),
        Written::List(values, space) => {
            out.push('[');
            for (index, value) in values.iter().enumerate() {
                let _ = write!(out, "{}{space}", if index > 0 { "," } else { "" });
                write_out(value, out);
                out.push_str(space);
            }
            let _ = write!(out, "{space}]");
        }
        Written::Object(members, space) => {
            out.push('{');
            for (index, (name, all, value)) in members.iter().enumerate() {
                let _ = write!(out, "{}{space}", if index > 0 { "," } else { "" });
                quote(name, *all, out);
                let _ = write!(out, "{space}:{space}");
                write_out(value, out);
                out.push_str(space);
            }
            let _ = write!(out, "{space}}}");
        }
    }
}

/// Whether a tree means what was written.
fn means(value: &Written, node: &Node, text: &str) -> bool {
    match (value, &node.tree) {
        (Written::Scalar(_, Meant::Null), Tree::Null) => true,
        (Written::Scalar(_, Meant::Bool(meant)), Tree::Bool(found)) => meant == found,
        (Written::Scalar(_, Meant::Number(meant)), Tree::Number(found)) => meant.to_bits() == found.to_bits(),
        (Written::Scalar(_, Meant::Text(meant)), Tree::Text(found)) => meant == found,
        (Written::Text(meant, _), Tree::Text(found)) => meant == found,
        (Written::List(values, _), Tree::List(nodes)) => {
            values.len() == nodes.len() && values.iter().zip(nodes).all(|(v, n)| means(v, n, text))
        }
        (Written::Object(members, _), Tree::Object(object)) => {
            let mut expected: Vec<(&str, bool, &Written)> = Vec::new();
            for (name, all, value) in members {
                match expected.iter_mut().find(|(earlier, ..)| earlier == name) {
                    Some(earlier) => *earlier = (name, *all, value),
                    None => expected.push((name, *all, value)),
                }
            }
            expected.len() == object.len()
                && expected.iter().zip(object.members()).all(|((name, all, value), member)| {
                    let mut key = String::new();
                    quote(name, *all, &mut key);
                    *name == &*member.name
                        && text[member.key.clone()] == key
                        && means(value, &member.value, text)
                })
        }
        _ => false,
    }
}

fn repeated(value: &Written) -> usize {
    match value {
        Written::List(values, _) => values.iter().map(repeated).sum(),
        Written::Object(members, _) => {
            let inside: usize = members.iter().map(|(_, _, value)| repeated(value)).sum();
            let mut names: Vec<_> = members.iter().map(|(name, ..)| name).collect();
            names.sort();
            names.dedup();
            inside + members.len() - names.len()
        }
        _ => 0,
    }
}

proptest! {
    #[test]
    fn a_whole_document_means_what_was_written(value in written()) {
        let mut text = String::new();
        write_out(&value, &mut text);
        let document = read(&text, &Shape::Whole).unwrap();
        prop_assert!(means(&value, &document.root, &text));
        prop_assert_eq!(document.duplicates.len(), repeated(&value));
        for duplicate in &document.duplicates {
            let (won, lost) = (&text[duplicate.span.clone()], &text[duplicate.lost.clone()]);
            let name = duplicate.path.last().unwrap();
            for key in [won, lost] {
                let key = read(key, &Shape::Whole).unwrap();
                prop_assert_eq!(key.root.as_text(), Some(name.as_str()));
            }
        }
    }

    #[test]
    fn a_damaged_document_is_rejected_with_a_fault_or_read(value in written(), at: prop::sample::Index, with in ".?") {
        let mut text = String::new();
        write_out(&value, &mut text);
        let at = text.floor_char_boundary(at.index(text.len()));
        let next = text.ceil_char_boundary(at + 1);
        text.replace_range(at..next, &with);
        let result = read(&text, &Shape::Skip);
        prop_assert_eq!(result.is_err(), fault::find(&text).is_some(), "{:?}", text);
        if let Err(error) = result {
            prop_assert_eq!(line_and_column(&text, error.offset), (error.line, error.column));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = decode(&bytes);
        prop_assert_eq!(read(text.as_str(), &Shape::Whole).is_err(), fault::find(text.as_str()).is_some());
    }

    #[test]
    fn no_text_of_json_characters_makes_it_panic(text in r#"[\[\]{}:,"\\u0-3a-fntr.eE+ \-]{0,60}"#) {
        prop_assert_eq!(read(&text, &Shape::Whole).is_err(), fault::find(&text).is_some());
    }
}

const SERVERS: Shape = Shape::Members(&[("mcpServers", Shape::EachMember(&Shape::Whole))]);

#[test]
fn nothing_of_a_losing_value_stays() {
    let text = r#"{"mcpServers":{"old":{"url":"x"}},"other":1,"mcpServers":{"new":{}}}"#;
    let document = read(text, &SERVERS).unwrap();
    let names: Vec<_> = document.root.get("mcpServers").unwrap().as_object().unwrap().iter().collect();
    assert_eq!(names.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["new"]);
    assert_eq!(document.duplicates.len(), 1);
    assert_eq!(document.duplicates[0].path, ["mcpServers"]);
    assert_eq!(document.duplicates[0].span, 44..56);
    assert_eq!(document.duplicates[0].lost, 1..13);
}

#[test]
fn a_losing_object_can_lose_against_anything() {
    let document = read(r#"{"mcpServers":{"a":{}},"mcpServers":null}"#, &SERVERS).unwrap();
    assert_eq!(document.root.get("mcpServers").unwrap().tree, Tree::Null);
}

#[test]
fn names_are_compared_after_their_escapes() {
    let document = read(r#"{"mcpServers":{"a":{"url":1}},"\u006dcpServers":{"b":{}}}"#, &SERVERS).unwrap();
    assert_eq!(document.duplicates.len(), 1);
    assert!(document.root.get("mcpServers").unwrap().get("a").is_none());
}

#[test]
fn a_value_that_does_not_fit_keeps_its_kind() {
    let kept = |text: &str| read(text, &SERVERS).unwrap().root.get("mcpServers").unwrap().tree.clone();
    assert_eq!(kept(r#"{"mcpServers":[{"url":"x"}]}"#), Tree::Skipped(super::Kind::List));
    assert_eq!(kept(r#"{"mcpServers":"x"}"#), Tree::Text("x".into()));
    assert_eq!(read("[1]", &SERVERS).unwrap().root.tree, Tree::Skipped(super::Kind::List));
    assert_eq!(read("7", &SERVERS).unwrap().root.tree, Tree::Number(7.0));
}

#[test]
fn unwanted_duplicates_are_not_reported() {
    let document = read(r#"{"x":1,"x":{"a":1,"a":2},"mcpServers":{}}"#, &SERVERS).unwrap();
    assert_eq!(document.duplicates, []);
}

#[test]
fn a_duplicate_inside_a_list_has_its_position_in_the_path() {
    let document = read(r#"{"mcpServers":{"s":{"args":[0,{"k":1,"k":2}]}}}"#, &SERVERS).unwrap();
    assert_eq!(document.duplicates[0].path, ["mcpServers", "s", "args", "1", "k"]);
}

#[test]
fn any_depth_is_read_everywhere() {
    let depth = 300_000;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        for text in [format!("{{\"skipped\":{deep}}}"), format!("{{\"mcpServers\":{{\"s\":{deep}}}}}")] {
            assert!(read(&text, &SERVERS).is_ok());
            assert!(read(&text, &Shape::Whole).is_ok());
        }
    }
}

#[test]
fn what_is_deeper_than_the_limit_stays_raw() {
    let text = format!("{}1{}", "[".repeat(LEVELS + 2), "]".repeat(LEVELS + 2));
    let document = read(&text, &Shape::Whole).unwrap();
    let mut node = &document.root;
    for _ in 0..LEVELS {
        node = &node.as_list().unwrap()[0];
    }
    assert_eq!(node.tree, Tree::Deep("[[1]]".into()));
    assert_eq!(&text[node.span.clone()], "[[1]]");
}

#[test]
fn a_container_that_is_too_wide_stays_raw_and_its_neighbours_do_not() {
    let long = |entries: usize, entry: &str| vec![entry; entries].join(",");
    let text = format!(r#"{{"wide":[{}],"url":"x","full":[{}]}}"#, long(WIDTH, "0"), long(WIDTH - 1, "0"));
    let document = read(&text, &Shape::Whole).unwrap();
    let wide = document.root.get("wide").unwrap();
    assert_eq!(wide.tree, Tree::Deep(text[wide.span.clone()].into()));
    assert_eq!(document.root.get("url").unwrap().as_text(), Some("x"));
    assert_eq!(document.root.get("full").unwrap().as_list().unwrap().len(), WIDTH - 1);
}

#[test]
fn after_very_many_values_later_containers_stay_raw() {
    let inner = format!("[{}]", vec!["0"; 1_000].join(","));
    let text = format!("[{}]", vec![inner.as_str(); NODES / 1_000 + 10].join(","));
    let document = read(&text, &Shape::Whole).unwrap();
    let lists = document.root.as_list().unwrap();
    assert_eq!(lists[0].as_list().unwrap().len(), 1_000);
    assert_eq!(lists.last().unwrap().tree, Tree::Deep(inner.into()));
}

#[test]
fn control_characters_in_names_are_rejected_even_where_skipped() {
    for text in ["{\"a\n\":1}", "{\"mcpServers\":{\"\t\":1}}", "{\"x\":{\"\u{1}\":1}}"] {
        for shape in [Shape::Skip, Shape::Whole, SERVERS] {
            assert!(read(text, &shape).is_err());
        }
    }
}
