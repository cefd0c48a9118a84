//! What must hold when any bytes are read in any shape: shared by the fuzz target and by the test
//! that replays its seeds. It panics where something does not hold.

use mcpwatch::json::{Document, Kind, Node, Shape, Tree, decode, line_and_column, read};

const SERVER: Shape = Shape::Members(&[
    ("url", Shape::Whole),
    ("type", Shape::Whole),
    ("command", Shape::Skip),
    ("env", Shape::EachMember(&Shape::Skip)),
]);
const PROJECT: Shape = Shape::Members(&[
    ("mcpServers", Shape::EachMember(&Shape::Whole)),
    ("hasTrustDialogAccepted", Shape::Whole),
    ("enabledMcpjsonServers", Shape::Whole),
]);

/// Shapes of every sort, on the names that the seeds use.
const SHAPES: &[Shape] = &[
    Shape::Skip,
    Shape::EachMember(&Shape::Skip),
    Shape::EachMember(&Shape::Whole),
    Shape::EachMember(&SERVER),
    Shape::Members(&[]),
    Shape::Members(&[
        ("mcpServers", Shape::EachMember(&Shape::Whole)),
        ("projects", Shape::EachMember(&PROJECT)),
    ]),
    Shape::Members(&[("mcpServers", Shape::EachMember(&SERVER)), ("a", Shape::Whole), ("", Shape::Skip)]),
    Shape::Members(&[("a", SERVER), ("b", Shape::EachMember(&SERVER)), ("__proto__", Shape::Whole)]),
];

/// Reads the bytes in every shape and compares what comes out.
pub(crate) fn check(bytes: &[u8]) {
    let text = decode(bytes);
    assert_eq!(text.was_replaced(), std::str::from_utf8(bytes).is_err());
    let text = text.as_str();
    match read(text, &Shape::Whole) {
        Ok(whole) => {
            places(text, &whole.root);
            for shape in SHAPES {
                let shaped = read(text, shape).expect("what is accepted whole is accepted in any shape");
                agree(shape, &whole.root, &shaped.root);
                duplicates(text, &shaped);
            }
            duplicates(text, &whole);
        }
        Err(error) => {
            assert!(error.offset <= text.len());
            assert_eq!(line_and_column(text, error.offset), (error.line, error.column));
            assert_ne!(error.reason, "not valid JSON", "no fault was found in what was rejected");
            for shape in SHAPES {
                assert_eq!(read(text, shape).as_ref(), Err(&error), "in shape {shape:?}");
            }
        }
    }
}

fn is_key(text: &str, span: &std::ops::Range<usize>) -> bool {
    text.get(span.clone()).is_some_and(|key| key.len() >= 2 && key.starts_with('"') && key.ends_with('"'))
}

fn duplicates(text: &str, document: &Document) {
    for duplicate in &document.duplicates {
        assert!(is_key(text, &duplicate.span) && is_key(text, &duplicate.lost));
        assert!(duplicate.lost.end < duplicate.span.start);
        assert!(!duplicate.path.is_empty());
    }
}

/// Every place holds text that is itself a value of that kind, and a scalar means the same there.
fn places(text: &str, node: &Node) {
    let raw = text.get(node.span.clone()).expect("a span lies on character boundaries");
    let (first, last) = (raw.as_bytes()[0], raw.as_bytes()[raw.len() - 1]);
    match &node.tree {
        Tree::Object(object) => {
            assert_eq!((first, last), (b'{', b'}'));
            for member in object.members() {
                assert!(is_key(text, &member.key));
                assert!(member.key.end < member.value.span.start);
                assert!(object.get(&member.name).is_some());
                places(text, &member.value);
            }
        }
        Tree::List(nodes) => {
            assert_eq!((first, last), (b'[', b']'));
            nodes.iter().for_each(|node| places(text, node));
        }
        Tree::Deep(deep) => assert_eq!(&**deep, raw),
        scalar => assert_eq!(&read(raw, &Shape::Whole).expect("a scalar").root.tree, scalar),
    }
}

/// What was read in a shape is that part of what was read whole.
fn agree(shape: &Shape, whole: &Node, shaped: &Node) {
    assert_eq!(whole.span, shaped.span);
    assert_eq!(whole.kind(), shaped.kind());
    let of_member = |name: &str| match shape {
        Shape::Members(members) => members.iter().find(|(wanted, _)| *wanted == name).map(|(_, shape)| shape),
        Shape::EachMember(shape) => Some(*shape),
        Shape::Skip | Shape::Whole => None,
    };
    match (shape, &whole.tree, &shaped.tree) {
        (Shape::Skip, _, tree) => assert_eq!(*tree, Tree::Skipped(whole.kind())),
        // Levels are counted from where a value is wanted whole, so one side may end earlier.
        (_, Tree::Deep(_), _) => {}
        (Shape::Whole, _, _) => same(whole, shaped),
        (_, Tree::List(_), tree) => assert_eq!(*tree, Tree::Skipped(Kind::List)),
        (_, Tree::Object(all), Tree::Object(some)) => {
            let wanted: Vec<_> =
                all.members().iter().filter(|member| of_member(&member.name).is_some()).collect();
            assert_eq!(wanted.len(), some.len());
            for (one, other) in wanted.into_iter().zip(some.members()) {
                assert_eq!((&one.name, &one.key), (&other.name, &other.key));
                agree(of_member(&one.name).expect("it is wanted"), &one.value, &other.value);
            }
        }
        (_, whole, shaped) => assert!(whole == shaped, "{whole:?} is not {shaped:?}"),
    }
}

fn same(one: &Node, other: &Node) {
    assert_eq!(one.span, other.span);
    match (&one.tree, &other.tree) {
        (Tree::Deep(_), _) => assert_eq!(one.kind(), other.kind()),
        (Tree::List(ones), Tree::List(others)) => {
            assert_eq!(ones.len(), others.len());
            ones.iter().zip(others).for_each(|(one, other)| same(one, other));
        }
        (Tree::Object(ones), Tree::Object(others)) => {
            assert_eq!(ones.len(), others.len());
            for (one, other) in ones.members().iter().zip(others.members()) {
                assert_eq!((&one.name, &one.key), (&other.name, &other.key));
                same(&one.value, &other.value);
            }
        }
        (one, other) => assert!(one == other, "{one:?} is not {other:?}"),
    }
}
