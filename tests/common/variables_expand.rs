//! What must hold when any text is searched for variables. Shared by the fuzz target and the replay of its seeds.

use mcpwatch::model::variables::{Segment, Variables, names, segments};

/// Cuts and expands the text.
pub(crate) fn check(bytes: &[u8]) {
    let raw = String::from_utf8_lossy(bytes);
    let found = segments(&raw);
    let whole: String = found
        .iter()
        .map(|segment| match segment {
            Segment::Literal(literal) => *literal,
            Segment::Reference(reference) => reference.whole,
        })
        .collect();
    assert_eq!(whole, *raw, "nothing is lost between the segments");

    let nothing = Variables::default().expand(&raw);
    assert!(nothing.unknown.is_subset(&names(&raw)));
    let mut all = Variables::default();
    for name in names(&raw) {
        all.set(name, "");
    }
    let expanded = all.expand(&raw);
    assert!(expanded.unknown.is_empty());
    let literals: String = found
        .iter()
        .filter_map(|segment| match segment {
            Segment::Literal(literal) => Some(*literal),
            Segment::Reference(_) => None,
        })
        .collect();
    assert_eq!(expanded.value, literals, "what is set to nothing leaves the rest");
}
