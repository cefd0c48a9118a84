//! One pass over a text, keeping what a shape asks for. It must not know why a text is rejected;
//! `fault` looks for that.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::error::SyntaxError;
use super::fault;
use super::node::{Document, Kind, Node, Tree};
use super::object::Collector;
use super::scan::{Scan, Step};
use super::shape::Shape;
use super::string;

/// How many levels of lists and objects below a [`Shape::Whole`] become a tree.
pub const LEVELS: usize = 16;

/// How many entries a list or an object inside a [`Shape::Whole`] may have to become a tree.
pub const WIDTH: usize = 1 << 16;

/// When this many values inside lists and objects that are wanted whole were made, later lists and
/// objects are kept as raw text.
pub const NODES: usize = 1 << 18;

/// No shape is deeper, and with [`LEVELS`] it stays below the parser's own limit of 128.
const SHAPE_LEVELS: usize = 64;

/// Reads a text as `JSON.parse` does, and keeps what the shape asks for.
///
/// # Errors
/// The text is not JSON. The error says where and why, and nothing of what the text says.
pub fn read(text: &str, shape: &Shape) -> Result<Document, SyntaxError> {
    let mut scan = Scan::new(text);
    let mut parser = serde_json::Deserializer::from_str(text);
    let value = Value { scan: &mut scan, want: Want::of(shape), depth: 0 };
    match value.deserialize(&mut parser).and_then(|root| parser.end().map(|()| root)) {
        Ok(root) => {
            let (duplicates, unlisted_duplicates) = scan.finish();
            Ok(Document { root, duplicates, unlisted_duplicates })
        }
        Err(error) => Err(fault::explain(text, error.line())),
    }
}

/// What is wanted of one value.
#[derive(Clone, Copy)]
enum Want<'s> {
    Shaped(&'s Shape),
    /// All of it; the number says how many levels it is below the value that was asked for whole.
    Whole(usize),
}

impl<'s> Want<'s> {
    fn of(shape: &'s Shape) -> Self {
        match shape {
            Shape::Whole => Want::Whole(0),
            other => Want::Shaped(other),
        }
    }

    fn of_member(self, name: &str) -> Option<Self> {
        match self {
            Want::Shaped(shape) => shape.of_member(name).map(Want::of),
            Want::Whole(level) => Some(Want::Whole(level + 1)),
        }
    }
}

/// Reads one value. Containers that are to be looked into are entered, everything else is passed
/// over as raw text, which the parser does without recursion and without limits of its own on
/// numbers and surrogates.
struct Value<'s, 'c, 'a> {
    scan: &'c mut Scan<'a>,
    want: Want<'s>,
    depth: usize,
}

impl Value<'_, '_, '_> {
    fn enters(&self, first: Option<u8>) -> bool {
        match (first, self.want) {
            (Some(b'{'), Want::Shaped(Shape::Members(_) | Shape::EachMember(_))) => self.depth < SHAPE_LEVELS,
            (Some(b'{' | b'['), Want::Whole(level)) => level < LEVELS && self.scan.nodes < NODES,
            _ => false,
        }
    }
}

impl<'a> DeserializeSeed<'a> for Value<'_, '_, 'a> {
    type Value = Node;

    fn deserialize<D: Deserializer<'a>>(self, parser: D) -> Result<Node, D::Error> {
        let (start, first) = self.scan.ahead();
        if self.enters(first) {
            let inside = Inside { start, value: self };
            return if first == Some(b'{') {
                parser.deserialize_map(inside)
            } else {
                parser.deserialize_seq(inside)
            };
        }
        let raw = <&RawValue>::deserialize(parser)?.get();
        let span = self.scan.consume(raw);
        Ok(Node { span, tree: leaf(raw, self.want) })
    }
}

/// The tree of a value that is not looked into.
fn leaf(raw: &str, want: Want<'_>) -> Tree {
    let kind = Kind::of_first(raw.bytes().next());
    match (kind, want) {
        (_, Want::Shaped(Shape::Skip)) | (Kind::List | Kind::Object, Want::Shaped(_)) => Tree::Skipped(kind),
        (Kind::List | Kind::Object, Want::Whole(_)) => Tree::Deep(raw.into()),
        (Kind::Text, _) => Tree::Text(string::value(raw)),
        (Kind::Bool, _) => Tree::Bool(raw == "true"),
        (Kind::Null, _) => Tree::Null,
        // Every JSON number is one to `parse`, which rounds correctly and overflows to infinity.
        (Kind::Number, _) => Tree::Number(raw.parse().unwrap_or(f64::NAN)),
    }
}

/// Reads what is inside a list or an object.
struct Inside<'s, 'c, 'a> {
    start: usize,
    value: Value<'s, 'c, 'a>,
}

impl<'s, 'a> Inside<'s, '_, 'a> {
    fn child(&mut self, want: Want<'s>) -> Value<'s, '_, 'a> {
        if let Want::Whole(_) = want {
            self.value.scan.nodes += 1;
        }
        Value { scan: self.value.scan, want, depth: self.value.depth + 1 }
    }

    /// Whether a container of this length is too large for a tree.
    fn is_full(&self, length: usize) -> bool {
        matches!(self.value.want, Want::Whole(_)) && length >= WIDTH
    }

    /// The node, once the closing byte is the next: the tree, or raw text if that became too large.
    fn close(self, tree: Option<Tree>) -> Node {
        let scan = self.value.scan;
        let span = scan.close(self.start);
        let tree = tree.unwrap_or_else(|| Tree::Deep(scan.raw(span.clone()).into()));
        Node { span, tree }
    }
}

impl<'a> Visitor<'a> for Inside<'_, '_, 'a> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list or an object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<Node, A::Error> {
        self.value.scan.open(self.start);
        let mut members = Some(Collector::default());
        // Keys are read as raw text too: it gives their place, and unlike the parser's way of
        // reading keys as bytes it rejects control characters.
        while let Some(raw) = map.next_key::<&RawValue>()? {
            let raw = raw.get();
            let key = self.value.scan.consume(raw);
            let name = string::name(raw);
            let want = self.value.want.of_member(&name.text);
            let (Some(want), Some(kept)) = (want, &mut members) else {
                let skipped = map.next_value::<&RawValue>()?;
                self.value.scan.consume(skipped.get());
                continue;
            };
            if let Some(lost) = kept.earlier(&name) {
                self.value.scan.duplicate(&name.text, key.clone(), lost);
            }
            self.value.scan.enter(Step::Name(name.text.clone()));
            let node = map.next_value_seed(self.child(want))?;
            self.value.scan.leave();
            kept.put(name, key, node);
            if self.is_full(kept.len()) {
                members = None;
            }
        }
        Ok(self.close(members.map(|kept| Tree::Object(kept.finish()))))
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut list: A) -> Result<Node, A::Error> {
        self.value.scan.open(self.start);
        let want = match self.value.want {
            Want::Whole(level) => Want::Whole(level + 1),
            shaped @ Want::Shaped(_) => shaped,
        };
        let mut nodes = Some(Vec::new());
        loop {
            let Some(kept) = &mut nodes else {
                let Some(skipped) = list.next_element::<&RawValue>()? else { break };
                self.value.scan.consume(skipped.get());
                continue;
            };
            self.value.scan.enter(Step::Position(kept.len()));
            let node = list.next_element_seed(self.child(want))?;
            self.value.scan.leave();
            let Some(node) = node else { break };
            kept.push(node);
            if self.is_full(kept.len()) {
                nodes = None;
            }
        }
        Ok(self.close(nodes.map(Tree::List)))
    }
}
