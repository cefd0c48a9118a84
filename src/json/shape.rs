//! What of a document is wanted. It knows nothing of how a document is read.

/// What of a document is wanted; the rest is skipped while parsing.
///
/// A shape is a constant of the program, never made of what a file says. A value that does not fit
/// (a list where members are asked for) is no error: a scalar is kept as it is, a list or an object
/// becomes [`Tree::Skipped`](super::Tree::Skipped) with its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Nothing but that it is there, where, and of which kind.
    Skip,
    /// All of it.
    Whole,
    /// These members of an object, each in its own shape; others leave no trace.
    Members(&'static [(&'static str, Shape)]),
    /// Every member of an object, all in the same shape.
    EachMember(&'static Shape),
}

impl Shape {
    /// The shape wanted of the member `name`, if it is wanted at all.
    pub(super) fn of_member(&self, name: &str) -> Option<&Shape> {
        match self {
            Shape::Members(members) => {
                members.iter().find_map(|(wanted, shape)| (*wanted == name).then_some(shape))
            }
            Shape::EachMember(shape) => Some(shape),
            Shape::Skip | Shape::Whole => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_found_by_name_and_each_member_by_any() {
        const INNER: Shape = Shape::Whole;
        let members = Shape::Members(&[("a", Shape::Skip), ("b", INNER)]);
        assert_eq!(members.of_member("b"), Some(&Shape::Whole));
        assert_eq!(members.of_member("c"), None);
        assert_eq!(Shape::EachMember(&INNER).of_member("anything"), Some(&Shape::Whole));
        assert_eq!(Shape::Whole.of_member("a"), None);
    }
}
