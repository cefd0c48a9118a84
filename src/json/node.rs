//! What was read: a tree of values, each with its place. It must not know how it was read.

use std::fmt;
use std::ops::Range;

use super::object::Object;

/// A document as far as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The value that the document is.
    pub root: Node,
    /// Keys that an object among the wanted values has more than once, in the order of the text;
    /// see the module's notes on what is bounded. Also those inside a value that itself lost
    /// against a later one of the same name.
    pub duplicates: Vec<Duplicate>,
    /// How many more duplicates there are than are listed.
    pub unlisted_duplicates: usize,
}

/// A key that came again. The last one wins, wholly: nothing of the earlier value stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The names (and positions in lists) that lead to the member, its own name last.
    pub path: Vec<String>,
    /// Where the key is that came again, its quotes included: so far the winning one.
    pub span: Range<usize>,
    /// Where the key is that lost against it.
    pub lost: Range<usize>,
}

/// A value and its place.
#[derive(Clone, PartialEq)]
pub struct Node {
    /// Its place in bytes of the decoded text, without white space around it.
    pub span: Range<usize>,
    /// What it is.
    pub tree: Tree,
}

/// A value.
#[derive(Clone, PartialEq)]
pub enum Tree {
    /// It is there, and of this kind, and more was not asked for, or did not fit what was asked.
    Skipped(Kind),
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, infinite where it is too large.
    Number(f64),
    /// A string; each surrogate without a partner is one U+FFFD.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object.
    Object(Object),
    /// The raw text of an array or object that is nested too deep or is too large for a tree.
    Deep(Box<str>),
}

/// The kinds of value that JSON has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    Text,
    /// An array.
    List,
    /// An object.
    Object,
}

impl Kind {
    /// The kind of the value that begins with this byte.
    pub(super) fn of_first(byte: Option<u8>) -> Self {
        match byte {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::List,
            Some(b'"') => Kind::Text,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }
}

/// For people: "expected an object, found a list".
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Null => "null",
            Kind::Bool => "a boolean",
            Kind::Number => "a number",
            Kind::Text => "a string",
            Kind::List => "a list",
            Kind::Object => "an object",
        })
    }
}

impl Node {
    /// The kind of the value, kept or skipped.
    pub fn kind(&self) -> Kind {
        match &self.tree {
            Tree::Skipped(kind) => *kind,
            Tree::Null => Kind::Null,
            Tree::Bool(_) => Kind::Bool,
            Tree::Number(_) => Kind::Number,
            Tree::Text(_) => Kind::Text,
            Tree::List(_) => Kind::List,
            Tree::Object(_) => Kind::Object,
            Tree::Deep(raw) => Kind::of_first(raw.bytes().next()),
        }
    }

    /// The string, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Tree::Text(text) = &self.tree { Some(text) } else { None }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Tree::Bool(value) = self.tree { Some(value) } else { None }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<f64> {
        if let Tree::Number(value) = self.tree { Some(value) } else { None }
    }

    /// The values of a list that was kept.
    pub fn as_list(&self) -> Option<&[Node]> {
        if let Tree::List(nodes) = &self.tree { Some(nodes) } else { None }
    }

    /// The object, if it is one and was kept.
    pub fn as_object(&self) -> Option<&Object> {
        if let Tree::Object(object) = &self.tree { Some(object) } else { None }
    }

    /// The member of an object that was kept.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.as_object()?.get(name)
    }
}

/// Says kinds, counts and places, never what a value says: it may be a secret.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} at {}..{}", self.tree, self.span.start, self.span.end)
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tree::Skipped(kind) => write!(f, "Skipped({kind:?})"),
            Tree::Null => f.write_str("Null"),
            Tree::Bool(_) => f.write_str("Bool"),
            Tree::Number(_) => f.write_str("Number"),
            Tree::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Tree::List(nodes) => f.debug_list().entries(nodes).finish(),
            Tree::Object(object) => object.fmt(f),
            Tree::Deep(raw) => write!(f, "Deep({} bytes)", raw.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Shape, read};
    use super::*;

    #[test]
    fn accessors_answer_for_their_kind_only() {
        let document = read(r#"{"t":"x","b":true,"n":2,"l":[null],"z":null}"#, &Shape::Whole).unwrap();
        let root = &document.root;
        assert_eq!(root.kind(), Kind::Object);
        assert_eq!(root.get("t").unwrap().as_text(), Some("x"));
        assert_eq!(root.get("b").unwrap().as_bool(), Some(true));
        assert_eq!(root.get("n").unwrap().as_number(), Some(2.0));
        assert_eq!(root.get("l").unwrap().as_list().unwrap().len(), 1);
        assert_eq!(root.get("z").unwrap().kind(), Kind::Null);
        assert_eq!(root.get("t").unwrap().as_bool(), None);
        assert!(root.get("t").unwrap().get("x").is_none());
        assert!(root.get("missing").is_none());
    }

    #[test]
    fn debug_output_holds_no_values() {
        let document = read(r#"{"token":"hunter2","n":[4711]}"#, &Shape::Whole).unwrap();
        let shown = format!("{document:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
        assert!(!shown.contains("4711"), "{shown}");
    }
}
